"""Fuzz the parsers of `rectinet.datasets`: nothing but a DataError that names the file may escape, memory bounded.

    python -m benchmarks.fuzz.run                     ten minutes for each parser
    python -m benchmarks.fuzz.run --seconds 60
    python -m benchmarks.fuzz.run --only npz --seconds 60

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
import time
import warnings
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.fuzz.damage import check, damaged_files
from benchmarks.fuzz.targets import TARGETS, Target

RESULTS = Path(__file__).with_name("results.json")
EXAMPLES_PER_ROUND = 400


def fuzz(target: Target, seconds: float, folder: Path) -> dict[str, object]:
    """Try damaged files for so much processor time; each round has its own seed, so that a finding can be repeated."""
    outcomes: Counter[str] = Counter()
    start = time.process_time()
    rounds = 0
    while time.process_time() < start + seconds:
        rounds += 1

        @seed(rounds)
        @settings(
            max_examples=EXAMPLES_PER_ROUND,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(damaged_files(target))
        def one_round(content: bytes) -> None:
            outcomes[check(target, content, folder)] += 1

        one_round()
    spent = round(time.process_time() - start, 1)
    return {"seconds": spent, "files": outcomes.total(), "outcomes": dict(outcomes.most_common())}


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
    parser.add_argument("--only", choices=[target.name for target in TARGETS], action="append")
    arguments = parser.parse_args()
    warnings.simplefilter("error")  # a warning that only shows on a damaged file is a finding, too
    found = False
    for target in TARGETS:
        if arguments.only and target.name not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = fuzz(target, arguments.seconds, Path(folder))
            except Exception as error:
                found = True
                print(f"{target.name}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()), sep="\n  ")
                continue
        print(f"{target.name}: {json.dumps(result)}", flush=True)
        store(target.name, result)
    sys.exit(found)


if __name__ == "__main__":
    main()
