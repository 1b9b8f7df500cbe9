"""Scaling of columns: fitted by scikit-learn's transformers, stored as arrays, one monotone map for each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.sparse import csr_array, issparse
from scipy.stats import norm

from rectinet.arrays import Array, Matrix
from rectinet.encoders._common import CommonScale, common_scale
from rectinet.runs.parameters import Scaling as Scaling

Floats = NDArray[np.float64]

SCALINGS: Final = get_args(Scaling)
MOST_QUANTILES: Final = 1000
COLUMNS_AT_ONCE: Final = 64  # limit on float64 copies, so that wide data are never in memory twice
SPARSE_RANK: Final = (
    'scaling="rank" takes sparse X only where it would keep zeros: without negative values, and with a zero in over '
    'half of the rows of every column; use "standard" or "minmax", which only divide sparse columns, or a dense X'
)


@dataclass(frozen=True)
class Scaler:
    """A monotone map for each column.

    Column j becomes ``(x - shift[j]) / divisor[j]``. If ``starts[j] < starts[j + 1]``, it is instead mapped by linear
    interpolation through the points ``(x[k], z[k])`` for k from `starts[j]` to `starts[j + 1]`, constant outside of
    them.

    Attributes
    ----------
    kind : {"standard", "minmax", "rank"}
    shift, divisor : ndarray of float64, shape (n_columns,)
    starts : ndarray of int64, shape (n_columns + 1,)
    x, z : ndarray of float64
        Values, ascending within a column, and their images.
    common : CommonScale or None
        The columns that "rank" found on one scale, and their largest value.
    """

    kind: Scaling
    shift: Floats
    divisor: Floats
    starts: NDArray[np.int64]
    x: Floats
    z: Floats
    common: CommonScale | None = None

    @classmethod
    def fit(cls, kind: Scaling, X: Any) -> Self:
        """Learn the scales of X.

        "standard": mean 0 and standard deviation 1. "minmax": from 0 to 1. "rank": quantiles of a normal distribution,
        ties at their mean rank; a value in over half of a column's rows becomes exactly 0; 50 or more non-negative
        columns on one scale are only divided by their common maximum. Columns of sparse X are divided but not shifted:
        "standard" by the standard deviation, "minmax" by the largest absolute value.

        Parameters
        ----------
        X : ndarray or csr_array of shape (n_rows, n_columns)
            NaN marks a missing value, which is ignored.

        Raises
        ------
        ValueError
            For "rank" with sparse columns that are mostly non-zero.
        """
        shift, divisor = np.zeros(X.shape[1]), np.ones(X.shape[1])
        if kind == "rank":
            common = common_scale(X)
            maps: list[tuple[Floats, Floats]] = [(np.empty(0), np.empty(0))] * X.shape[1]
            if common is not None:
                divisor[common.members] = common.largest
            ranked = np.ones(X.shape[1], dtype=bool)
            ranked[[] if common is None else common.members] = False
            for j in np.flatnonzero(ranked):
                maps[j] = _rank_map(_column(X, int(j)))
            starts = np.cumsum([0, *(len(x) for x, _ in maps)]).astype(np.int64)
            x, z = (np.concatenate([np.empty(0), *parts]) for parts in zip(*maps, strict=True)) if maps else ((), ())
            return cls(kind, shift, divisor, starts, np.asarray(x), np.asarray(z), common)
        for some in _some(np.arange(X.shape[1])):
            shift[some], divisor[some] = _linear(kind, X[:, some])
        return cls(kind, shift, divisor, np.zeros(X.shape[1] + 1, dtype=np.int64), np.empty(0), np.empty(0))

    @property
    def n_columns(self) -> int:
        return len(self.shift)

    def scale(self, X: Any, dtype: DTypeLike = np.float64) -> Matrix:
        """X scaled, as a new matrix of the same kind; each row is scaled independently."""
        if isinstance(X, csr_array):
            return self._sparse(X, dtype)
        scaled: Array = np.empty(X.shape, dtype=dtype)
        for some in _some(np.arange(self.n_columns)):
            scaled[:, some] = (X[:, some] - self.shift[some]) / self.divisor[some]
        for j in np.flatnonzero(np.diff(self.starts)):
            points = slice(self.starts[j], self.starts[j + 1])
            scaled[:, j] = np.interp(X[:, j], self.x[points], self.z[points])
        return scaled

    def unscale(self, Z: Any) -> Array:
        """The inverse of `scale`; for ranks, the middle of the equally likely values."""
        X: Array = np.asarray(Z * self.divisor + self.shift)
        for j in np.flatnonzero(np.diff(self.starts)):
            points = slice(self.starts[j], self.starts[j + 1])
            X[:, j] = np.interp(Z[:, j], self.z[points], self.x[points])
        return X

    def note(self, what: str) -> str | None:
        """A note about the columns on a common scale."""
        if self.common is None:
            return None
        return (
            f"{len(self.common.members)} {what} have no negative value and share one scale: they are divided by "
            f"{self.common.largest:g}, their common maximum, and not ranked, so that zeros stay zeros"
        )

    # -- in files -----------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays that `from_arrays` needs; the kind is separate."""
        return {"shift": self.shift, "divisor": self.divisor, "starts": self.starts, "x": self.x, "z": self.z}

    @classmethod
    def from_arrays(cls, kind: Any, arrays: dict[str, NDArray[Any]], n_columns: int) -> Self:
        """The scaler restored from `arrays`.

        Raises
        ------
        KeyError, ValueError
            For arrays that are not the scales of so many columns.
        """
        shift, divisor, starts, x, z = (np.array(arrays[name]) for name in ("shift", "divisor", "starts", "x", "z"))
        if kind not in SCALINGS:
            raise ValueError(f"a scaling must be standard, minmax or rank, not {kind!r:.60}")
        floats = all(values.dtype == np.float64 and np.isfinite(values).all() for values in (shift, divisor, x, z))
        shapes = (
            shift.shape == divisor.shape == (n_columns,)
            and starts.shape == (n_columns + 1,)
            and starts.dtype == np.int64
        )
        if not (floats and shapes and (divisor > 0).all() and x.shape == z.shape == (x.size,)):
            raise ValueError(f"the scales do not fit {n_columns} columns")
        if starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] != x.size:
            raise ValueError("the points of ranked columns do not fit together")
        within = np.delete(np.diff(x), starts[1:-1][(starts[1:-1] > 0) & (starts[1:-1] < x.size)] - 1)
        if (within <= 0).any():
            raise ValueError("the points of ranked columns must ascend")
        return cls(kind, shift, divisor, starts, x, z)

    def _sparse(self, X: Any, dtype: DTypeLike) -> csr_array:
        data = (X.data / self.divisor[X.indices]).astype(dtype)
        for j in np.flatnonzero(np.diff(self.starts)):
            points, mine = slice(self.starts[j], self.starts[j + 1]), X.indices == j
            data[mine] = np.interp(X.data[mine], self.x[points], self.z[points])
        return csr_array((data, X.indices, X.indptr), shape=X.shape)


