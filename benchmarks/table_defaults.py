"""`TableModel`'s defaults beside scikit-learn's perceptron behind a StandardScaler, and on the Adult census table.

    python -m benchmarks.table_defaults [--adult FOLDER]

Six data sets that come with scikit-learn, 20 paired splits of each into three quarters and a quarter; nothing of either
model is set but the seed. The defaults were chosen on other splits of these sets (seeds from 100) and by
cross-validation among Adult's training rows; its test rows were not looked at. FOLDER has train.csv.gz and test.csv.gz.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet import TableModel, load
from rectinet.estimators.table import table_estimator
from rectinet.targets import Task

SPLITS, ADULT_SEEDS = range(20), range(5)
BUNDLED: dict[str, tuple[str, Task]] = {
    "iris": ("load_iris", "classify"),
    "wine": ("load_wine", "classify"),
    "breast cancer": ("load_breast_cancer", "classify"),
    "digits": ("load_digits", "classify"),
    "diabetes": ("load_diabetes", "regress"),
}


def problems() -> Iterator[tuple[str, pd.DataFrame, Any, Task]]:
    """Name, table, targets and task of each."""
    for name, (loader, task) in BUNDLED.items():
        found = getattr(datasets, loader)(as_frame=True)
        yield name, found.data, found.target.to_numpy(), task
    X, y = datasets.make_friedman1(1000, noise=1.0, random_state=0)
    yield "friedman1", pd.DataFrame(X, columns=[f"x{k}" for k in range(10)]), y, "regress"


def of_split(X: pd.DataFrame, y: Any, task: Task, seed: int) -> tuple[float, float]:
    """Scores of the two on the quarter kept apart."""
    stratify = y if task == "classify" else None
    train, test, y_train, y_test = train_test_split(X, y, random_state=seed, stratify=stratify)
    perceptron = MLPClassifier(random_state=seed) if task == "classify" else MLPRegressor(random_state=seed)
    theirs = make_pipeline(StandardScaler(), perceptron)
    mine = TableModel(table_estimator(task, len(train), random_state=seed))  # the defaults, and a seed
    return float(mine.fit(train, y_train).score(test, y_test)), float(theirs.fit(train, y_train).score(test, y_test))


def compared() -> list[dict[str, Any]]:
    """Both on all six, split by split."""
    found = []
    for name, X, y, task in problems():
        scores = [of_split(X, y, task, seed) for seed in SPLITS]
        mine, theirs = (list(column) for column in zip(*scores, strict=True))
        differences = [a - b for a, b in scores]
        found.append(
            {
                "name": name,
                "rows": len(X),
                "columns": X.shape[1],
                "task": task,
                "rectinet": mine,
                "perceptron": theirs,
                "difference": statistics.mean(differences),
                "standard_error": statistics.stdev(differences) / len(differences) ** 0.5,
            }
        )
        print({name: f"{found[-1]['difference']:+.4f} ± {found[-1]['standard_error']:.4f}"}, flush=True)
    return found


def of_adult(folder: Path) -> list[dict[str, Any]]:
    """The command line with no option but the seed: seconds from its start to its end, and what came of it."""
    test = pd.read_csv(folder / "test.csv.gz")
    found = []
    for seed in ADULT_SEEDS:
        with tempfile.TemporaryDirectory() as out:
            parts = [str(folder / f"{part}.csv.gz") for part in ("train", "test")]
            words = ["train", parts[0], "--target", "outcome", "--test", parts[1], "--seed", str(seed), "--quiet"]
            command = [str(Path(sys.executable).with_name("rectinet")), *words, "--out", f"{out}/m.st"]
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - began
            model = load(f"{out}/m.st")
            shuffled = test[list(test.columns[::-1])]
            found.append(
                {
                    "seed": seed,
                    "seconds": seconds,
                    "test_error": 1 - model.score(test, test["outcome"]),
                    "same_shuffled": bool((model.predict(shuffled) == model.predict(test)).all()),
                    "zeros": model.sparsity(test).tolist(),
                }
            )
            print(found[-1], flush=True)
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adult", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS / "table_defaults.json")
    chosen = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": machine.description(1), "splits": len(SPLITS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the perceptron's, after its 200 epochs
        warnings.simplefilter("ignore", UserWarning)  # notes on targets and columns
        found["sets"] = compared()
    if chosen.adult is not None:
        found["adult"] = of_adult(chosen.adult)
    write_results(chosen.out, found)


if __name__ == "__main__":
    main()
