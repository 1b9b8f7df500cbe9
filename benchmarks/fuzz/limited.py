"""The parsers where memory is short: each file is read by a process of its own that may have 1 GB of addresses.

    with LimitedReaders() as readers:
        readers.outcome("npz", path)

`python -m benchmarks.fuzz.limited` is the process behind it. It imports everything once, under the limit, and forks for
each file, so that what one reading leaves behind cannot help or hinder the next.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

MEMORY_BYTES = 1 << 30
PROCESSOR_SECONDS = 30  # a gigabyte of blank lines is read in no memory at all, but not in no time
OUT_OF_TIME = "out of time"
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}  # each one reserves addresses


class LimitedReaders:
    """The readers of all targets in a limited process."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.fuzz.limited"]
        environment = os.environ | THREADS | {"PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def outcome(self, target: str, path: Path) -> str:
        """ "read", the name of the DataError, or `OUT_OF_TIME`.

        Raises
        ------
        AssertionError
            If the reading ended in another way: with another error, a message without the file's name, or a signal.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps([target, str(path)]), file=self._process.stdin, flush=True)
        outcome, finding = json.loads(self._process.stdout.readline())
        assert not finding, f"{target}, {path}: {finding}"
        return str(outcome)


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from benchmarks.fuzz.targets import TARGETS

    readers = {target.name: target.read for target in TARGETS}
    with tempfile.TemporaryDirectory() as folder:
        for target in TARGETS:  # so that nothing is left to be imported
            path = Path(folder, target.name, target.file)
            path.parent.mkdir(parents=True)
            path.write_bytes(target.seeds[0])
            target.read(path)
    warnings.simplefilter("error")
    for line in sys.stdin:
        name, path = json.loads(line)
        print(json.dumps(_outcome_of(partial(readers[name], Path(path)), Path(path))), flush=True)


def _outcome_of(read: Callable[[], object], path: Path) -> tuple[str, str]:
    """(outcome, finding) of a forked process."""
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end)
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
        os.write(start, json.dumps(reading(read, path)).encode())
        os._exit(0)
    os.close(start)
    with os.fdopen(end, "rb") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == -signal.SIGXCPU:
        return OUT_OF_TIME, ""
    if status or not said:
        return "", f"the process ended with {status}"
    outcome, finding = json.loads(said)
    return outcome, finding


def reading(read: Callable[[], object], path: Path) -> tuple[str, str]:
    """(outcome, "") of a reading that ended as it may, else ("", finding)."""
    from rectinet.datasets import DataError

    try:
        read()
    except DataError as error:
        message = str(error)
        unnamed = path.name not in message and str(path.parent) not in message
        if unnamed or len(message) > 2000:
            return "", f"{type(error).__name__} of {len(message)} characters: {message[:300]}"
        return type(error).__name__, ""
    except BaseException as error:
        return "", f"{type(error).__name__}: {str(error)[:300]}"
    return "read", ""


if __name__ == "__main__":
    _serve()
