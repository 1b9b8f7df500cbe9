"""Render docs/pruning.md and its figure from the stored results of benchmarks/pruning.py: nobody types a number.

python scripts/render_pruning.py    write the part between the markers anew, and draw the figure
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
from scripts.markers import between  # noqa: E402

PAGE = ROOT / "docs" / "pruning.md"
FIGURE = ROOT / "docs" / "images" / "pruning.png"
BEGIN = "<!-- numbers: rendered by scripts/render_pruning.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, stored: dict[str, Any]) -> str:
    """The page, its figures between the markers as the results say."""
    return between(page, BEGIN, END, pruning(stored), "docs/pruning.md")


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


if __name__ == "__main__":
    stored = read_results(RESULTS / "pruning.json")
    write_text(PAGE, rendered(PAGE.read_text(encoding="utf-8"), stored))
    draw(stored, FIGURE)
