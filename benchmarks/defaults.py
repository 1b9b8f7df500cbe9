"""The estimators' defaults beside scikit-learn's perceptron, both behind a StandardScaler and left as they come.

    python -m benchmarks.defaults [--only NAME...] [--searched N]

Twenty paired splits of every set; the perceptron also with its width, penalty and rate searched on the training part of
the first five, or N. What the rules of `learning_rate="auto"` were chosen on (first splits, seeds below 100) is marked;
the other sets were not looked at before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet import RectifierClassifier, RectifierRegressor
from rectinet.datasets import load

SPLITS, SEARCHED = range(100, 120), 5
SEARCH = {"hidden_layer_sizes": [(100,), (300, 300)], "alpha": [1e-4, 1e-1], "learning_rate_init": [1e-3, 1e-2]}


@dataclass(frozen=True)
class Problem:
    """A data set as scikit-learn has it."""

    name: str
    make: Callable[[], tuple[Any, Any]]
    classify: bool
    seen: bool = False  # when the rules were chosen

    def of_split(self, seed: int) -> tuple[Any, Any, Any, Any]:
        """Three quarters to train on, a quarter to test on."""
        X, y = self.make()
        parts = train_test_split(X, y, random_state=seed, stratify=y if self.classify else None)
        return tuple(parts)  # type: ignore[return-value]


def bundled(name: str) -> Callable[[], tuple[Any, Any]]:
    return lambda: getattr(datasets, f"load_{name}")(return_X_y=True)


def mnist(n: int) -> tuple[Any, Any]:
    train = load("mnist").train
    return train.X[:n], train.y[:n]


def census(n: int) -> tuple[Any, Any]:
    """Adult's numeric columns, of the folder adult of RECTINET_DATA."""
    import os

    import pandas as pd

    table = pd.read_csv(Path(os.environ["RECTINET_DATA"]) / "adult" / "train.csv.gz", nrows=n)
    return table.select_dtypes("number").to_numpy(float), table["outcome"].to_numpy()


def books() -> tuple[Any, Any]:
    train = load("amazon-books").train
    return train.X, train.y


PROBLEMS = (
    Problem("iris", bundled("iris"), True, seen=True),
    Problem("wine", bundled("wine"), True, seen=True),
    Problem("breast cancer", bundled("breast_cancer"), True, seen=True),
    Problem("digits", bundled("digits"), True, seen=True),
    Problem("moons", lambda: datasets.make_moons(500, noise=0.3, random_state=1), True),
    Problem("noisy classes", lambda: datasets.make_classification(1000, flip_y=0.2, random_state=1), True),
    Problem("hastie", lambda: datasets.make_hastie_10_2(2000, random_state=1), True),
    Problem("Adult, numbers of 4,000", lambda: census(4000), True, seen=True),
    Problem("MNIST, 3,000 images", lambda: mnist(3000), True),
    Problem("Amazon books, words", books, True),
    Problem("diabetes", bundled("diabetes"), False, seen=True),
    Problem("friedman1", lambda: datasets.make_friedman1(1000, noise=1.0, random_state=1), False, seen=True),
    Problem("friedman2", lambda: datasets.make_friedman2(500, noise=50.0, random_state=1), False),
    Problem("friedman3", lambda: datasets.make_friedman3(500, noise=0.1, random_state=1), False),
    Problem("linear", lambda: datasets.make_regression(200, 50, noise=30.0, random_state=1), False, seen=True),
)


def timed(model: Any, X: Any, y: Any) -> float:
    """Processor seconds of a fit."""
    began = time.process_time()
    model.fit(X, y)
    return time.process_time() - began


def compared(problem: Problem, searched: int) -> dict[str, Any]:
    """All three, split by split."""
    ours = RectifierClassifier if problem.classify else RectifierRegressor
    theirs = MLPClassifier if problem.classify else MLPRegressor
    scores: dict[str, list[float]] = {"rectinet": [], "perceptron": [], "searched": []}
    seconds: dict[str, list[float]] = {name: [] for name in scores}
    for k, seed in enumerate(SPLITS):
        train, test, y_train, y_test = problem.of_split(seed)
        scale = MaxAbsScaler if issparse(train) else StandardScaler
        contenders = {"rectinet": ours(random_state=seed), "perceptron": theirs(random_state=seed)}
        if k < searched:
            contenders["searched"] = GridSearchCV(theirs(random_state=seed), SEARCH, cv=3)
        for name, model in contenders.items():
            pipe = make_pipeline(scale(), model)
            seconds[name].append(timed(pipe, train, y_train))
            scores[name].append(float(pipe.score(test, y_test)))
    differences = np.subtract(scores["rectinet"], scores["perceptron"])
    found = {
        "name": problem.name,
        "kind": "accuracy" if problem.classify else "R²",
        "seen": problem.seen,
        "rows": int(train.shape[0]),
        "columns": int(train.shape[1]),
        "scores": scores,
        "seconds": {name: statistics.median(values) for name, values in seconds.items()},
        "difference": float(differences.mean()),
        "standard_error": float(differences.std(ddof=1) / len(differences) ** 0.5),
    }
    means = {name: round(statistics.mean(values), 4) for name, values in scores.items()}
    print(
        problem.name, means, f"{found['difference']:+.4f} ± {found['standard_error']:.4f}", found["seconds"], flush=True
    )
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[problem.name for problem in PROBLEMS])
    parser.add_argument("--searched", type=int, default=SEARCHED, help="splits with a search, which takes the time")
    parser.add_argument("--out", type=Path, default=RESULTS / "defaults.json")
    chosen = parser.parse_args(arguments)
    found = json.loads(chosen.out.read_text())["sets"] if chosen.out.exists() else []
    for problem in PROBLEMS:
        if problem.name not in chosen.only:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the perceptron's, after its 200 epochs
            warnings.simplefilter("ignore", UserWarning)  # notes on early stopping
            one = compared(problem, chosen.searched)
        found = [*(other for other in found if other["name"] != problem.name), one]
        write_results(chosen.out, {"machine": machine.description(1), "splits": len(SPLITS), "sets": found})


if __name__ == "__main__":
    main()
