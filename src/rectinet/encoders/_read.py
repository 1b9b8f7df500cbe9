"""The cells of a column as numbers or categories, according to the fitted encoding of the column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.frame import Column
from rectinet.encoders.cells import Commas, DateOrder, Missing, days, number, truth
from rectinet.encoders.frames import texts
from rectinet.encoders.kinds import Kind
from rectinet.shown import listed

DAY = np.timedelta64(1, "D")


@dataclass
class Unread:
    """Cells of a column that cannot be used: unknown categories, or non-numbers in a column of numbers."""

    kind: Kind
    cells: Counter[str] = field(default_factory=Counter)

    def add(self, cells: Mapping[str, int]) -> None:
        self.cells.update(cells)

    def sentence(self, n_rows: int) -> str:
        """A sentence with their number and how they are handled."""
        what = "have a category that training did not have" if self.kind == "category" else f"are no {self.kind}"
        becomes = "counts as none of the known ones" if self.kind == "category" else "counts as missing"
        return f"{sum(self.cells.values())} of {n_rows} rows {what} ({listed(list(self.cells))}), which {becomes}"


def numbers_of(
    column: Column, kind: Kind, commas: Commas, order: DateOrder, missing: Missing
) -> tuple[NDArray[np.float64], Mapping[str, int]]:
    """Numbers, booleans as 0 and 1, or dates as days from 1970-01-01; NaN if missing.

    Returns
    -------
    values : ndarray of float64, shape (n_rows,)
    strange : mapping of str to int
        Cells that should be such a value but are not, and their counts.
    """
    found, values = column.values.dtype.kind, column.values
    if found == "M" and kind == "date":
        return np.where(np.isnat(values), np.nan, (values - np.datetime64(0, "us")) / DAY), {}
    if found in "iufb" and kind in ("number", "boolean"):
        plain = values.astype(np.float64)
        wrong = ~np.isnan(plain) & ~(np.isfinite(plain) if kind == "number" else np.isin(plain, (0, 1)))
        return np.where(wrong, np.nan, plain), Counter(map(str, values[wrong].tolist()))
    if not column.is_text:
        values = texts(values.tolist())
    readers: dict[str, Callable[[str], float | None]] = {
        "number": lambda cell: number(cell, commas),
        "boolean": lambda cell: truth(cell) if truth(cell) is not None else {"1": 1.0, "0": 0.0}.get(cell),
        "date": lambda cell: days(cell, order),
    }
    is_missing, read = missing.in_numbers, readers[kind]
    meaning: dict[Any, float] = {None: np.nan}
    strange: set[str] = set()
    for raw in dict.fromkeys(values.tolist()):
        if raw is None or is_missing(cell := raw.strip()):
            meaning[raw] = np.nan
        elif (value := read(cell)) is None:
            meaning[raw] = np.nan
            strange.add(raw)
        else:
            meaning[raw] = value
    numbers = np.fromiter(map(meaning.__getitem__, values.tolist()), dtype=np.float64, count=len(values))
    return numbers, Counter(cell for cell in values.tolist() if cell in strange) if strange else {}


def categories_of(
    column: Column, categories: Sequence[str], missing: Missing
) -> tuple[NDArray[np.int64], NDArray[np.bool_], Mapping[str, int]]:
    """Indices into `categories`, -1 if unknown or missing; which cells are missing; the unknown cells."""
    values = column.values if column.is_text else texts(column.values.tolist())
    places = {name: k for k, name in enumerate(categories)}
    codes: dict[Any, int] = {None: -2}
    for raw in dict.fromkeys(values.tolist()):
        if raw is not None:
            cell = raw.strip()
            codes[raw] = -2 if missing.in_categories(cell) else places.get(cell, -1)
    found = np.fromiter(map(codes.__getitem__, values.tolist()), dtype=np.int64, count=len(values))
    absent = found == -2
    unknown = Counter(cell.strip() for cell in values[found == -1].tolist())
    return np.where(absent, -1, found), absent, unknown
