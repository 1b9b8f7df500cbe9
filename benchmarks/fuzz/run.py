"""Fuzz the parsers of `rectinet.datasets`: nothing but a DataError that names the file may escape, memory bounded.

    python -m benchmarks.fuzz.run                     ten minutes for each parser
    python -m benchmarks.fuzz.run --seconds 60
    python -m benchmarks.fuzz.run --only npz --seconds 60
    python -m benchmarks.fuzz.run --only limited-memory

`limited-memory` takes all parsers in turn, each file in a process of 1 GB: files of at most 2 MB that unpack to more.
`signed-models` are files of `rectinet.storage` that are wrong inside and signed again.

Writes `results.json` beside this file: for each parser the seconds (of processor time: a busy machine takes longer, not
less), the files tried and how they ended. A finding is
printed with the file that caused it, shrunk as far as hypothesis can, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.fuzz.bombs import bombs
from benchmarks.fuzz.damage import check, damaged_files
from benchmarks.fuzz.limited import LimitedReaders
from benchmarks.fuzz.signed import check_signed, signed_models
from benchmarks.fuzz.targets import TARGETS, Target

RESULTS = Path(__file__).with_name("results.json")
EXAMPLES_PER_ROUND = 400
BOMBS_PER_ROUND = 10  # each is up to seconds of work
LIMITED = "limited-memory"
SIGNED = "signed-models"


def fuzz(target: Target, seconds: float, folder: Path) -> dict[str, object]:
    """Try damaged files for so much processor time."""
    return _rounds(lambda _: damaged_files(target), lambda _, content: check(target, content, folder), seconds)


def fuzz_limited(seconds: float, folder: Path) -> dict[str, object]:
    """Try files that unpack to far more than they are, on all parsers in turn, where memory is short."""
    with LimitedReaders() as readers:

        def outcome(number: int, content: bytes) -> str:
            target = TARGETS[number % len(TARGETS)]
            path = folder / target.name / target.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return readers.outcome(target.name, path)

        return _rounds(lambda number: bombs(TARGETS[number % len(TARGETS)]), outcome, seconds, BOMBS_PER_ROUND)


def fuzz_signed(seconds: float, folder: Path) -> dict[str, object]:
    """Try model files that are signed correctly and wrong inside."""
    return _rounds(lambda _: signed_models(), lambda number, found: check_signed(number, found, folder), seconds)


def _rounds(
    files: Callable[[int], st.SearchStrategy[Any]],
    outcome: Callable[[int, Any], str],
    seconds: float,
    examples: int = EXAMPLES_PER_ROUND,
) -> dict[str, object]:
    """Rounds until so much processor time is spent; each has its own seed, so that a finding can be repeated."""
    outcomes: Counter[str] = Counter()
    start = _processor_seconds()
    rounds = 0
    while _processor_seconds() < start + seconds:
        rounds += 1

        @seed(rounds)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(files(rounds))
        def one_round(content: Any) -> None:
            outcomes[outcome(rounds, content)] += 1  # noqa: B023

        one_round()
    spent = round(_processor_seconds() - start, 1)
    return {"seconds": spent, "files": outcomes.total(), "outcomes": dict(outcomes.most_common())}


def _processor_seconds() -> float:
    """Of this process and its children; of those that still run only what Linux says in /proc."""
    spent = os.times()
    children = f"/proc/{os.getpid()}/task/{os.getpid()}/children"
    ticks = 0
    for child in Path(children).read_text().split() if Path(children).exists() else ():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])  # its own and its children's, user and system
    return sum(spent[:4]) + ticks / os.sysconf("SC_CLK_TCK")


def store(name: str, result: dict[str, object]) -> None:
    """Put one parser's result beside those of the others, which other processes may have written meanwhile."""
    results = json.loads(RESULTS.read_text())["parsers"] if RESULTS.exists() else {}
    results[name] = result
    record = {"python": platform.python_version(), "machine": platform.machine(), "parsers": results}
    partial = RESULTS.with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(record, indent=1) + "\n")
    os.replace(partial, RESULTS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600.0, help="for each parser")
    parser.add_argument("--only", choices=[*(target.name for target in TARGETS), LIMITED, SIGNED], action="append")
    arguments = parser.parse_args()
    warnings.simplefilter("error")  # a warning that only shows on a damaged file is a finding, too
    found = False
    fuzzers = {target.name: partial(fuzz, target) for target in TARGETS} | {LIMITED: fuzz_limited, SIGNED: fuzz_signed}
    for name, run in fuzzers.items():
        if arguments.only and name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = run(arguments.seconds, Path(folder))
            except Exception as error:
                found = True
                print(f"{name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n  ")
                continue
        print(f"{name}: {json.dumps(result)}", flush=True)
        store(name, result)
    sys.exit(found)


if __name__ == "__main__":
    main()
