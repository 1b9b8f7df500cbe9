"""The report: our numbers beside the paper's, from what is stored."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rectinet.storage.atomic import write_atomically
from rectinet.study.records import Record
from rectinet.study.report._page import page, sections
from rectinet.study.report._summary import summary as summary
from rectinet.study.report._tables import Table
from rectinet.study.store import Store

__all__ = ["summary", "write_report"]


def write_report(source: Store | Sequence[Record], out: str | os.PathLike[str]) -> Path:
    """Write ``report.html``, and its tables as ``tables.md`` and ``tables.tex``, each whole or not at all.

    Parameters
    ----------
    source : Store or sequence of Record
        Of any experiments; what has not been run is shown as such.
    out : path
        Folder.

    Returns
    -------
    Path
        Of the page.
    """
    records = source.records() if isinstance(source, Store) else list(source)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    made = sections(records)
    tables = [block for section in made for block in section.blocks if isinstance(block, Table)]
    contents = {
        "tables.md": "\n".join(table.markdown() for table in tables),
        "tables.tex": "\n".join(table.latex() for table in tables),
        "report.html": page(records, made),
    }
    for name, content in contents.items():
        write_atomically(folder / name, [content.encode("utf-8")])
    return folder / "report.html"
