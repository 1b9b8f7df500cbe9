"""What pruning buys and costs: MNIST, the network of `benchmarks.falling_rate`, tolerance by tolerance.

    python -m benchmarks.pruning

Units are judged, and the tolerance is chosen, on the validation images, which the network was not trained on: the
largest tolerance at which at most half of the permitted share of them is given another class. What is published is
measured on the test images. One prediction is timed on one thread, the networks in turn, by processor time.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.falling_rate import FALLING, classifier
from benchmarks.results import RESULTS, write_results
from rectinet import RectifierClassifier
from rectinet.datasets import Dataset, load
from rectinet.engine import get_engine
from rectinet.estimators import Predictor
from rectinet.inside.pruning import without

SETTINGS = {"learning_rate": 0.1, "activity_l1": (1e-4, 4e-4, 6e-4), "decay_from": FALLING}
TOLERANCES = (0.0, 0.001, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.07, 0.1)
SEEDS = range(3)
PERMITTED = 0.001  # of the test images may be given another class
ROUNDS, CALLS = 15, 300


def seconds_per_call(predictors: Sequence[Predictor], X: np.ndarray) -> list[float]:
    """Median processor seconds of one prediction, the predictors in turn."""
    rounds: list[list[float]] = [[] for _ in predictors]
    for _ in range(ROUNDS):
        for predictor, seconds in zip(predictors, rounds, strict=True):
            began = time.process_time()
            for x in X[:CALLS]:
                predictor(x)
            seconds.append((time.process_time() - began) / len(X[:CALLS]))
    return [statistics.median(seconds) for seconds in rounds]


def changed_without_means(clf: RectifierClassifier, pruned: RectifierClassifier, X: np.ndarray) -> float:
    """Share of other classes if the mean outputs of what was removed were not put into the biases above."""
    bare = without(clf.network_, pruned.pruning_.kept)
    return float(
        np.mean(get_engine("native").outputs(bare, X).argmax(axis=1) != clf.decision_function(X).argmax(axis=1))
    )


def of_seed(mnist: Dataset, seed: int) -> dict[str, Any]:
    """One network, pruned at every tolerance."""
    clf = classifier(seed, **SETTINGS).set_params(verbose=0).fit(mnist.train.X, mnist.train.y)
    pruned = [clf.prune(mnist.valid.X, t, mnist.test.X, mnist.test.y) for t in TOLERANCES]
    seconds = seconds_per_call([p.predictor() for p in (clf, *pruned)], mnist.test.X)
    found = []
    for tolerance, model, taken in zip(TOLERANCES, pruned, seconds[1:], strict=True):
        record = model.pruning_
        assert record.held_out is not None
        found.append(
            {
                "tolerance": tolerance,
                "units": list(map(len, record.kept)),
                "size": record.n_parameters[1] / record.n_parameters[0],
                "seconds": taken,
                "validation_disagreement": record.seen.disagreement,
                "test_disagreement": record.held_out.disagreement,
                "test_disagreement_without_means": changed_without_means(clf, model, mnist.test.X),
                "test_error": 1 - record.held_out.score_after,
            }
        )
    allowed = [k for k, one in enumerate(found) if one["validation_disagreement"] <= PERMITTED / 2]
    print(seed, found[max(allowed)], f"{seconds[0]:.3g} s before", flush=True)
    return {
        "seed": seed,
        "seconds": seconds[0],
        "test_error": 1 - clf.score(mnist.test.X, mnist.test.y),
        "zeros": float(np.mean(clf.sparsity(mnist.test.X))),
        "pruned": found,
        "chosen": max(allowed),
    }


def measure(out: Path) -> None:
    """All seeds."""
    mnist = load("mnist")
    runs = [of_seed(mnist, seed) for seed in SEEDS]
    chosen = [run["pruned"][run["chosen"]] for run in runs]
    figures = {
        "disagreement": statistics.mean(one["test_disagreement"] for one in chosen),
        "time_share": statistics.mean(one["seconds"] / run["seconds"] for one, run in zip(chosen, runs, strict=True)),
    }
    print(figures, flush=True)
    write_results(
        out,
        {
            "machine": machine.description(1),
            "settings": SETTINGS,
            "permitted": PERMITTED,
            "runs": runs,
            "figures": figures,
        },
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, choices=(1,), help="what is published is of one core")
    parser.add_argument("--out", type=Path, default=RESULTS / "pruning.json")
    measure(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
