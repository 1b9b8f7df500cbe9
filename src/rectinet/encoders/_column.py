"""One column of a table: what it held in training, and the encoded columns it becomes."""

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
    """One column of the table, and what it becomes.

    Attributes
    ----------
    name : str
    kind : {"number", "boolean", "date", "category"}
        A number, boolean (0 or 1) or date (days from 1970-01-01) becomes one column; a category one for each of its
        `categories`, 1 where the row has it.
    indicator : bool
        Whether another column follows which is 1 where the value is missing: where training had missing values.
    fill : float
        What a missing number, boolean or date is replaced by before scaling: the median.
    categories : tuple of str
    commas, order
        How numbers and dates that are texts are read; see `rectinet.encoders.cells`.
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
        """Whether the scaler has a column for it."""
        return self.kind in ("number", "date")

    @property
    def names_out(self) -> list[str]:
        """Of the columns it becomes: "age", "job=clerk", "age is missing"."""
        values = [f"{self.name}={one}" for one in self.categories] if self.kind == "category" else [self.name]
        return [*values, *([f"{self.name} is missing"] if self.indicator else [])]

    @property
    def width(self) -> int:
        return len(self.names_out)


def fit_column(name: str, column: Column, reading: Reading, missing: Missing) -> tuple[EncodedColumn, NDArray[Any]]:
    """What a column's cells teach, and its numbers, NaN where they are missing (none of categories).

    Numbers are float32 where they lose nothing by it: a wide table is held once more while its scales are fitted.
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
        fill = float(np.median(values))  # for a value that is missing later
    fitted = EncodedColumn(name, reading.kind, bool(absent.any()), fill, commas=reading.commas, order=reading.order)
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return fitted, short if np.array_equal(short, values, equal_nan=True) else values


def column_from(entry: dict[str, Any]) -> EncodedColumn:
    """The column of a document's entry.

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
    """Whether they are different strings."""
    found = list(words)
    return all(isinstance(word, str) for word in found) and len(set(found)) == len(found)
