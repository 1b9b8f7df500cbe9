"""Processor seconds to a validation error: a falling rate here beside PyTorch's optimisers and schedules.

    python -m benchmarks.time_to_error [--recipes NAME...] [--seeds N]

MNIST, 784-1000-1000-1000-10, one thread. A recipe of PyTorch is an optimiser, a schedule, a minibatch and the number of
epochs that suits it; every recipe runs once, and those that reach a threshold first run with all seeds. Seconds are of
training alone: no contender pays for validation. Ours is the run of benchmarks.falling_rate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet.datasets import Dataset, load
from rectinet.engine import Engine, get_engine
from rectinet.runs import Configuration, Data, Part, run

THRESHOLDS = (0.02, 0.018, 0.0165)
SIZES = (784, 1000, 1000, 1000, 10)
Curve = list[tuple[float, float]]  # processor seconds so far and validation error, epoch by epoch


@dataclass(frozen=True)
class Recipe:
    """How PyTorch trains."""

    optimiser: str
    rate: float
    schedule: str  # "constant", "one cycle", "linear", "cosine"
    batch: int
    epochs: int

    @property
    def name(self) -> str:
        """As the table has it."""
        return f"{self.optimiser} {self.rate:g}, {self.schedule}, {self.batch}, {self.epochs} epochs"


RECIPES = (
    Recipe("Adam", 0.001, "constant", 128, 12),
    Recipe("Adam", 0.001, "linear", 128, 6),
    Recipe("Adam", 0.002, "one cycle", 64, 5),
    Recipe("Adam", 0.002, "one cycle", 128, 5),
    Recipe("Adam", 0.002, "one cycle", 128, 8),
    Recipe("Adam", 0.003, "one cycle", 256, 6),
    Recipe("Adam", 0.004, "one cycle", 256, 8),
    Recipe("Adam", 0.004, "one cycle", 512, 10),
    Recipe("AdamW", 0.002, "cosine", 128, 6),
    Recipe("SGD momentum", 0.05, "one cycle", 32, 6),
    Recipe("SGD momentum", 0.1, "one cycle", 64, 6),
    Recipe("SGD momentum", 0.1, "linear", 128, 8),
    Recipe("SGD", 0.2, "linear", 32, 6),
)


def torch_curve(recipe: Recipe, mnist: Dataset, seed: int) -> Curve:
    """Training by PyTorch, eager, with the set-to-none gradients that are fastest there."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(SIZES):
        linear = nn.Linear(n_in, n_out)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    X, y = torch.tensor(mnist.train.X), torch.tensor(mnist.train.y.astype(np.int64))
    X_valid, y_valid = torch.tensor(mnist.valid.X), torch.tensor(mnist.valid.y.astype(np.int64))
    makers: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "Adam": torch.optim.Adam,
        "AdamW": torch.optim.AdamW,
        "SGD": torch.optim.SGD,
        "SGD momentum": lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9, nesterov=True),
    }
    optimiser = makers[recipe.optimiser](net.parameters(), lr=recipe.rate)
    steps = -(-len(X) // recipe.batch)
    total = steps * recipe.epochs
    falls: dict[str, Callable[[int], float]] = {
        "constant": lambda step: 1.0,
        "linear": lambda step: 1 - step / total,
        "cosine": lambda step: 0.5 * (1 + float(np.cos(np.pi * step / total))),
    }
    if recipe.schedule == "one cycle":
        schedule: Any = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=total)
    else:
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, falls[recipe.schedule])
    curve: Curve = []
    seconds = 0.0
    for _ in range(recipe.epochs):
        began = time.process_time()
        for rows in torch.randperm(len(X)).split(recipe.batch):
            optimiser.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(X[rows]), y[rows]).backward()
            optimiser.step()
            schedule.step()
        seconds += time.process_time() - began
        with torch.no_grad():
            wrong = float((net(X_valid).argmax(1) != y_valid).float().mean())
        curve.append((seconds, wrong))
    return curve


