"""The reference network of `benchmarks.falling_rate` served in onnxruntime beside `predictor`, one example at a time.

    python -m benchmarks.serving

One network on MNIST, exported with `to_onnx`; both answer the same test images with probabilities, in turn, on one
thread, timed by the processor. The outputs are compared on all 10,000 of them.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import machine
from benchmarks.falling_rate import classifier
from benchmarks.pruning import SETTINGS
from benchmarks.results import RESULTS, write_results
from rectinet.datasets import load

if TYPE_CHECKING:
    import onnxruntime

ROUNDS, CALLS = 15, 300


def session_of(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """A session with its threads pinned."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def in_turn(contenders: dict[str, Callable[[Any], Any]], X: np.ndarray) -> dict[str, float]:
    """Median processor milliseconds of one call."""
    rounds: dict[str, list[float]] = {label: [] for label in contenders}
    for _ in range(ROUNDS):
        for label, ask in contenders.items():
            began = time.process_time()
            for x in X[:CALLS]:
                ask(x)
            rounds[label].append(1e3 * (time.process_time() - began) / len(X[:CALLS]))
    return {label: statistics.median(of) for label, of in rounds.items()}


def measure(threads: int, out: Path) -> None:
    """Train, export, compare, time."""
    mnist = load("mnist")
    clf = classifier(0, **SETTINGS).set_params(verbose=0, n_threads=threads).fit(mnist.train.X, mnist.train.y)
    X, logits = mnist.test.X, clf.decision_function(mnist.test.X)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        clf.to_onnx(path)
        n_bytes, session = path.stat().st_size, session_of(path, threads)
        label, there = session.run(["label", "logits"], {"X": X})
        predict = clf.predictor()
        milliseconds = in_turn(
            {
                "rectinet": predict,
                "onnxruntime": lambda x: session.run(["probabilities"], {"X": x[np.newaxis]}),
            },
            X,
        )
    figures = {
        "time_share": milliseconds["rectinet"] / milliseconds["onnxruntime"],
        "difference": float(np.abs(there - logits).max() / np.abs(logits).max()),
    }
    about = {
        "milliseconds": milliseconds,
        "other_classes": int((label != clf.predict(X)).sum()),
        "n_examples": len(X),
        "test_error": float(1 - clf.score(X, mnist.test.y)),
        "zeros": float(np.mean(clf.sparsity(X))),
        "megabytes": n_bytes / 1e6,
    }
    print(about, figures, flush=True)
    write_results(out, {"machine": machine.description(threads), **about, "figures": figures})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / "serving.json")
    given = parser.parse_args(arguments)
    measure(given.threads, given.out)


if __name__ == "__main__":
    main()
