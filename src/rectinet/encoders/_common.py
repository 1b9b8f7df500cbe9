"""Columns measured on one common scale, such as pixels and counts, which ranks would distort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FEWEST: Final = 50  # columns
FAR: Final = 10.0  # a column whose maximum exceeds this times the 90 % quantile of the maxima is on another scale
NEAR: Final = 2.0  # maxima within this factor of the common maximum are similar
COLUMNS_AT_ONCE: Final = 64


@dataclass(frozen=True)
class CommonScale:
    """The columns that share a scale.

    Attributes
    ----------
    members : ndarray of int64
    largest : float
        Their common maximum.
    """

    members: NDArray[np.int64]
    largest: float


def common_scale(X: Any) -> CommonScale | None:
    """The non-negative columns of X on one scale, if there are 50 or more; else None.

    Either their maxima are similar (for half of the columns within a factor of 2 of the largest: pixels), or they are
    whole numbers and mostly 0 (counts). A few columns with much larger values are left out.
    """
    if X.shape[1] < FEWEST:
        return None
    lowest, highest, is_count = _facts(X)
    for candidates, alike in ((lowest >= 0, True), ((lowest >= 0) & is_count, False)):
        members = np.flatnonzero(candidates & (highest > 0))
        if len(members) < FEWEST:
            continue
        members = members[highest[members] <= FAR * np.quantile(highest[members], 0.9)]
        largest = float(highest[members].max())
        if len(members) >= FEWEST and (not alike or np.median(highest[members]) >= largest / NEAR):
            return CommonScale(members, largest)
    return None


def _facts(X: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Lowest and highest value of each column, and whether its values are whole numbers, over half of them 0."""
    n_rows, n_columns = X.shape
    lowest, highest, is_count = np.zeros(n_columns), np.zeros(n_columns), np.zeros(n_columns, dtype=bool)
    for start in range(0, n_columns, COLUMNS_AT_ONCE):
        some = slice(start, start + COLUMNS_AT_ONCE)
        if isinstance(X, csr_array):
            part: Any = X[:, some]
            lowest[some], highest[some] = part.min(axis=0).toarray().ravel(), part.max(axis=0).toarray().ravel()
            fractions = np.bincount(part.indices[part.data % 1 != 0], minlength=part.shape[1])
            filled = np.bincount(part.indices[part.data != 0], minlength=part.shape[1])
            is_count[some] = (fractions == 0) & (filled < n_rows / 2)
        else:
            values = np.asarray(X[:, some])
            lowest[some], highest[some] = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
            whole = (np.nan_to_num(values) % 1 == 0).all(axis=0)
            is_count[some] = whole & (np.mean(values == 0, axis=0) > 0.5)
    return lowest, highest, is_count
