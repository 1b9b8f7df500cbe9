"""Processor seconds to a validation error: a falling rate here beside PyTorch's optimisers and schedules.

    python -m benchmarks.time_to_error [--data {mnist,imdb}] [--seeds N]

MNIST: 784-1000-1000-1000-10. IMDB: is a review positive, 5000-1000-1000-1000-2 on 20,000 binary bags of words, where
PyTorch also looks the words up in an EmbeddingBag. One thread. A recipe is an optimiser, a schedule, a minibatch and
the number of epochs that suits it; every recipe runs once, and those that reach a threshold first run with all seeds.
Seconds are of training alone: no contender pays for validation. Ours on MNIST is the run of benchmarks.falling_rate;
on IMDB rectinet, too, has recipes, which are chosen like PyTorch's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack

from benchmarks import machine
from benchmarks.contenders.torch_recipes import Curve, Recipe, torch_curve
from benchmarks.results import RESULTS, read_results, write_results
from rectinet.datasets import load
from rectinet.engine import Engine, get_engine
from rectinet.runs import Configuration, Data, Part, run

Examples = tuple[Any, NDArray[Any]]  # features and classes


@dataclass(frozen=True)
class Ours:
    """How rectinet trains: the rate falls linearly over the last nine tenths."""

    rate: float
    epochs: int
    activity_l1: float | tuple[float, ...] = 0.0
    batch: int = 10

    @property
    def name(self) -> str:
        """As tables have it."""
        return f"rectinet: {self.rate:g}, falling, L1 {self.activity_l1}, {self.batch}, {self.epochs} epochs"


@dataclass(frozen=True)
class Goal:
    """Data to learn, and the errors to get down to."""

    sizes: tuple[int, ...]
    thresholds: tuple[float, ...]
    recipes: tuple[Recipe, ...]
    ours: Callable[[], tuple[Ours, ...]]
    parts: Callable[[], tuple[Examples, Examples]]


def mnist() -> tuple[Examples, Examples]:
    """50,000 images to learn from, 10,000 to validate on."""
    found = load("mnist")
    return (found.train.X, found.train.y), (found.valid.X, found.valid.y)


def polarity() -> tuple[Examples, Examples]:
    """Of IMDB's reviews 20,000 to learn from, 4,902 to validate on; 7 stars and more are positive."""
    found = load("imdb")
    X = vstack([found.train.X, found.test.X], format="csr")
    stars = np.concatenate([found.train.y, found.test.y])
    return (X, (stars > 5).astype(np.int64)), (found.valid.X, (found.valid.y > 5).astype(np.int64))


def of_falling_rate() -> tuple[Ours, ...]:
    """What benchmarks.falling_rate chose by the validation error of other seeds."""
    chosen = json.loads((RESULTS / "falling_rate.json").read_text())
    settings = chosen["chosen"]
    penalty = settings["activity_l1"]
    penalty = tuple(penalty) if isinstance(penalty, list) else penalty
    return (Ours(settings["learning_rate"], chosen["epochs"], penalty),)


GOALS = {
    "mnist": Goal(
        (784, 1000, 1000, 1000, 10),
        (0.02, 0.018, 0.0165),
        (
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
        ),
        of_falling_rate,
        mnist,
    ),
    "imdb": Goal(
        (5000, 1000, 1000, 1000, 2),
        (0.13, 0.125, 0.12),
        (
            Recipe("Adam", 0.0003, "one cycle", 64, 2),
            Recipe("Adam", 0.001, "one cycle", 128, 2),
            Recipe("Adam", 0.001, "linear", 256, 3),
            Recipe("Adam", 0.001, "one cycle", 512, 4),
            Recipe("AdamW", 0.001, "cosine", 256, 3),
            Recipe("SGD momentum", 0.05, "one cycle", 128, 3),
            Recipe("Adam", 0.0003, "one cycle", 32, 2, "embedding"),
            Recipe("Adam", 0.0003, "one cycle", 64, 2, "embedding"),
            Recipe("Adam", 0.001, "one cycle", 128, 2, "embedding"),
            Recipe("Adam", 0.001, "linear", 256, 3, "embedding"),
            Recipe("Adam", 0.001, "one cycle", 512, 4, "embedding"),
            Recipe("SGD", 0.05, "linear", 32, 3, "embedding"),
            Recipe("SGD", 0.1, "linear", 64, 3, "embedding"),
            Recipe("SGD", 0.1, "one cycle", 128, 4, "embedding"),
        ),
        lambda: tuple(Ours(rate, epochs) for epochs in (2, 3) for rate in (0.01, 0.03, 0.1)),
        polarity,
    ),
}


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


