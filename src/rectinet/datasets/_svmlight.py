"""Sparse tables from `label index:value ...` lines, the format of SVMlight and LIBSVM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.datasets._files import opened
from rectinet.datasets._lines import byte_lines
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets.errors import BadRecordError, BadShapeError
from rectinet.shown import reason

ZeroBased = bool | Literal["auto"]


class Svmlight(NamedTuple):
    """The content of a file.

    Attributes
    ----------
    X : csr_array of shape (n, d), float64
    y : ndarray of shape (n,), float64
    zero_based : bool
        Whether the first column was assumed to have index 0.
    """

    X: csr_array
    y: NDArray[Any]
    zero_based: bool


def read_svmlight(path: str | Path, *, n_features: int | None = None, zero_based: ZeroBased = "auto") -> Svmlight:
    """The rows of a file, and whether its indices were assumed to begin at 0.

    Parameters
    ----------
    path : path
        Plain, .gz or .xz.
    n_features : int, optional
        Number of columns of X, for a file that may not contain the last ones.
    zero_based : bool or "auto"
        Whether the first column has index 0 (True) or 1 (False). "auto" is scikit-learn's rule: 0 if that index occurs
        anywhere, else 1. For a second file with the same columns, pass the value found for the first: its rows may not
        contain index 0, which would shift all columns by one.

    Raises
    ------
    BadRecordError, BadShapeError, TooLargeError, and those of opening a file.
    """
    path = Path(path)
    with memory_errors_named(path):
        return _read(path, n_features, zero_based)


class _Lines:
    """The lines of a file, with the number of the last one read, which scikit-learn's parser does not report."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self.file, self.path, self.number = file, path, 0

    def read(self) -> bytes:
        """Exists because scikit-learn recognises a file by it."""
        return self.file.read()

    def __iter__(self) -> Iterator[bytes]:
        for number, line in byte_lines(self.file, self.path):
            self.number = number
            yield line


def _read(path: Path, n_features: int | None, zero_based: ZeroBased) -> Svmlight:
    from sklearn.datasets import load_svmlight_file

    with opened(path) as file:
        lines = _Lines(file, path)
        try:
            X, y = load_svmlight_file(lines, dtype=np.float64, zero_based=True)
        except (ValueError, OverflowError, IndexError) as error:
            raise BadRecordError(
                f"{path}, line {lines.number}: not `label index:value ...` with rising indices from 0 or 1 "
                f"({reason(error)})"
            ) from error
    X = csr_array(X)
    first = int(X.indices.min()) if X.nnz else 0
    n = X.shape[1] if X.nnz else 0  # without any index, scikit-learn returns one column
    if zero_based == "auto":
        zero_based = first == 0
    if not zero_based and X.nnz:
        if first == 0:
            raise BadShapeError(f"{path}: has the index 0, and the first column was said to have the index 1")
        X.indices -= 1
        n -= 1
    if n_features is not None and n > n_features:
        raise BadShapeError(
            f"{path}: has {n} columns (indices from {0 if zero_based else 1}, up to {n - zero_based}) and only "
            f"{n_features} are known; is it another table, or do its indices begin elsewhere?"
        )
    n = max(n, 1) if n_features is None else n_features
    return Svmlight(csr_array((X.data, X.indices, X.indptr), shape=(X.shape[0], n)), y, zero_based)
