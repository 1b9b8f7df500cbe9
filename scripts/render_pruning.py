"""Render docs/pruning.md and its figure from the stored results of benchmarks/pruning.py: nobody types a number.

python scripts/render_pruning.py            write the part between the markers anew, and draw the figure
python scripts/render_pruning.py --check    exit 1 when the page is not what the results say
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import pruning  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402

PAGE = ROOT / "docs" / "pruning.md"
FIGURE = ROOT / "docs" / "images" / "pruning.png"
BEGIN = "<!-- numbers: rendered by scripts/render_pruning.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, stored: dict[str, Any]) -> str:
    """The page, its figures between the markers as the results say."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/pruning.md needs the two markers {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{pruning(stored)}\n{END}{tail}"


def draw(stored: dict[str, Any], path: Path) -> None:
    """Size, speed and changed answers against tolerance, means over the seeds."""
    from rectinet.plots import pruning_tradeoff

    runs = stored["runs"]

    def means(name: str) -> list[float]:
        return [statistics.mean(run["pruned"][k][name] for run in runs) for k in range(len(runs[0]["pruned"]))]

    speed = [
        statistics.mean(run["seconds"] / run["pruned"][k]["seconds"] for run in runs)
        for k in range(len(runs[0]["pruned"]))
    ]
    disagreement = {"validation": means("validation_disagreement"), "test": means("test_disagreement")}
    pruning_tradeoff(means("tolerance"), means("size"), speed, disagreement).savefig(path, dpi=110)


def main() -> int:
    stored, before = read_results(RESULTS / "pruning.json"), PAGE.read_text(encoding="utf-8")
    after = rendered(before, stored)
    if "--check" in sys.argv[1:]:
        if after != before:
            print("docs/pruning.md is not what the results say: run python scripts/render_pruning.py", file=sys.stderr)
        return int(after != before)
    write_text(PAGE, after)
    draw(stored, FIGURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