def our_curve(ours: Ours, hidden: tuple[int, ...], train: Examples, valid: Examples, seed: int) -> Curve:
    """A run, validated after every epoch."""
    configuration = Configuration(
        hidden,
        learning_rate=ours.rate,
        decay_from=0.1,
        activity_l1=ours.activity_l1,
        batch_size=ours.batch,
        max_epochs=ours.epochs,
        random_state=seed,
    )
    engine, seconds = Clocked(get_engine("native", n_threads=1)), []

    def watch(moment: Any) -> bool:
        if moment.kind == "epoch":
            seconds.append(engine.seconds)
        return False

    outcome = run(configuration, Data(Part(*train), Part(*valid)), engine=engine, watch=watch)  # type: ignore[arg-type]
    return list(zip(seconds, [entry["validation_error"] for entry in outcome.history], strict=True))


def reached(curve: Curve, threshold: float) -> float | None:
    """Seconds until the error was first that low."""
    return next((seconds for seconds, error in curve if error <= threshold), None)


def curves(goal: Goal, seeds: int) -> Iterator[tuple[Ours | Recipe, int, Curve]]:
    """Every recipe once; then the best of each side and threshold with further seeds, in turn."""
    parts = goal.parts()

    def curve(recipe: Ours | Recipe, seed: int) -> Curve:
        if isinstance(recipe, Ours):
            return our_curve(recipe, goal.sizes[1:-1], *parts, seed)
        return torch_curve(recipe, goal.sizes, *parts, seed)

    first: dict[Ours | Recipe, Curve] = {}
    for recipe in (*goal.ours(), *goal.recipes):
        first[recipe] = curve(recipe, 0)
        yield recipe, 0, first[recipe]
    best: dict[Ours | Recipe, None] = {}
    for side in (Ours, Recipe):
        for threshold in goal.thresholds:
            times = {
                recipe: seconds
                for recipe, found in first.items()
                if isinstance(recipe, side) and (seconds := reached(found, threshold)) is not None
            }
            best |= dict.fromkeys(sorted(times, key=lambda recipe: times[recipe])[:1])
    for seed in range(1, seeds):
        for recipe in best:
            yield recipe, seed, curve(recipe, seed)


def figures(thresholds: tuple[float, ...], runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every threshold: the seconds of the best of each side, as means over the seeds that reached it."""
    return [_figure(threshold, runs) for threshold in thresholds]


def _figure(threshold: float, runs: list[dict[str, Any]]) -> dict[str, Any]:
    times: dict[str, list[float | None]] = {}
    for one in runs:
        times.setdefault(one["name"], []).append(reached(one["curve"], threshold))
    most = max(len(seconds) for seconds in times.values())
    found: dict[str, Any] = {"threshold": threshold, "seeds": most}
    for side in ("rectinet", "pytorch"):
        names = {one["name"] for one in runs if one["side"] == side and len(times[one["name"]]) == most}
        means = {name: statistics.mean(able) for name in names if (able := [s for s in times[name] if s is not None])}
        # A recipe that misses the threshold with some seed is a worse one than any that never does.
        best = min(means, key=lambda name: (times[name].count(None), means[name]), default=None)
        found[side] = best and {
            "recipe": best,
            "seconds": means[best],
            "reached": most - times[best].count(None),
        }
    ours, theirs = found["rectinet"], found["pytorch"]
    found["times"] = theirs["seconds"] / ours["seconds"] if ours and theirs else None
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=GOALS, default="mnist")
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args(arguments)
    goal, out = GOALS[chosen.data], RESULTS / "time_to_error.json"
    stored = read_results(out)
    runs: list[dict[str, Any]] = []
    for recipe, seed, curve in curves(goal, chosen.seeds):
        side = "rectinet" if isinstance(recipe, Ours) else "pytorch"
        runs.append({"side": side, "name": recipe.name, "seed": seed, "curve": curve})
        print(recipe.name, seed, [(round(s, 1), f"{e:.2%}") for s, e in curve], flush=True)
        stored[chosen.data] = {
            "machine": machine.description(1),
            "runs": runs,
            "figures": figures(goal.thresholds, runs),
        }
        write_results(out, stored)


if __name__ == "__main__":
    main()
