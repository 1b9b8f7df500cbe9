"""How long a person waits for the first answers: medians of whole commands, each against its bar.

    python -m benchmarks.startup

The exit status is 1 where a bar is missed. On a busy machine all of them are.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks import machine

BARS = {  # what is typed: seconds
    "--help": 0.3,
    "--version": 0.3,
    "trian digits": 0.5,
    "data list": 1.0,
}
ROUNDS = 9


def seconds(words: str) -> float:
    """Of one call, from outside."""
    command = [sys.executable, "-c", "from rectinet.cli import main; main()", *words.split()]
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - began


def main() -> None:
    about = machine.description(1)
    print(f"{about['cpu']}, {about['cores']} cores, load {about['load_average'][0]:.1f}")
    found = {words: statistics.median(seconds(words) for _ in range(ROUNDS)) for words in BARS}
    for words, median in found.items():
        print(f"rectinet {words:<14} {median:.3f} s   at most {BARS[words]:.1f} s")
    sys.exit(any(found[words] > bar for words, bar in BARS.items()))


if __name__ == "__main__":
    main()
