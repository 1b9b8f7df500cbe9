"""MNIST without pre-training: the learning rate from the paper's grid, by validation error.

    python -m benchmarks.mnist_grid --state FOLDER

Every epoch is kept: stopped at any moment, the same command goes on where it was. Results are in
`results/mnist_grid.json`. The paper's own test error for this set is in `study`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import rectinet
from benchmarks import machine
from benchmarks.problem import BATCH_SIZE, N_CLASSES, digits
from benchmarks.results import RESULTS, read_results, write_results
from rectinet import RectifierClassifier

RATES = (0.1, 0.01, 0.001, 0.0001)  # Glorot et al. 2011, section 4
HIDDEN = (1000, 1000, 1000)


@dataclass(frozen=True)
class Run:
    """One cell of the grid."""

    learning_rate: float
    activity_l1: float
    seed: int

    @property
    def name(self) -> str:
        return f"rate{self.learning_rate:g}-l1{self.activity_l1:g}-seed{self.seed}"

    def fresh(self, threads: int) -> RectifierClassifier:
        return RectifierClassifier(
            HIDDEN,
            learning_rate=self.learning_rate,
            activity_l1=self.activity_l1,
            batch_size=BATCH_SIZE,
            early_stopping=False,
            n_threads=threads,
            random_state=self.seed,
        )


def train(run: Run, *, epochs: int, patience: int, threads: int, state: Path) -> dict[str, Any]:
    """Train until the validation error has not improved for `patience` epochs; what is stored goes on."""
    progress = state / f"{run.name}.json"
    record = read_results(progress) or {**vars(run), "epochs": [], "best_epoch": 0}
    model = rectinet.load(_model_file(state, run, record)) if record["epochs"] else run.fresh(threads)
    while len(record["epochs"]) < epochs and len(record["epochs"]) - record["best_epoch"] < patience:
        record["epochs"].append(_epoch(model))
        errors = [epoch["validation_error"] for epoch in record["epochs"]]
        record["best_epoch"] = int(np.argmin(errors)) + 1
        model.save(_model_file(state, run, record))  # first the model, then the record that names it
        write_results(progress, record)
        _model_file(state, run, record, back=1).unlink(missing_ok=True)
        last = record["epochs"][-1]
        print(
            f"{run.name} epoch {len(errors)}: validation {last['validation_error']:.2%} test {last['test_error']:.2%} "
            f"zeros {np.mean(last['zeros']):.2f} {last['seconds']:.1f} s",
            flush=True,
        )
    return record


def _epoch(model: RectifierClassifier) -> dict[str, Any]:
    data = digits()
    model.partial_fit(data.train.X, data.train.y, classes=np.arange(N_CLASSES))
    last = model.history_[-1]
    return {
        "seconds": last["seconds"],
        "loss": last["loss"],
        "zeros": list(last["zeros"]),
        "union": list(last["union"]),
        "validation_error": float(np.mean(model.predict(data.valid.X) != data.valid.y)),
        "test_error": float(np.mean(model.predict(data.test.X) != data.test.y)),
    }


def _model_file(state: Path, run: Run, record: dict[str, Any], back: int = 0) -> Path:
    return state / f"{run.name}-epoch{len(record['epochs']) - back}.safetensors"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--l1", type=float, nargs="+", default=(0.0, 1e-4), help="activity L1, summed over units")
    parser.add_argument("--seeds", type=int, nargs="+", default=(0,))
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--patience", type=int, default=50, help="epochs without a better validation error")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--state", type=Path, default=Path("build/mnist_grid"), help="where unfinished runs are kept")
    parser.add_argument("--out", type=Path, default=RESULTS / "mnist_grid.json")
    given = parser.parse_args(arguments)
    given.state.mkdir(parents=True, exist_ok=True)
    description = machine.description(given.threads)
    for rate, l1, seed in product(given.rates, given.l1, given.seeds):
        run = Run(rate, l1, seed)
        record = train(run, epochs=given.epochs, patience=given.patience, threads=given.threads, state=given.state)
        stored = read_results(given.out)
        others = [r for r in stored.get("runs", []) if Run(r["learning_rate"], r["activity_l1"], r["seed"]) != run]
        write_results(given.out, {"machine": description, "runs": [*others, record]})


if __name__ == "__main__":
    main()
