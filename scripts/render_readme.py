"""Render our numbers into README.md from the stored results of the benchmarks: nobody types a number.

python scripts/render_readme.py            write the part between the markers anew
python scripts/render_readme.py --check    exit 1 when it is not what the results say
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bars import judge  # noqa: E402
from benchmarks.readme import table  # noqa: E402
from benchmarks.results import RESULTS, read_all, read_results, write_text  # noqa: E402

BEGIN = "<!-- numbers: rendered by scripts/render_readme.py, do not edit -->"
END = "<!-- end of numbers -->"
NONE_YET = "Not measured yet: `make bench` measures them on real MNIST.\n"


def rendered(readme: str, folder: Path = RESULTS) -> str:
    """The README with the part between the markers as the results in `folder` say."""
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md needs the two markers {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{numbers(folder)}\n{END}{tail}"


def numbers(folder: Path) -> str:
    """The claims that were judged and the best error on MNIST, as Markdown."""
    results, grid = read_all(folder), read_results(folder / "mnist_grid.json")
    parts = []
    if results:
        machine = results["machine"]
        parts.append(
            f"On {machine['cpu']}, {machine['threads']} thread, one run, contenders in turn "
            f"([how, and all the figures](benchmarks/README.md)):\n"
        )
        parts.append(table(("", "measured", "asked for"), _claims(results)))
    if grid:
        parts.append(_best_on_mnist(grid))
    return "\n".join(parts) or NONE_YET


def _claims(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (verdict.name, verdict.measured, verdict.required if verdict.passed else f"{verdict.required} (not reached)")
        for verdict in judge(results)
    ]


def _best_on_mnist(grid: dict[str, Any]) -> str:
    """Chosen by validation error, as in the paper; the test error is that of the chosen parameters."""
    chosen = min(grid["runs"], key=lambda run: float(_kept(run)["validation_error"]))
    kept = _kept(chosen)
    zeros = ", ".join(f"{share:.0%}" for share in kept["zeros"])
    return (
        f"MNIST, 50,000 training examples, no pre-training: {kept['test_error']:.2%} test error (rate "
        f"{chosen['learning_rate']:g}, activity L1 {chosen['activity_l1']:g}, epoch {chosen['best_epoch']}, seed "
        f"{chosen['seed']}), with {zeros} exact zeros by layer. The paper: 1.43 %.\n"
    )


def _kept(run: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = run["epochs"][run["best_epoch"] - 1]
    return kept


def main() -> int:
    path = ROOT / "README.md"
    before = path.read_text(encoding="utf-8")
    after = rendered(before)
    if "--check" in sys.argv[1:]:
        if after != before:
            print("README.md is not what the results say: run python scripts/render_readme.py", file=sys.stderr)
        return int(after != before)
    write_text(path, after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