def _some(columns: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [columns[start : start + COLUMNS_AT_ONCE] for start in range(0, len(columns), COLUMNS_AT_ONCE)]


def _linear(kind: Scaling, X: Any) -> tuple[Floats, Floats]:
    """Shift and divisor of some columns."""
    from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

    sparse: bool = issparse(X)
    if sparse:
        fitted = (StandardScaler(with_mean=False) if kind == "standard" else MaxAbsScaler()).fit(X.astype(np.float64))
        return np.zeros(X.shape[1]), fitted.scale_
    values = np.asarray(X, dtype=np.float64)
    if kind == "standard":
        standard = StandardScaler().fit(values)
        return standard.mean_, standard.scale_
    minmax = MinMaxScaler().fit(values)
    return minmax.data_min_, 1 / minmax.scale_


def _column(X: Any, j: int) -> Floats:
    """A dense column for ranking.

    Raises
    ------
    ValueError
        For a sparse column whose zeros would not stay zeros.
    """
    if not isinstance(X, csr_array):
        return np.asarray(X[:, j], dtype=np.float64)
    values = X[:, [j]].toarray().ravel().astype(np.float64)
    if (values < 0).any() or np.mean(values == 0) <= 0.5:
        raise ValueError(SPARSE_RANK)
    return values


def _rank_map(values: Floats) -> tuple[Floats, Floats]:
    """The interpolation points of a column's map."""
    from sklearn.preprocessing import QuantileTransformer

    present = values[~np.isnan(values)]
    n_quantiles = min(MOST_QUANTILES, len(present))
    transformer = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal", subsample=None)
    fitted = transformer.fit(present.reshape(-1, 1))
    quantiles = fitted.quantiles_[:, 0]
    x, first, times = np.unique(quantiles, return_index=True, return_counts=True)
    ranks = (fitted.references_[first] + fitted.references_[first + times - 1]) / 2
    z = norm.ppf(np.clip(ranks, 0.5 / n_quantiles, 1 - 0.5 / n_quantiles))
    middle = quantiles[n_quantiles // 2]
    if np.mean(present == middle) > 0.5:
        z[x == middle] = 0.0
    return x, z
