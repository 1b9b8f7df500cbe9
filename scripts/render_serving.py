"""Render the numbers of docs/serving.md and docs/scaling-out.md from stored results: nobody types a number.

python scripts/render_serving.py    write the parts between the markers anew
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import on_disk, serving  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402
from scripts.markers import between  # noqa: E402

PAGES = {"serving.md": ("serving.json", serving), "scaling-out.md": ("stored.json", on_disk)}
BEGIN = "<!-- numbers: rendered by scripts/render_serving.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, sentence: str) -> str:
    """The page with this sentence between the markers."""
    return between(page, BEGIN, END, sentence + "\n")


if __name__ == "__main__":
    for name, (results, said) in PAGES.items():
        page = ROOT / "docs" / name
        write_text(page, rendered(page.read_text(encoding="utf-8"), said(read_results(RESULTS / results))))
