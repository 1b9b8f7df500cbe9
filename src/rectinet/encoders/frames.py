"""Data frames of pandas, polars or pyarrow, and arrays, as named columns.

narwhals, which scikit-learn also uses, reads all three; none of them is imported unless such a frame is given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.exceptions import DuplicateError
from numpy.typing import NDArray
from scipy.sparse import issparse

from rectinet.datasets.frame import Column, Frame
from rectinet.shown import listed

CATEGORIES = (nw.Categorical, nw.Enum)
KINDS = "a data frame of pandas, polars or pyarrow, or an array of two dimensions"


def read_frame(X: Any, name: str = "X") -> Frame:
    """The columns of a data frame or array.

    Parameters
    ----------
    X : data frame of pandas, polars or pyarrow; array-like of shape (n_rows, n_columns); Frame
        The columns of an array are called x0, x1, ..., as in scikit-learn.
    name : str
        Name of the argument, for messages.

    Raises
    ------
    ValueError
        When X is not a table, has no row or no column, has two columns of the same name, or columns without plain
        cells.
    """
    if isinstance(X, Frame):
        return X
    try:
        frame = nw.from_native(X, eager_only=True)
    except TypeError:
        found = _array(X, name)
    except DuplicateError as error:
        twice = " ".join(str(error).split())
        raise ValueError(f"{name} must have different column names ({twice}); give each column its own") from error
    else:
        found = Frame({str(s.name).strip(): _column(s, name) for s in frame.iter_columns()}, len(frame), name)
        if len(found.columns) < len(frame.columns):
            raise ValueError(f"{name} has columns whose names are the same as texts without blanks around them")
    if not (found.columns and found.n_rows):
        raise ValueError(f"{name} has {found.n_rows} rows and {len(found.columns)} columns: there is nothing in it")
    return found


def name_of(values: Any) -> str | None:
    """The name of a single column, such as a pandas or polars Series."""
    try:
        return str(nw.from_native(values, series_only=True).name)
    except TypeError:
        return None


def same_cells(column: Column, values: Any) -> bool:
    """Whether a Series has the same cells as a column."""
    other = _column(nw.from_native(values, series_only=True), "y")
    if len(other.values) != len(column.values):
        return False
    return bool((texts(column.values.tolist()) == texts(other.values.tolist())).all())


def joined(frame: Frame, more: Frame, not_needed: Collection[str] = ()) -> Frame:
    """The rows of two tables, with the columns of the first.

    Raises
    ------
    ValueError
        When the second lacks a column that is not in `not_needed`; those are left out of the result.
    """
    absent = [name for name in frame.names if name not in more.columns and name not in not_needed]
    if absent:
        raise ValueError(f"{more.source} has no column {listed(absent)}; it has {more.listed_names}")
    columns = {}
    for name, column in frame.columns.items():
        if name in not_needed:
            continue
        first, second = column.values, more.columns[name].values
        if first.dtype.kind != second.dtype.kind and not {first.dtype.kind, second.dtype.kind} <= set("iuf"):
            first, second = texts(first.tolist()), texts(second.tolist())
        columns[name] = Column(np.concatenate([first, second]), column.is_category)
    return Frame(columns, frame.n_rows + more.n_rows, frame.source)


def texts(values: Any) -> NDArray[np.object_]:
    """Cells as texts, None if missing; 3.0 becomes "3", because missing values turn integers into floats."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = [None if nothing(value) else value if type(value) is str else written(value) for value in values]
    return cells


def nothing(value: Any) -> bool:
    """Whether a cell is None, NaN, NaT or pandas' NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA, whose comparison is undefined
        return True


def written(value: Any) -> str:
    """A value as it would be written in a file."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _column(series: Any, name: str) -> Column:
    is_category = series.dtype in CATEGORIES
    values = np.asarray(series.to_numpy())
    if not is_category and series.dtype.is_nested():
        raise ValueError(f"{name}: column {series.name!r} holds a {series.dtype}; a table has one value in each cell")
    return Column(_plain(values, f"{name}: column {series.name!r}"), is_category)


def _array(X: Any, name: str) -> Frame:
    if issparse(X) or isinstance(X, dict | set | str | bytes) or X is None:
        raise ValueError(f"{name} must be {KINDS}; got {type(X).__name__}")
    values = np.asarray(X)
    if values.ndim != 2:
        raise ValueError(f"{name} must be {KINDS}; got {type(X).__name__} of shape {values.shape}")
    columns = {f"x{k}": Column(_plain(values[:, k], f"{name}: column {k}")) for k in range(values.shape[1])}
    return Frame(columns, len(values), name)


def _plain(values: NDArray[Any], where: str) -> NDArray[Any]:
    """Values in one of the forms that a `Column` allows."""
    kind = values.dtype.kind
    if kind in "iufb":
        return values
    if kind == "M":
        return values.astype("datetime64[us]")
    if kind == "m":  # durations become numbers of days
        days = values.astype("timedelta64[us]") / np.timedelta64(1, "D")
        return np.asarray(days)
    if kind in "OUST":
        return texts(values.tolist())
    raise ValueError(f"{where} holds {values.dtype}; numbers, texts, booleans or dates are needed")
