"""Contenders as long-lived processes that are told when to work."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from benchmarks.experiments import Entrant
from benchmarks.machine import environment


class ContenderError(RuntimeError):
    """A contender's process died; the message holds the end of what it said."""


class WorkerProcess:
    """One contender, started and warmed up, on one core."""

    def __init__(self, entrant: Entrant, *, core: int, threads: int, seed: int) -> None:
        self.label = entrant.label
        self.command = [
            *(sys.executable, "-m", f"benchmarks.contenders.{entrant.module}", *entrant.arguments),
            *("--serve", "--core", str(core), "--threads", str(threads), "--seed", str(seed)),
        ]
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment(threads),
        )
        self._answer()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send one command and wait; the answer gains "outside_seconds", the time seen from here."""
        assert self.process.stdin is not None
        start = time.perf_counter()
        with suppress(BrokenPipeError):  # the process is gone; `_answer` says why
            print(json.dumps({"do": do, **arguments}), file=self.process.stdin, flush=True)
        answer = self._answer()
        return answer | {"outside_seconds": time.perf_counter() - start}

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise ContenderError(
                f"contender {self.label!r} ended with status {self.process.returncode}; it said:\n"
                + self.errors.read()[-3000:]
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def workers(entrants: Sequence[Entrant], *, core: int, threads: int, seed: int) -> Iterator[dict[str, WorkerProcess]]:
    """All contenders of an experiment, by label, alive at the same time."""
    with ExitStack() as stack:
        started = {}
        for entrant in entrants:
            started[entrant.label] = WorkerProcess(entrant, core=core, threads=threads, seed=seed)
            stack.callback(started[entrant.label].close)
        yield started