class Clocked:
    """The native engine, which adds up its processor seconds of training."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.seconds = engine, 0.0

    def train(self, *arguments: Any) -> None:
        """As the engine does."""
        began = time.process_time()
        self.engine.train(*arguments)
        self.seconds += time.process_time() - began

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


def our_curve(mnist: Dataset, seed: int) -> Curve:
    """The run of benchmarks.falling_rate, validated after every epoch."""
    chosen = json.loads((RESULTS / "falling_rate.json").read_text())
    configuration = Configuration(max_epochs=chosen["epochs"], random_state=seed, **chosen["chosen"])
    engine, seconds = Clocked(get_engine("native", n_threads=1)), []

    def watch(moment: Any) -> bool:
        if moment.kind == "epoch":
            seconds.append(engine.seconds)
        return False

    parts = [Part(part.X, part.y) for part in (mnist.train, mnist.valid)]
    outcome = run(configuration, Data(*parts), engine=engine, watch=watch)  # type: ignore[arg-type]
    return list(zip(seconds, [entry["validation_error"] for entry in outcome.history], strict=True))


def reached(curve: Curve, threshold: float) -> float | None:
    """Seconds until the error was first that low."""
    return next((seconds for seconds, error in curve if error <= threshold), None)


def curves(mnist: Dataset, recipes: list[Recipe], seeds: int) -> Iterator[tuple[str, int, Curve]]:
    """Ours in turn with every recipe; then the best of each threshold, in turn with ours, with further seeds."""
    first: dict[Recipe, Curve] = {}
    for recipe in recipes:
        first[recipe] = torch_curve(recipe, mnist, 0)
        yield recipe.name, 0, first[recipe]
    yield "rectinet", 0, our_curve(mnist, 0)
    best = set()
    for threshold in THRESHOLDS:
        times = {recipe: reached(curve, threshold) for recipe, curve in first.items()}
        able = [recipe for recipe, seconds in times.items() if seconds is not None]
        best |= set(sorted(able, key=lambda recipe: times[recipe] or 0.0)[:1])
    for seed in range(1, seeds):
        yield "rectinet", seed, our_curve(mnist, seed)
        for recipe in best:
            yield recipe.name, seed, torch_curve(recipe, mnist, seed)


def figures(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every threshold: the mean seconds of ours and of PyTorch's best, over seeds that reached it."""
    found = []
    for threshold in THRESHOLDS:
        times: dict[str, list[float | None]] = {}
        for one in runs:
            times.setdefault(one["name"], []).append(reached(one["curve"], threshold))
        means = {
            name: statistics.mean(s for s in seconds if s is not None)
            for name, seconds in times.items()
            if any(s is not None for s in seconds)
        }
        theirs = {name: seconds for name, seconds in means.items() if name != "rectinet"}
        best = min(theirs, key=lambda name: theirs[name]) if theirs else None
        ours = means.get("rectinet")
        found.append(
            {
                "threshold": threshold,
                "rectinet": ours,
                "pytorch": best and theirs[best],
                "recipe": best,
                "times": theirs[best] / ours if best and ours else None,
                "reached": {name: sum(s is not None for s in seconds) for name, seconds in times.items()},
                "tried": {name: len(seconds) for name, seconds in times.items()},
            }
        )
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", type=int, nargs="*", help="numbers of the recipes, from 0")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS / "time_to_error.json")
    chosen = parser.parse_args(arguments)
    recipes = [RECIPES[k] for k in (chosen.recipes if chosen.recipes is not None else range(len(RECIPES)))]
    runs: list[dict[str, Any]] = []
    for name, seed, curve in curves(load("mnist"), recipes, chosen.seeds):
        runs.append({"name": name, "seed": seed, "curve": curve})
        print(name, seed, [(round(s, 1), f"{e:.2%}") for s, e in curve], flush=True)
        write_results(chosen.out, {"machine": machine.description(1), "runs": runs, "figures": figures(runs)})


if __name__ == "__main__":
    main()
