"""Render the numbers of docs/serving.md and docs/scaling-out.md from stored results: nobody types a number.

python scripts/render_serving.py            write the parts between the markers anew
python scripts/render_serving.py --check    exit 1 when a page is not what the results say
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import on_disk, serving  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402

PAGES = {"serving.md": ("serving.json", serving), "scaling-out.md": ("stored.json", on_disk)}
BEGIN = "<!-- numbers: rendered by scripts/render_serving.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, sentence: str) -> str:
    """The page with this sentence between the markers."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the two markers {BEGIN} and {END}")
    return f"{head}{BEGIN}\n\n{sentence}\n\n{END}{tail}"


def main() -> int:
    wrong = 0
    for name, (results, said) in PAGES.items():
        path = ROOT / "docs" / name
        before = path.read_text(encoding="utf-8")
        after = rendered(before, said(read_results(RESULTS / results)))
        if "--check" not in sys.argv[1:]:
            write_text(path, after)
        elif after != before:
            wrong = 1
            print(f"docs/{name} is not what the results say: run python scripts/render_serving.py", file=sys.stderr)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
