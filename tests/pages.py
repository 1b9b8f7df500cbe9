"""The code of the documentation's pages, run as a reader would run it, on small data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
ELSEWHERE = {  # pages whose code is run beside the tests of the same subject, or where what it needs is installed
    "nistp.md": "datasets/nistp/test_page.py",
    "coming-from.md": "peers/test_pages.py",
    "saving.md": "peers/test_pages.py",
    "serving.md": "peers/test_pages.py",
    "scaling-out.md": "peers/test_pages.py",
}


def blocks(page: str) -> list[str]:
    """Its pieces of Python, in order."""
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def run(page: str, scope: dict[str, Any], replaced: dict[str, str] | None = None) -> dict[str, Any]:
    """The names that the pieces leave, run one after the other among the names of `scope`.

    Each of `replaced` must be there: sizes and places that a test cannot have.
    """
    code = "\n".join(blocks(page))
    for old, new in (replaced or {}).items():
        assert old in code, f"{page} no longer says {old}"
        code = code.replace(old, new)
    names = dict(scope)
    exec(compile(code, page, "exec"), names)
    return names
