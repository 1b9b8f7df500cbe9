"""Render docs/tables.md from the stored results of benchmarks/table_defaults.py: nobody types a number.

python scripts/render_tables.py    write the part between the markers anew
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import table_defaults  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402
from scripts.markers import between  # noqa: E402

PAGE = ROOT / "docs" / "tables.md"
BEGIN = "<!-- numbers: rendered by scripts/render_tables.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, stored: dict[str, Any]) -> str:
    """The page, its figures between the markers as the results say."""
    return between(page, BEGIN, END, table_defaults(stored), "docs/tables.md")


if __name__ == "__main__":
    write_text(PAGE, rendered(PAGE.read_text(encoding="utf-8"), read_results(RESULTS / "table_defaults.json")))
