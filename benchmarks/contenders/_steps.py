"""The process around a contender that takes training steps on a problem of its own: `_worker` without the digits.

{"do": "train", "steps": 10} -> {"steps", "seconds", "cpu_seconds"}
{"do": "report"}             -> {"loss", ...}, means since the last report
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from typing import Any, Protocol

from threadpoolctl import threadpool_limits

from benchmarks.contenders._worker import Stopwatch, serve
from benchmarks.machine import bandwidth
from benchmarks.problem import BATCH_SIZE


class Contender(Protocol):
    """Something that learns from `n_examples` examples."""

    n_examples: int

    def prepare(self, rows: slice) -> Any:
        """These examples as the contender likes them best: not timed."""
        ...

    def train(self, examples: Any) -> None:
        """One step per `BATCH_SIZE` of them."""
        ...

    def report(self) -> dict[str, Any]:
        """Anything to say about the steps since the last report."""
        ...


class Worker:
    """A contender and its position among the examples."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self.position = 0

    def train(self, steps: int) -> dict[str, Any]:
        """`steps` minibatches, going round the examples in order."""
        left, watch = steps * BATCH_SIZE, Stopwatch()
        while left:
            rows = slice(self.position, min(self.position + left, self.contender.n_examples))
            examples = self.contender.prepare(rows)
            with watch:
                self.contender.train(examples)
            left -= rows.stop - rows.start
            self.position = rows.stop % self.contender.n_examples
        return {"steps": steps, **watch.read()}

    def report(self) -> dict[str, Any]:
        return self.contender.report()

    def bandwidth(self, n_bytes: int) -> dict[str, Any]:
        read, read_modify_write = bandwidth(n_bytes)
        return {"read": read, "read_modify_write": read_modify_write}


def parser(description: str | None, variants: tuple[str, ...]) -> argparse.ArgumentParser:
    """The options every contender has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--core", type=int, help="run on this CPU only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--serve", action="store_true", help="obey JSON commands on stdin")
    return parser


def main(given: argparse.Namespace, build: Callable[[argparse.Namespace], Contender]) -> None:
    """Run a contender as a program."""
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    with threadpool_limits(given.threads):
        worker = Worker(build(given))
        worker.train(3)  # compilation, allocation and cold caches are not what is measured
        worker.report()
        if given.serve:
            serve(worker)
        else:
            print(json.dumps({**vars(given), **worker.train(given.steps), **worker.report()}))
