"""A table of named columns, into which files and data frames are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.shown import listed


@dataclass(frozen=True)
class Column:
    """The cells of one column.

    Attributes
    ----------
    values : ndarray of shape (n_rows,)
        Numbers (NaN if missing), bool, datetime64 (NaT if missing), or objects: str, and None if missing.
    is_category : bool
        Whether the data frame declares the column as categories, whatever its values look like.
    """

    values: NDArray[Any]
    is_category: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the cells are texts whose meaning is not yet determined."""
        return self.values.dtype.kind == "O"


@dataclass(frozen=True)
class Frame:
    """Named columns, all of the same length.

    Attributes
    ----------
    columns : mapping of str to Column
    n_rows : int
    source : str
        The file, or the name of the argument, for messages.
    lines : sequence of int or None
        Line of the file in which each row begins.
    """

    columns: Mapping[str, Column]
    n_rows: int
    source: str = "X"
    lines: Sequence[int] | None = field(default=None, repr=False)

    @property
    def names(self) -> list[str]:
        return list(self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        return self.n_rows, len(self.columns)

    def __len__(self) -> int:
        return self.n_rows

    def __getitem__(self, rows: NDArray[Any] | slice) -> Frame:
        return self.take(rows)

    @property
    def listed_names(self) -> str:
        """The column names, for messages."""
        return listed(self.names)

    def where(self, row: int) -> str:
        """The name of a row in messages."""
        return f"{self.source}, row {row}" if self.lines is None else f"{self.source}, line {self.lines[row]}"

    def take(self, rows: NDArray[Any] | slice) -> Frame:
        """Some rows."""
        columns = {name: Column(column.values[rows], column.is_category) for name, column in self.columns.items()}
        lines = None if self.lines is None else np.asarray(self.lines)[rows]
        n_rows = len(np.arange(self.n_rows)[rows])
        return Frame(columns, n_rows, self.source, None if lines is None else lines.tolist())

    def pieces(self, n_rows: int) -> Iterator[Frame]:
        """Some rows at a time."""
        return (self.take(slice(start, start + n_rows)) for start in range(0, self.n_rows, n_rows))
