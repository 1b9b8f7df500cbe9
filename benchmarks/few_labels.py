"""MNIST with few labels: what pre-training on the unlabelled images is worth, to rectifiers and to tanh units.

    python -m benchmarks.few_labels --state FOLDER

Of the 50,000 training images 1,000 or 100 keep their labels, as many of each class, in five draws; all 50,000 are seen
unlabelled. Networks are 784-500-500-500-10, their output layer starts at 0. The fine-tuning rate and the penalty on the
activities of each cell are those with the lowest validation error, averaged over the draws; training stops early by the
same 10,000 validation images, with and without pre-training alike. Both are paired by draw: a paired t test over the
draws, and McNemar's exact test on the test images of each draw.

Every run is kept: stopped at any moment, the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logit
from scipy.stats import binomtest, ttest_rel

from benchmarks import machine
from benchmarks.problem import BATCH_SIZE, N_CLASSES, Array, Labels, digits
from benchmarks.results import RESULTS, read_results, write_results
from rectinet.activations import Activation
from rectinet.autoencoder import NoiseKey, Reconstruction, Unlabelled, autoencoder
from rectinet.engine import Engine, Examples, Objective, get_engine
from rectinet.network import Network, initialise
from rectinet.noise import Corruption
from rectinet.randomness import Purpose, stream
from rectinet.training import Settings, Supervised, fit

SIZES = (784, 500, 500, 500, 10)
RATES = {1000: (0.1, 0.03), 100: (0.1, 0.03, 0.01)}  # candidates, by the number of labels
PENALTIES = (0.0, 1e-3)  # candidates: activity L1 of every hidden layer
DRAWS = range(5)
VISITS = 300  # of labelled images between two looks at the validation set, or as many as are labelled
MAX_LOOKS, PATIENCE = 200, 20
MASKING = Corruption("masking", 0.25)


@dataclass(frozen=True)
class Pretraining:
    """How the layers of one kind of unit learn from unlabelled images; each rate belongs to a layer."""

    reconstruction: Reconstruction
    learning_rates: tuple[float, ...]
    epochs: int = 12
    batch_size: int = 100
    corruption: Corruption = MASKING


UNITS = {
    "rectifier": Pretraining("softplus", (0.03, 0.01, 0.01)),
    "tanh": Pretraining("sigmoid", (0.1, 0.1, 0.1)),
}


@dataclass(frozen=True)
class Run:
    """One fine-tuning."""

    unit: str
    n_labels: int
    pretrained: bool
    learning_rate: float
    activity_l1: float
    draw: int

    @property
    def name(self) -> str:
        start = "pretrained" if self.pretrained else "fresh"
        how = f"rate{self.learning_rate:g}-l1{self.activity_l1:g}"
        return f"{self.unit}-{self.n_labels}-{start}-{how}-draw{self.draw}"


class Laboratory:
    """Runs what is asked for, once; `state` remembers."""

    def __init__(self, engine: Engine, state: Path) -> None:
        self.engine = engine
        self.state = state

    def pretrained(self, unit: str, seed: int) -> Network:
        """A network whose hidden layers were pre-trained, its output layer fresh."""
        network = fresh(unit, seed)
        path = self.state / f"{unit}-seed{seed}.npz"
        if not path.exists():
            began = time.perf_counter()
            pretrain(network, UNITS[unit], self.engine, seed)
            unfinished = path.with_suffix(".part.npz")
            np.savez(unfinished, seconds=time.perf_counter() - began, **dict(network.parameters()))
            unfinished.replace(path)
        with np.load(path) as stored:
            for name, values in network.parameters():
                values[...] = stored[name]
        return network

    def run(self, run: Run) -> dict[str, Any]:
        """Fine-tune; validation and test error, and which test images were wrong."""
        path = self.state / f"{run.name}.json"
        if not path.exists():
            write_results(path, asdict(run) | self._finetune(run))
        return read_results(path)

    def _finetune(self, run: Run) -> dict[str, Any]:
        data, rows = digits(), labelled_rows(digits().train.y, run.n_labels, run.draw)
        rows = np.tile(rows, max(1, VISITS // run.n_labels))
        network = self.pretrained(run.unit, run.draw) if run.pretrained else fresh(run.unit, run.draw)
        network.layers[-1].W[...] = 0  # few labels should not begin by undoing random outputs
        task = Supervised(
            network,
            Examples(data.train.X[rows], data.train.y[rows].astype(np.int32)),
            Objective("softmax", (run.activity_l1,) * len(network.hidden)),
            self.engine,
            Examples(data.valid.X, data.valid.y.astype(np.int32)),
        )
        began = time.perf_counter()
        state = fit(task, Settings(run.learning_rate, BATCH_SIZE, MAX_LOOKS, run.draw, patience=PATIENCE))
        wrong = self.engine.outputs(network, data.test.X).argmax(1) != data.test.y
        assert state.best is not None
        result = {
            "validation_error": state.best.error,
            "test_error": float(wrong.mean()),
            "epochs": len(state.history) * len(rows) // run.n_labels,
            "best_epoch": state.best_epoch * len(rows) // run.n_labels,
            "seconds": time.perf_counter() - began,
        }
        print(run.name, *(f"{key} {value:.4g}" for key, value in result.items()), flush=True)
        return result | {"wrong": np.flatnonzero(wrong).tolist()}

    def tuned(self, unit: str, n_labels: int, pretrained: bool) -> list[dict[str, Any]]:
        """Every draw, with the rate and the penalty that do best on the validation images."""
        candidates = (
            [self.run(Run(unit, n_labels, pretrained, rate, l1, draw)) for draw in DRAWS]
            for rate, l1 in product(RATES[n_labels], PENALTIES)
        )
        return min(candidates, key=lambda runs: float(np.mean([run["validation_error"] for run in runs])))

    def cell(self, unit: str, n_labels: int) -> dict[str, Any]:
        """With and without pre-training, side by side."""
        without, with_ = (self.tuned(unit, n_labels, pretrained) for pretrained in (False, True))
        errors = {name: [r["test_error"] for r in runs] for name, runs in (("without", without), ("with", with_))}
        return {
            "unit": unit,
            "n_labels": n_labels,
            "errors": errors,
            "mean": {name: float(np.mean(values)) for name, values in errors.items()},
            **{key: {"without": without[0][key], "with": with_[0][key]} for key in ("learning_rate", "activity_l1")},
            "p_paired_t": float(ttest_rel(errors["without"], errors["with"]).pvalue),
            "p_mcnemar": [mcnemar(a["wrong"], b["wrong"]) for a, b in zip(without, with_, strict=True)],
            "runs": [{key: value for key, value in r.items() if key != "wrong"} for r in (*without, *with_)],
        }


def fresh(unit: str, seed: int) -> Network:
    """The network before any training."""
    return initialise(SIZES, Activation(unit), rng=stream(seed, Purpose.INITIALISATION))


def labelled_rows(y: Labels, n_labels: int, draw: int) -> Labels:
    """As many rows of each class, other ones in each draw."""
    rng = np.random.default_rng([draw, n_labels])
    each = n_labels // N_CLASSES
    return np.concatenate([rng.choice(np.flatnonzero(y == k), each, replace=False) for k in range(N_CLASSES)])


def pretrain(network: Network, how: Pretraining, engine: Engine, seed: int) -> None:
    """Greedy, layer by layer, each on the clean codes of the one below; the network is changed in place."""
    X = H = digits().train.X
    n = len(X)
    for k, (layer, rate) in enumerate(zip(network.hidden, how.learning_rates, strict=True)):
        rng = stream(seed, Purpose.PRETRAINING_INITIALISATION, part=k)
        coder = autoencoder(layer, reconstruction=how.reconstruction, tied=False, by_output=False, rng=rng)
        targets = (H + 1) / 2 if k and layer.activation.name == "tanh" else None
        if how.reconstruction == "sigmoid":  # a softplus is flat there for pixels mostly off: it starts at 0
            coder.c[...] = visible_bias(H if targets is None else targets)
        examples = Unlabelled(H, targets, np.arange(n))
        for epoch in range(how.epochs):
            totals = engine.train_autoencoder(
                coder,
                examples,
                how.corruption,
                NoiseKey(seed + k, epoch, int(Purpose.NOISE)),
                activity_l1=0.0,
                order=stream(seed, Purpose.PRETRAINING_SHUFFLING, epoch, k).permutation(n),
                batch_size=how.batch_size,
                learning_rates=np.full(-(-n // how.batch_size), rate),
            )
        zeros = 1 - totals.active[1] / (n * layer.n_out)
        print(
            f"{layer.activation.name} seed {seed} layer {k + 1}: cost {totals.loss / n:.4g} zeros {zeros:.2f}",
            flush=True,
        )
        H = engine.hidden(network, X, k)


def visible_bias(targets: Array) -> Array:
    """The bias whose logistic reconstruction is the mean target, kept where gradients still flow."""
    return np.asarray(logit(np.clip(targets.mean(axis=0, dtype=np.float64), 0.01, 0.99)))


def mcnemar(wrong: list[int], wrong_too: list[int]) -> float:
    """Exact p of "both are wrong equally often", from the images that only one of them gets wrong."""
    only_first, only_second = len(set(wrong) - set(wrong_too)), len(set(wrong_too) - set(wrong))
    return float(binomtest(only_first, max(only_first + only_second, 1)).pvalue)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--state", type=Path, default=Path("build/few_labels"), help="where finished runs are kept")
    parser.add_argument("--out", type=Path, default=RESULTS / "few_labels.json")
    given = parser.parse_args(arguments)
    given.state.mkdir(parents=True, exist_ok=True)
    laboratory = Laboratory(get_engine("native", n_threads=given.threads), given.state)
    cells = []
    for unit, n_labels in product(UNITS, RATES):
        cells.append(laboratory.cell(unit, n_labels))
        stored = {"machine": machine.description(given.threads), **description(), "figures": figures(cells)}
        write_results(given.out, stored | {"cells": cells})


def figures(cells: list[dict[str, Any]]) -> dict[str, float]:
    """The numbers that claims are made of."""
    found = {}
    for cell in cells:
        name = f"{cell['unit']} {cell['n_labels']}"
        found |= {f"{name} {start}": error for start, error in cell["mean"].items()}
        found[f"{name} p"] = cell["p_paired_t"]
    return found


def description() -> dict[str, Any]:
    """The set-up, for the record."""
    pretraining = {unit: asdict(how) for unit, how in UNITS.items()}
    candidates = {"rates": RATES, "penalties": PENALTIES}
    return {"sizes": SIZES, **candidates, "batch_size": BATCH_SIZE, "pretraining": pretraining}


if __name__ == "__main__":
    main()
