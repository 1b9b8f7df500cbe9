"""Examples that stay on disk: some rows at a time are read, and memory never holds them all."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse, vstack

from rectinet.arrays import Array, Matrix, Rows

PIECE_VALUES: Final = 1 << 22  # numbers held at once while all rows are gone through
ROWS_AT_ONCE: Final = 1024  # read before the system is told that their pages are not needed any more


def canonical(X: Any) -> Matrix:
    """A matrix in the form engines rely on; the caller's own is never changed.

    CSR comes back with sorted indices, duplicates summed and explicit zeros dropped; anything dense, C-contiguous.
    """
    sparse: bool = issparse(X)
    if not sparse:
        return np.ascontiguousarray(X)
    mine = csr_array((X.data, X.indices, X.indptr), shape=X.shape)  # own record: scipy caches flags on it
    if not mine.has_canonical_format or not mine.data.all():
        mine = mine.copy()
        mine.sum_duplicates()
        mine.eliminate_zeros()
    return mine


def dense(X: Matrix) -> Array:
    """The same rows with their zeros written out."""
    return np.asarray(X.toarray() if issparse(X) else X)


@dataclass(frozen=True)
class Facts:
    """What going through all rows tells.

    Attributes
    ----------
    lowest, highest : float
        Zeros that are not written down included.
    n_nonzero : int
    """

    lowest: float
    highest: float
    n_nonzero: int


@dataclass(frozen=True, eq=False)
class Stored:
    """Rows of some arrays, one after the other; ``stored[rows]`` reads rows into memory.

    Attributes
    ----------
    parts : tuple of ndarray or csr_array of shape (n_part, n_features)
        Memory-mapped as a rule, all dense or all sparse, of any real dtype.
    names : tuple of str
        What each part is called, for messages.
    dtype : dtype
        Of what is read.
    factor : float
        What every value is multiplied by.
    rows : ndarray of int64 or None
        Which rows there are, counted over all parts; None: all.
    """

    parts: tuple[Any, ...]
    names: tuple[str, ...]
    dtype: np.dtype[np.floating] = field(default_factory=lambda: np.dtype(np.float32))
    factor: float = 1.0
    rows: Rows | None = None

    def __post_init__(self) -> None:
        widths = {name: part.shape[1] for name, part in zip(self.names, self.parts, strict=True)}
        if len(set(widths.values())) != 1:
            told = ", ".join(f"{name} has {width}" for name, width in widths.items())
            raise ValueError(f"shards must have one number of features; {told or 'there is none'}")
        if len({bool(issparse(part)) for part in self.parts}) > 1:
            raise ValueError(f"shards must be all dense or all sparse; {', '.join(widths)} are of both kinds")

    @property
    def shape(self) -> tuple[int, int]:
        n = int(self._starts[-1]) if self.rows is None else len(self.rows)
        return n, int(self.parts[0].shape[1])

    @property
    def sparse(self) -> bool:
        """Whether rows come as CSR."""
        return bool(issparse(self.parts[0]))

    def of_dtype(self, dtype: str) -> Stored:
        """The same rows, read as another type."""
        found: np.dtype[np.floating] = np.dtype(dtype)
        return replace(self, dtype=found)

    def take(self, rows: NDArray[np.integer]) -> Stored:
        """These rows alone; nothing is read."""
        return replace(self, rows=np.asarray(rows, dtype=np.int64) if self.rows is None else self.rows[rows])

    def followed_by(self, other: Stored) -> Stored:
        """The rows of both."""
        mine, theirs = (np.arange(s.shape[0]) if s.rows is None else s.rows for s in (self, other))
        rows = np.concatenate([mine, theirs + self._starts[-1]])
        if other.factor != self.factor:
            raise ValueError(f"shards that belong together need one factor; got {self.factor:g} and {other.factor:g}")
        return replace(self, parts=self.parts + other.parts, names=self.names + other.names, rows=rows)

    def __getitem__(self, rows: NDArray[np.integer] | slice) -> Matrix:
        """Rows in memory, in canonical form."""
        wanted = np.arange(self.shape[0])[rows] if isinstance(rows, slice) else np.asarray(rows, dtype=np.int64)
        places = wanted if self.rows is None else self.rows[wanted]
        blocks = (places[k : k + ROWS_AT_ONCE] for k in range(0, len(places), ROWS_AT_ONCE))
        if self.sparse:
            found = [self._sparse_rows(block) for block in blocks]
            return csr_array(vstack(found, format="csr") if found else (0, self.shape[1]), dtype=self.dtype)
        out: Array = np.empty((len(places), self.shape[1]), self.dtype)
        for k, block in enumerate(blocks):
            self._read_into(out[k * ROWS_AT_ONCE : (k + 1) * ROWS_AT_ONCE], block)
        return out

    def pieces(self) -> Iterator[Matrix]:
        """All rows in order, some at a time."""
        step = max(1, PIECE_VALUES // max(1, self.shape[1]))
        return (self[slice(start, start + step)] for start in range(0, self.shape[0], step))

    @cached_property
    def facts(self) -> Facts:
        """By one pass over all rows.

        Raises
        ------
        ValueError
            For a value that is not finite, or a feature that is not there; names where.
        """
        lowest, highest, n_nonzero, first = np.inf, -np.inf, 0, 0
        for piece in self.pieces():
            values = piece.data if isinstance(piece, csr_array) else piece
            self._check(piece, values, first)
            first += piece.shape[0]
            n_nonzero += int(np.count_nonzero(values))
            if values.size:
                lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
        if n_nonzero < self.shape[0] * self.shape[1]:
            lowest, highest = min(lowest, 0.0), max(highest, 0.0)
        return Facts(lowest, highest, n_nonzero)

    @cached_property
    def _starts(self) -> Rows:
        return np.cumsum([0, *(part.shape[0] for part in self.parts)])

    def _by_part(self, places: Rows) -> Iterator[tuple[NDArray[np.bool_], Any]]:
        """Rows by their places among those of all parts: which of them are in a part, and these."""
        of = np.searchsorted(self._starts, places, side="right") - 1
        for k in np.unique(of).tolist():
            yield of == k, self._converted(self.parts[k][places[of == k] - self._starts[k]])
            _forget(self.parts[k])

    def _read_into(self, out: Array, places: Rows) -> None:
        for which, rows in self._by_part(places):
            out[which] = rows

    def _sparse_rows(self, places: Rows) -> csr_array:
        found = list(self._by_part(places))
        order = np.concatenate([np.flatnonzero(which) for which, _ in found])
        stacked = csr_array(vstack([rows for _, rows in found], format="csr"))
        return csr_array(canonical(stacked[np.argsort(order)]))

    def _converted(self, rows: Any) -> Any:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is refused as such
            rows = rows.astype(self.dtype, copy=False)
            return rows if self.factor == 1 else rows * self.dtype.type(self.factor)

    def _check(self, piece: Matrix, values: Array, first: int) -> None:
        if isinstance(piece, csr_array) and piece.nnz:
            least, most = int(piece.indices.min()), int(piece.indices.max())
            if least < 0 or most >= self.shape[1]:
                wrong = least if least < 0 else most
                raise ValueError(f"{self._where(first)}: feature {wrong} of {self.shape[1]}; the shard is damaged")
        if not np.isfinite(values).all():
            bad = np.flatnonzero(~np.isfinite(piece.data if isinstance(piece, csr_array) else piece).ravel())[0]
            row = int(np.searchsorted(piece.indptr, bad, "right") - 1 if isinstance(piece, csr_array) else 0)
            row = row if isinstance(piece, csr_array) else int(bad // self.shape[1])
            raise ValueError(f"{self._where(first + row)}: holds NaN, infinity or a value too large for {self.dtype}")

    def _where(self, row: int) -> str:
        place = row if self.rows is None else int(self.rows[row])
        k = int(np.searchsorted(self._starts, place, side="right") - 1)
        return f"{self.names[k]}, row {place - self._starts[k]}"


def stored_of(arrays: Sequence[Any], names: Sequence[str]) -> Stored:
    """Arrays of two dimensions, as they lie."""
    for name, part in zip(names, arrays, strict=True):
        if len(part.shape) != 2 or part.dtype.kind not in "biuf":
            raise ValueError(f"{name} must hold numbers in two dimensions; it is {part.dtype} of shape {part.shape}")
    return Stored(tuple(arrays), tuple(names))


# -- what is asked of rows, wherever they are --------------------------------------------------------------------------


def is_sparse(X: Matrix | Stored) -> bool:
    """Whether rows are sparse."""
    return X.sparse if isinstance(X, Stored) else bool(issparse(X))


def rows_of(X: Any, rows: NDArray[Any]) -> Any:
    """Some rows, where X itself is: in memory, or on disk."""
    return X.take(np.flatnonzero(rows) if rows.dtype == bool else rows) if isinstance(X, Stored) else X[rows]


def facts_of(X: Matrix | Stored) -> Facts:
    """Lowest and highest value and the number of those that are not 0; of no value, 0."""
    if isinstance(X, Stored):
        return X.facts
    if not X.shape[0] * X.shape[1]:
        return Facts(0.0, 0.0, 0)
    n_nonzero = int(X.nnz) if isinstance(X, csr_array) else int(np.count_nonzero(X))
    return Facts(float(X.min()), float(X.max()), n_nonzero)


def mapping_of(values: Any) -> mmap.mmap | None:
    """The file's mapping that an array looks into, if it does."""
    base: Any = values
    while isinstance(base, np.ndarray):
        base = base.base
    return base if isinstance(base, mmap.mmap) else None


def _forget(part: Any) -> None:
    """Tell the system that a part's pages are not needed now: they count as this process's memory until it is told."""
    for values in (part.data, part.indices) if isinstance(part, csr_array) else (part,):
        mapping = mapping_of(values)
        if mapping is not None and not values.flags.writeable:  # private pages would lose what was written to them
            mapping.madvise(mmap.MADV_DONTNEED)
