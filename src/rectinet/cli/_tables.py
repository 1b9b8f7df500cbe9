"""Users' tables with named columns, and progress while a long file is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from rich.progress import Progress, SpinnerColumn, TextColumn

from rectinet.cli._show import console
from rectinet.datasets import DataError
from rectinet.datasets._targets import target_values
from rectinet.datasets.errors import MissingColumnError
from rectinet.datasets.frame import Column, Frame
from rectinet.datasets.table_files import table_suffix
from rectinet.datasets.tables import DEFAULT_TARGET
from rectinet.encoders.files import TABLE_SUFFIXES, read_table_file
from rectinet.shown import shown
from rectinet.suggestion import did_you_mean

LONG: Final = 4 << 20  # bytes of a file that is read in about a second


def is_table(source: str) -> bool:
    """Whether a file's name says that it holds named columns."""
    return table_suffix(source) in TABLE_SUFFIXES


def read(source: str, quiet: bool = False) -> Frame:
    """The columns of a file, with a progress bar for a long one."""
    path = Path(source)
    shows = not quiet and path.exists() and path.stat().st_size > LONG
    with _counting(path.name, shows) as progress:
        return read_table_file(path, progress)


def with_target(frame: Frame, target: str | None) -> tuple[Frame, str]:
    """The table with its target's column converted to values, and the name of that column.

    Raises
    ------
    MissingColumnError
        When there is no such column.
    BadValueError
        For a cell that is not a number in a column of numbers, naming its line.
    """
    name = target or DEFAULT_TARGET
    if name not in frame.columns:
        asked = "" if target else ", which is taken for the target when none is named; name it with --target"
        raise MissingColumnError(
            f"{frame.source}: there is no column {shown(name)}{asked}; there are {frame.listed_names}"
            f"{did_you_mean(name, frame.columns)}"
        )
    column = frame.columns[name]
    if not column.is_text or frame.lines is None:
        return frame, name
    cells = ["" if cell is None else cell for cell in column.values]
    values = np.empty(len(cells), dtype=object)
    values[:] = target_values(cells, frame.lines, name, Path(frame.source))
    return Frame({**frame.columns, name: Column(values)}, frame.n_rows, frame.source, frame.lines), name


def chosen_columns(typed: list[str], frame: Frame) -> list[str]:
    """Columns named by an option, which may be repeated or list several with commas."""
    return [name for one in typed for name in ([one] if one in frame.columns else split(one))]


def split(typed: str) -> list[str]:
    """The words of a comma-separated list."""
    return [word.strip() for word in typed.split(",")]


def asked(source: str) -> Frame:
    """The table that a table model takes as input."""
    if not is_table(source):
        raise DataError(
            f"{source}: this model knows columns by their names, and takes {', '.join(TABLE_SUFFIXES)} files"
        )
    return read(source)


@contextmanager
def _counting(name: str, shows: bool) -> Iterator[Callable[[int], None]]:
    if not shows:
        yield lambda n_rows: None
        return
    columns = SpinnerColumn(), TextColumn("reading {task.description}: {task.completed:,} rows")
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda n_rows: bar.update(task, completed=n_rows)
