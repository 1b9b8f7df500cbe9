"""What a falling learning rate makes of six epochs: MNIST, no pre-training, beside the constant rate of the paper.

    python -m benchmarks.falling_rate

Settings are chosen by the mean validation error of three seeds, among those that leave at least 85 % of the hidden
units at 0 on the validation images; the published figures are of five other seeds, one run at a time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet import RectifierClassifier
from rectinet.datasets import Dataset, load

EPOCHS = 6
RATES = (0.05, 0.1)
PENALTIES = (1e-4, 3e-4, (1e-4, 4e-4, 6e-4))
SEEDS, CHOOSING_SEEDS = range(5), range(100, 103)
LEAST_ZEROS = 0.85
CONSTANT = 1.0
FALLING = 0.1


def classifier(seed: int, **settings: Any) -> RectifierClassifier:
    """The paper's network, trained for a few epochs on one thread; its last parameters are kept."""
    return RectifierClassifier(
        (1000, 1000, 1000), max_epochs=EPOCHS, early_stopping=False, random_state=seed, verbose=1, **settings
    )


def trained(mnist: Dataset, seed: int, **settings: Any) -> dict[str, Any]:
    """One run: its processor seconds, and what came of it."""
    began = time.process_time()
    clf = classifier(seed, **settings).fit(mnist.train.X, mnist.train.y)
    seconds = time.process_time() - began
    return {
        "seed": seed,
        "processor_seconds": seconds,
        "validation_error": 1 - clf.score(mnist.valid.X, mnist.valid.y),
        "test_error": 1 - clf.score(mnist.test.X, mnist.test.y),
        "validation_zeros": float(np.mean(clf.sparsity(mnist.valid.X))),
        "zeros": float(np.mean(clf.sparsity(mnist.test.X))),
    }


def tried_out(mnist: Dataset, settings: dict[str, Any]) -> dict[str, Any]:
    """What validation images say of some settings."""
    runs = Parallel(n_jobs=2)(delayed(trained)(mnist, seed, **settings) for seed in CHOOSING_SEEDS)
    found = {"validation_error": _mean(runs, "validation_error"), "zeros": _mean(runs, "validation_zeros")}
    print(settings, found, flush=True)
    return {"settings": settings, **found}


def measure(out: Path) -> None:
    """Choose, then train with five seeds, the constant rate in between."""
    mnist = load("mnist")
    tried = [
        tried_out(mnist, {"learning_rate": rate, "activity_l1": penalty, "decay_from": FALLING})
        for rate, penalty in product(RATES, PENALTIES)
    ]
    sparse = [trial for trial in tried if trial["zeros"] >= LEAST_ZEROS]
    chosen = min(sparse, key=lambda trial: trial["validation_error"])["settings"]
    runs: dict[str, list[dict[str, Any]]] = {"falling": [], "constant": []}
    for seed in SEEDS:
        runs["falling"].append(trained(mnist, seed, **chosen))
        runs["constant"].append(trained(mnist, seed, **chosen | {"decay_from": CONSTANT}))
        print({kind: f"{of[-1]['test_error']:.2%}" for kind, of in runs.items()}, flush=True)
    figures = {
        "test_error": _mean(runs["falling"], "test_error"),
        "test_error_constant": _mean(runs["constant"], "test_error"),
        "processor_seconds": _mean(runs["falling"], "processor_seconds"),
        "on": 1 - _mean(runs["falling"], "zeros"),
    }
    print(figures, flush=True)
    found = {"machine": machine.description(1), "epochs": EPOCHS, "tried": tried, "chosen": chosen, "runs": runs}
    write_results(out, found | {"figures": figures})


def _mean(runs: list[dict[str, Any]], name: str) -> float:
    return statistics.mean(run[name] for run in runs)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, choices=(1,), help="what is published is of one core")
    parser.add_argument("--out", type=Path, default=RESULTS / "falling_rate.json")
    measure(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
