"""How fast explanations are, and how nearly they add up, beside captum and shap on the same network.

    python -m benchmarks.explain

MNIST by the network of `benchmarks.falling_rate`, all ten logits; IMDB by 5000-1000-1000-1000, all eight ratings. One
thread, processor time, contenders in turn, medians over rounds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks import machine
from benchmarks.falling_rate import FALLING, classifier
from benchmarks.results import RESULTS, write_results
from rectinet import RatingRegressor, RectifierClassifier
from rectinet.datasets import load
from rectinet.engine import get_engine
from rectinet.network import Network

SETTINGS = {"learning_rate": 0.1, "activity_l1": (1e-4, 4e-4, 6e-4), "decay_from": FALLING}
ROUNDS = 7
BATCH, ALONE, RIVALS = 2000, 200, 100  # images explained at once, one by one, and by the rivals
T = TypeVar("T")


def seconds(contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median processor seconds of each, in turn, after one call that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for k in range(rounds + 1):
        for name, call in contenders.items():
            began = time.process_time()
            call()
            if k > 0:
                taken[name].append(time.process_time() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


def by_numpy(network: Network, x: np.ndarray) -> np.ndarray:
    """Contributions of one example to all outputs, (n_outputs, n_inputs), in plain NumPy over the active units."""
    values, on = x, [np.flatnonzero(x)]
    for layer in network.hidden:
        values = np.maximum(values[on[-1]] @ layer.W[on[-1]] + layer.b, 0)
        on.append(np.flatnonzero(values))
    slopes = network.layers[-1].W[on[-1]]
    for layer, below, above in zip(reversed(network.hidden), reversed(on[:-1]), reversed(on[1:]), strict=True):
        slopes = layer.W[np.ix_(below, above)] @ slopes
    contributions = np.zeros((network.n_outputs, len(x)), network.dtype)
    contributions[:, on[0]] = (slopes * x[on[0], None]).T
    return contributions


def of_images(clf: RectifierClassifier, X: np.ndarray) -> dict[str, Any]:
    """Times of our own explanations, in seconds per image."""
    network, engine, readout = clf.network_, get_engine("native"), np.eye(10, dtype=np.float32)
    many, some = X[:BATCH], X[:ALONE]
    assert np.allclose(clf.explain(some).of(7), by_numpy(network, some[7]), atol=1e-4)
    batches = seconds(
        {
            "explain": lambda: clf.explain(many),
            "kernel": lambda: engine.affine_maps(network.layers, readout, many, contributions=True),
            "forward and backward": lambda: engine.affine_maps(
                network.layers, readout[:, :1], many, contributions=True
            ),
            "forward": lambda: engine.outputs(network, many),
        }
    )
    alone = seconds(
        {
            "explain": lambda: [clf.explain(x[None]) for x in some],
            "kernel": lambda: [engine.affine_maps(network.layers, readout, x[None], contributions=True) for x in some],
            "NumPy": lambda: [by_numpy(network, x) for x in some],
        }
    )
    return {
        "zeros": clf.sparsity(X).tolist(),
        "in_batches": {name: each / BATCH for name, each in batches.items()},
        "alone": {name: each / ALONE for name, each in alone.items()},
    }


def of_reviews() -> dict[str, Any]:
    """Times of 10,000 reviews, all eight ratings."""
    imdb = load("imdb")
    model = RatingRegressor(
        (1000, 1000, 1000), learning_rate=0.01, max_epochs=2, early_stopping=False, random_state=0
    ).fit(imdb.train.X, imdb.train.y)
    X = imdb.test.X
    engine, network = get_engine("native"), model.network_
    one = np.eye(network.n_outputs, dtype=np.float32)[:, :1]
    found = seconds(
        {
            "explain": lambda: model.explain(X),
            "forward and backward": lambda: engine.affine_maps(network.layers, one, X, contributions=True),
        },
        rounds=3,
    )
    return {
        "n": X.shape[0],
        "n_outputs": network.n_outputs,
        "words_each": X.nnz / X.shape[0],
        "zeros": model.sparsity(X).tolist(),
        "seconds": found,
    }


def beside_others(clf: RectifierClassifier, X: np.ndarray) -> dict[str, dict[str, float]]:
    """Completeness errors and seconds per image, all ten logits, of ours and of the rivals."""
    network, some = clf.network_, X[:RIVALS]
    outputs = clf.decision_function(some).astype(np.float64)
    at_zero = clf.decision_function(np.zeros_like(some[:1])).astype(np.float64)
    from benchmarks.explainers import explainers, module_of  # PyTorch, captum and shap: only here

    rivals = explainers(module_of(network), network.n_outputs)
    zero = np.zeros(some.shape[1])
    calls: dict[str, Callable[[], np.ndarray]] = {
        "rectinet explain": lambda: clf.explain(some).contributions,
        "rectinet explain_difference": lambda: np.concatenate(
            [clf.explain_difference(x, zero).contributions for x in some]
        ),
        **{name: (lambda rival=rival: rival(some)) for name, rival in rivals.items()},
    }
    taken = seconds(calls, rounds=3)
    found = {}
    for name, call in calls.items():
        expected = outputs - (clf.explain(some).constants if name == "rectinet explain" else at_zero)
        errors = np.abs(call().sum(axis=2, dtype=np.float64) - expected)
        found[name] = {
            "seconds": taken[name] / RIVALS,
            "median_error": float(np.median(errors)),
            "largest_error": float(errors.max()),
        }
        print(name, found[name], flush=True)
    found["rectinet explain_difference"] |= _exactly(clf, some, zero)
    return found


def _exactly(clf: RectifierClassifier, X: np.ndarray, zero: np.ndarray) -> dict[str, float]:
    """Errors of path integrals against the outputs in the float64 that they are computed in."""
    errors = [np.abs(clf.explain_difference(x, zero).errors) for x in X]
    return {"median_error": float(np.median(errors)), "largest_error": float(np.max(errors))}


def measure(out: Path) -> None:
    """Train the networks, then time."""
    mnist = load("mnist")
    clf = classifier(0, **SETTINGS).set_params(verbose=0).fit(mnist.train.X, mnist.train.y)
    images = of_images(clf, mnist.test.X)
    print(images, flush=True)
    reviews = of_reviews()
    print(reviews, flush=True)
    others = beside_others(clf, mnist.test.X)
    batches = images["in_batches"]
    figures = {
        "milliseconds_in_batches": 1e3 * batches["explain"],
        "milliseconds_alone": 1e3 * images["alone"]["explain"],
        "times_forward_and_backward": batches["explain"] / batches["forward and backward"],
        "seconds_for_reviews": reviews["seconds"]["explain"],
        "times_forward_and_backward_reviews": reviews["seconds"]["explain"]
        / reviews["seconds"]["forward and backward"],
        "largest_error": others["rectinet explain"]["largest_error"],
    }
    print(figures, flush=True)
    about = machine.description(1)
    about["versions"] |= {name: machine.version(name) for name in ("captum", "shap")}
    write_results(out, {"machine": about, "images": images, "reviews": reviews, "others": others, "figures": figures})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, choices=(1,), help="what is published is of one core")
    parser.add_argument("--out", type=Path, default=RESULTS / "explain.json")
    measure(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
