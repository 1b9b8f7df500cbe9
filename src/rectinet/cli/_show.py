"""Printing: one console, tables without vertical rules, readable numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

console = Console(highlight=False)


def show_table(headings: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """Print a table; the first column is left-aligned, the others right-aligned."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="left" if k == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def share(fraction: float) -> str:
    """0.8731 as "87.3 %"."""
    return f"{100 * fraction:.1f} %"


def size(n_bytes: int) -> str:
    """Bytes as kB or MB (decimal)."""
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:,.1f} kB"
