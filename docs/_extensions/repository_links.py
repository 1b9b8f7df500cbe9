"""Links of pages to files of the repository beside the documentation: to their page here, or to plain text.

Pages are read in the repository too, where `../benchmarks/README.md` leads to a file. On the site that file is the page
`benchmarks`; a link to a file that is no page (`../LICENSE`, a script) is shown as its text.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

PAGES = {
    "../benchmarks/README.md": "benchmarks.md",
    "../README.md": "index.md",
    "../CHANGELOG.md": "changes.md",
    "../CONTRIBUTING.md": "contributing.md",
}
# In a page that includes a file of the root, links of that file start at the root.
ROOT_PAGES = {"benchmarks": "benchmarks/", "changes": "", "contributing": ""}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def on_source_read(app: Any, name: str, content: list[str]) -> None:
    """Of a page's own text."""
    content[0] = rewritten(content[0])


def on_include_read(app: Any, path: Any, parent: str, content: list[str]) -> None:
    """Of a file that a page includes, whose links are relative to another folder."""
    folder = ROOT_PAGES.get(parent, "")
    text = re.sub(r"^# .*\n", "", content[0], count=1)

    def moved(match: re.Match[str]) -> str:
        target = match[2]
        if target.startswith(("http", "#", "mailto:")):
            return match[0]
        return f"[{match[1]}]({posixpath.relpath(folder + target, 'docs')})"

    content[0] = rewritten(LINK.sub(moved, text))


def rewritten(text: str) -> str:
    """With every link to a file outside docs/ led to its page, or shown as its text."""

    def one(match: re.Match[str]) -> str:
        words, (path, _, anchor) = match[1], match[2].partition("#")
        if not path.startswith("../"):
            return match[0]
        if path in PAGES:
            return f"[{words}]({PAGES[path]}{'#' + anchor if anchor else ''})"
        return words

    return LINK.sub(one, text)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", on_source_read)
    app.connect("include-read", on_include_read)
    return {"parallel_read_safe": True}
