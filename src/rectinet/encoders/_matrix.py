"""A matrix of float32 that is filled entry by entry, dense or sparse."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Places = NDArray[np.int64]


class Builder(Protocol):
    """Builds a matrix from entries, at most one for each position; all others are 0."""

    def put(self, rows: Places, columns: Places, values: NDArray[Any]) -> None: ...

    def matrix(self) -> Any: ...


class DenseBuilder:
    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._X = np.zeros((n_rows, n_columns), dtype=np.float32)

    def put(self, rows: Places, columns: Places, values: NDArray[Any]) -> None:
        self._X[rows, columns] = values

    def matrix(self) -> Any:
        return self._X


class SparseBuilder:
    def __init__(self, n_rows: int, n_columns: int) -> None:
        self._shape = (n_rows, n_columns)
        self._parts: list[tuple[Places, Places, NDArray[Any]]] = [(np.empty(0, int), np.empty(0, int), np.empty(0))]

    def put(self, rows: Places, columns: Places, values: NDArray[Any]) -> None:
        self._parts.append((rows, columns, values))

    def matrix(self) -> Any:
        rows, columns, values = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        return csr_array((values.astype(np.float32), (rows, columns)), shape=self._shape)


def stacked_columns(columns: list[NDArray[Any]]) -> NDArray[Any]:
    """Columns as one matrix; the list is emptied meanwhile, so that no data are in memory twice for long."""
    dtype = np.result_type(*columns)
    X = np.empty((len(columns[0]), len(columns)), dtype=dtype, order="F")
    for k in reversed(range(len(columns))):
        X[:, k] = columns.pop()
    return X
