"""The process around a contender: options in, one line of JSON out per command.

Alone it trains once and prints its seconds. Under ``--serve`` it stays alive and obeys commands on stdin, one JSON
object a line, so that contenders can take turns every few seconds and a busy machine slows all of them alike:

    {"do": "train", "steps": 500}                      -> {"steps", "seconds", "cpu_seconds"}
    {"do": "evaluate"}                                 -> {"test_error", "validation_error", ...}
    {"do": "report"}                                   -> {"density", "union", ...} where the contender knows them
    {"do": "predict", "batch_size": 1, "calls": 1000}  -> {"calls", "seconds", "cpu_seconds"}
    {"do": "load", "path": "x.npz"}                    -> {}, and likewise "save"
    {"do": "bandwidth", "n_bytes": 11000000}           -> {"read", "read_modify_write"} in bytes per second
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import bandwidth
from benchmarks.problem import (
    BATCH_SIZE,
    Array,
    Labels,
    Parameters,
    digits,
    initial_parameters,
    load_parameters,
    parameters_at_density,
    save_parameters,
)
from rectinet.datasets import Split


@dataclass(frozen=True)
class Options:
    """What a contender is asked to be."""

    variant: str
    sizes: tuple[int, ...]
    activation: str
    learning_rate: float
    activity_l1: tuple[float, ...]  # one per hidden layer
    threads: int
    seed: int


class Contender(Protocol):
    """A network that can be trained by minibatch SGD and asked for its outputs."""

    def train(self, X: Array, y: Labels) -> None:
        """One pass over the rows, `BATCH_SIZE` at a time."""
        ...

    def predict(self, X: Array) -> Array:
        """Pre-softmax outputs of shape (n, 10)."""
        ...

    def load(self, parameters: Parameters) -> None:
        """Continue from these parameters."""
        ...

    def parameters(self) -> Parameters:
        """The parameters now."""
        ...

    def report(self) -> dict[str, Any]:
        """Anything more to say about the state: densities, unions since the last report."""
        ...


Build = Callable[[Options, Parameters], Contender]


class Stopwatch:
    """Adds up the time spent within it: on the clock, and of the processor, which a busy machine stretches less."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self.seconds -= time.perf_counter()
        self.cpu_seconds -= time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter()
        self.cpu_seconds += time.process_time()

    def read(self) -> dict[str, float]:
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}


class Worker:
    """A contender and its position in the training set."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self.position = 0

    def train(self, steps: int) -> dict[str, Any]:
        """`steps` minibatches, going round the training set in order."""
        data, left, watch = digits().train, steps * BATCH_SIZE, Stopwatch()
        while left:
            rows = slice(self.position, min(self.position + left, len(data)))
            with watch:
                self.contender.train(data.X[rows], data.y[rows])
            left -= rows.stop - rows.start
            self.position = rows.stop % len(data)
        return {"steps": steps, **watch.read()}

    def evaluate(self) -> dict[str, Any]:
        """Test and validation error, in 0..1, and the contender's own report."""
        data = digits()
        return {
            "test_error": self._error(data.test),
            "validation_error": self._error(data.valid),
            **self.contender.report(),
        }

    def predict(self, batch_size: int, calls: int) -> dict[str, Any]:
        """Time for `calls` calls on successive test images, after a tenth as many to warm up."""
        X = digits().test.X
        batches = [X[i : i + batch_size] for i in range(0, len(X) - batch_size + 1, batch_size)]
        for k in range(max(calls // 10, 2)):
            self.contender.predict(batches[k % len(batches)])
        with Stopwatch() as watch:
            for k in range(calls):
                self.contender.predict(batches[k % len(batches)])
        return {"calls": calls, **watch.read()}

    def load(self, path: str) -> dict[str, Any]:
        self.contender.load(load_parameters(Path(path)))
        return {}

    def save(self, path: str) -> dict[str, Any]:
        save_parameters(Path(path), self.contender.parameters())
        return {}

    def report(self) -> dict[str, Any]:
        return self.contender.report()

    def bandwidth(self, n_bytes: int) -> dict[str, Any]:
        read, read_modify_write = bandwidth(n_bytes)
        return {"read": read, "read_modify_write": read_modify_write}

    def _error(self, split: Split) -> float:
        outputs = [self.contender.predict(split.X[i : i + 1000]) for i in range(0, len(split), 1000)]
        return float(np.mean(np.concatenate(outputs).argmax(1) != split.y))


def main(build: Build, *, variants: tuple[str, ...], description: str | None, trains: bool = True) -> None:
    """Run a contender as a program; one that only predicts (`trains=False`) is timed on single examples."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--hidden", default="1000,1000,1000", help="units per hidden layer")
    parser.add_argument("--activation", choices=("relu", "tanh", "softplus"), default="relu")
    parser.add_argument("--rate", type=float, default=0.1, help="learning rate")
    parser.add_argument("--l1", default="0", help="activity L1, summed over units; or one per layer (rectinet only)")
    parser.add_argument("--density", type=float, help="fraction of hidden units on, set by the biases")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--core", type=int, help="run on this CPU only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--serve", action="store_true", help="obey JSON commands on stdin")
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    sizes = (784, *(int(n) for n in given.hidden.split(",")), 10)
    penalties = [float(penalty) for penalty in given.l1.split(",")]
    l1 = tuple(penalties if len(penalties) > 1 else penalties * (len(sizes) - 2))
    options = Options(given.variant, sizes, given.activation, given.rate, l1, given.threads, given.seed)
    with threadpool_limits(given.threads):
        if given.density is None:
            parameters = initial_parameters(sizes, given.seed)
        else:
            parameters = parameters_at_density(sizes, given.density, given.seed)
        worker = Worker(build(options, parameters))
        if trains:
            worker.train(20)  # compilation, allocation and cold caches are not what is measured
            worker.report()
        if given.serve:
            serve(worker)
        else:
            timed = worker.train(given.steps) if trains else worker.predict(1, given.steps)
            print(json.dumps({**vars(given), **timed, **worker.report()}))


def serve(worker: Worker) -> None:
    """Answer commands until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print must not be taken for an answer
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(worker, command.pop("do"))(**command)
        print(json.dumps(answer), file=answers, flush=True)
