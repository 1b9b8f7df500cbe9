"""Render docs/tables.md from the stored results of benchmarks/table_defaults.py: nobody types a number.

python scripts/render_tables.py            write the part between the markers anew
python scripts/render_tables.py --check    exit 1 when it is not what the results say
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import table_defaults  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402

PAGE = ROOT / "docs" / "tables.md"
BEGIN = "<!-- numbers: rendered by scripts/render_tables.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, stored: dict[str, Any]) -> str:
    """The page, its figures between the markers as the results say."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"docs/tables.md needs the two markers {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{table_defaults(stored)}\n{END}{tail}"


def main() -> int:
    stored, before = read_results(RESULTS / "table_defaults.json"), PAGE.read_text(encoding="utf-8")
    after = rendered(before, stored)
    if "--check" in sys.argv[1:]:
        if after != before:
            print("docs/tables.md is not what the results say: run python scripts/render_tables.py", file=sys.stderr)
        return int(after != before)
    write_text(PAGE, after)
    return 0


if __name__ == "__main__":
    sys.exit(main())
