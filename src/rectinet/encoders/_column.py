"""One column of a table: its content in training, and the encoded columns it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.frame import Column
from rectinet.encoders._read import categories_of, numbers_of
from rectinet.encoders.cells import Commas, DateOrder, Missing
from rectinet.encoders.kinds import Kind, Reading


@dataclass(frozen=True)
class EncodedColumn:
    """One column of the table, and how it is encoded.

    Attributes
    ----------
    name : str
    kind : {"number", "boolean", "date", "category"}
        A number, boolean (0 or 1) or date (days from 1970-01-01) becomes one column; a category becomes one column for
        each of its `categories`, 1 in the rows that have it.
    indicator : bool
        Whether an indicator column follows, 1 where the value is missing: if training had missing values.
    fill : float
        Replacement for a missing number, boolean or date before scaling: the median.
    categories : tuple of str
    commas, order
        How numbers and dates in text form are read; see `rectinet.encoders.cells`.
    """

    name: str
    kind: Kind
    indicator: bool = False
    fill: float = 0.0
    categories: tuple[str, ...] = ()
    commas: Commas = "none"
    order: DateOrder = "ymd"

    @property
    def is_scaled(self) -> bool:
        """Whether the scaler handles this column."""
        return self.kind in ("number", "date")

    @property
    def names_out(self) -> list[str]:
        """Names of the encoded columns: "age", "job=clerk", "age is missing"."""
        values = [f"{self.name}={one}" for one in self.categories] if self.kind == "category" else [self.name]
        return [*values, *([f"{self.name} is missing"] if self.indicator else [])]

    @property
    def width(self) -> int:
        return len(self.names_out)


def fit_column(name: str, column: Column, reading: Reading, missing: Missing) -> tuple[EncodedColumn, NDArray[Any]]:
    """The encoding learned from a column's cells, and its numbers, NaN if missing (none for categories).

    Numbers are float32 if that is exact, because a second copy of a wide table is in memory while its scales are
    fitted.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    if reading.kind == "category":
        _, absent, strange = categories_of(column, (), missing)
        found = np.array(list(strange), dtype=object).reshape(-1, 1)
        categories = OneHotEncoder().fit(found).categories_[0].tolist() if len(found) else []
        return EncodedColumn(name, "category", bool(absent.any()), categories=tuple(categories)), np.empty(0)
    values, strange = numbers_of(column, reading.kind, reading.commas, reading.order, missing)
    absent = np.isnan(values)
    strategy = "most_frequent" if reading.kind == "boolean" else "median"
    fill = float(SimpleImputer(strategy=strategy).fit(values.reshape(-1, 1)).statistics_[0]) if absent.any() else 0.0
    if not absent.any() and len(values):
        fill = float(np.median(values))  # for values missing after training
    fitted = EncodedColumn(name, reading.kind, bool(absent.any()), fill, commas=reading.commas, order=reading.order)
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return fitted, short if np.array_equal(short, values, equal_nan=True) else values


def column_from(entry: dict[str, Any]) -> EncodedColumn:
    """The column restored from an entry of a document.

    Raises
    ------
    KeyError, TypeError, ValueError
    """
    column = EncodedColumn(**{**entry, "categories": tuple(entry["categories"])})
    if not (
        isinstance(column.name, str)
        and column.kind in get_args(Kind)
        and isinstance(column.indicator, bool)
        and isinstance(column.fill, float)
        and np.isfinite(column.fill)
        and are_words(column.categories)
        and column.commas in get_args(Commas)
        and column.order in get_args(DateOrder)
    ):
        raise ValueError(f"column {column.name!r:.60} is none that rectinet writes")
    return column


def are_words(words: Iterable[Any]) -> bool:
    """Whether the values are strings without duplicates."""
    found = list(words)
    return all(isinstance(word, str) for word in found) and len(set(found)) == len(found)
