"""Encoding of mixed tables as numbers: columns are found by name and encoded as in training; no pickle.

An encoder stores the kind of each column, replacements for missing values, the categories, and the scales of numbers,
all in plain attributes; `document` and `arrays` are what a model file keeps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from rectinet.arrays import Matrix
from rectinet.datasets.frame import Frame
from rectinet.encoders._column import EncodedColumn, are_words, column_from, fit_column
from rectinet.encoders._matrix import Builder, DenseBuilder, SparseBuilder, stacked_columns
from rectinet.encoders._read import Unread, categories_of, numbers_of
from rectinet.encoders.cells import Missing
from rectinet.encoders.kinds import EMPTY, left_out, note_of, reading_of
from rectinet.encoders.scaling import Scaler, Scaling
from rectinet.shown import listed, shown

TOLD: Final = "as told"  # reasons for leaving out a column that need no warning
TARGET: Final = "the target"
SPARSE_WIDTH: Final = 256  # number of encoded columns above which sparse rows are considered
SPARSE_DENSITY: Final = 0.25  # share of non-zeros up to which they pay off: a CSR entry takes the space of two
ROWS_AT_ONCE: Final = 4096


@dataclass(frozen=True)
class TableEncoder:
    """Encodes tables as the input matrix of a network.

    Attributes
    ----------
    columns : tuple of EncodedColumn
        The columns in use, in the order of the training table, which is also that of the encoded columns.
    left_out : dict of str to str
        Columns of the training table that are not used, with the reasons.
    scaler : Scaler or None
        Scales of the columns with `is_scaled`, in order; None: numbers are not scaled.
    sparse : bool
        Whether `encode` returns a csr_array: for more than 256 encoded columns of which at most a quarter of the
        entries was non-zero in training.
    names : tuple of str
        All columns of the training table except the target.
    missing : tuple of str or None
        Cells that mean a missing value; None: the usual ones.
    notes : tuple of str
        Warnings from the fit; not saved in files.
    """

    columns: tuple[EncodedColumn, ...]
    left_out: dict[str, str]
    scaler: Scaler | None
    sparse: bool
    names: tuple[str, ...]
    missing: tuple[str, ...] | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def fit(
        cls,
        frame: Frame,
        *,
        drop: Collection[str] = (),
        categorical: Collection[str] = (),
        keep: Collection[str] = (),
        missing: Collection[str] | None = None,
        scaling: Scaling | None = "rank",
        target: str | None = None,
    ) -> Self:
        """Fit an encoder to a training table.

        Parameters
        ----------
        drop, categorical, keep : collections of str
            Columns to leave out; columns to treat as categories, whatever they look like; columns to keep though they
            look like row numbers, names or identifiers.
        missing : collection of str, optional
            The only cells, besides empty ones, that mean a missing value.
        scaling : {"standard", "minmax", "rank"} or None
            Scaling of numbers and dates; see `Scaler`.
        target : str, optional
            The target's column, which is ignored here and in every other table.

        Raises
        ------
        ValueError
            For a column that does not exist, a cell that is not a number in a column of numbers, and if no column
            remains.
        """
        for option, names in (("drop", drop), ("categorical", categorical), ("keep", keep)):
            _check_known(option, names, frame)
        words = Missing(None if missing is None else frozenset(missing))
        columns: list[EncodedColumn] = []
        numbers: list[NDArray[Any]] = []
        said = {name: TOLD for name in frame.names if name in drop} | ({} if target is None else {target: TARGET})
        reasons, notes = dict(said), []
        for position, (name, column) in enumerate(frame.columns.items()):
            if name in reasons:
                continue
            reading = reading_of(name, frame, words, name in categorical)
            reason = left_out(name, position, column, reading, words)
            if reason == EMPTY or (reason and name not in categorical and name not in keep):
                reasons[name] = reason
                continue
            fitted, values = fit_column(name, column, reading, words)
            columns.append(fitted)
            numbers += [values] if fitted.is_scaled else []
            notes += [reading.note] if reading.note else []
        if not columns:
            raise ValueError(f"{frame.source} has no column to learn from: {_reasons(reasons)}")
        scaler = None if scaling is None or not numbers else Scaler.fit(scaling, stacked_columns(numbers))
        guessed = note_of({name: reason for name, reason in reasons.items() if name not in said})
        common = None if scaler is None else scaler.note("columns")
        found = cls(
            tuple(columns),
            reasons,
            scaler,
            sparse=False,
            names=tuple(name for name in frame.names if name != target),
            missing=None if missing is None else tuple(missing),
            notes=tuple(note for note in (guessed, *notes, common) if note),
        )
        return replace(found, sparse=found._pays_sparse(frame))

    # -- encoding -----------------------------------------------------------------------------------------------------

    def encode(self, frame: Frame) -> tuple[Matrix, list[str]]:
        """The rows of a table as the network's input matrix, and warnings about them.

        Columns are found by name, in any order. Unknown categories are all zero; cells that cannot be read count as
        missing.

        Returns
        -------
        X : ndarray or csr_array of shape (n_rows, n_features_out), float32
        notes : list of str

        Raises
        ------
        ValueError
            When a column is missing.
        """
        absent = [column.name for column in self.columns if column.name not in frame.columns]
        if absent:
            raise ValueError(
                f"{frame.source} has no column {listed(absent)}, which the model was trained with; it has "
                f"{listed(frame.names)}"
            )
        unread: dict[str, Unread] = {}
        known = {column.name for column in self.columns} | set(self.left_out)
        pieces = [self._encode(piece, unread) for piece in frame.pieces(ROWS_AT_ONCE)]
        extra = [name for name in frame.names if name not in known]
        notes = [f"{frame.source}: {listed(extra)} not known from training, and ignored"] if extra else []
        notes += [f"{frame.source}: column {shown(name)}: {of.sentence(frame.n_rows)}" for name, of in unread.items()]
        return csr_array(vstack(pieces, format="csr")) if self.sparse else np.concatenate(pieces), notes

    @property
    def feature_names_out(self) -> list[str]:
        """Names of the encoded columns."""
        return [name for column in self.columns for name in column.names_out]

    @property
    def origins(self) -> list[str]:
        """For each encoded column, the column of the table it comes from."""
        return [column.name for column in self.columns for _ in column.names_out]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Index of the first encoded column of each column, and the number of encoded columns at the end."""
        return np.cumsum([0, *(column.width for column in self.columns)])

    def _encode(self, frame: Frame, unread: dict[str, Unread]) -> Any:
        """Encode some rows; cells that cannot be read are added to `unread`."""
        missing, starts = Missing(None if self.missing is None else frozenset(self.missing)), self.starts
        shape = frame.n_rows, int(starts[-1])
        builder: Builder = SparseBuilder(*shape) if self.sparse else DenseBuilder(*shape)
        numbers: list[NDArray[np.float64]] = []
        for column, start in zip(self.columns, starts[:-1], strict=True):
            cells = frame.columns[column.name]
            if column.kind == "category":
                codes, absent, strange = categories_of(cells, column.categories, missing)
                rows = np.flatnonzero(codes >= 0)
                builder.put(rows, start + codes[rows], np.ones(len(rows)))
            else:
                values, strange = numbers_of(cells, column.kind, column.commas, column.order, missing)
                absent = np.isnan(values)
                numbers.append(np.where(absent, column.fill, values))
            if column.indicator:
                rows = np.flatnonzero(absent)
                builder.put(rows, np.full(len(rows), start + column.width - 1), np.ones(len(rows)))
            if strange:
                unread.setdefault(column.name, Unread(column.kind)).add(strange)
        if numbers:
            values = self._scaled(np.column_stack(numbers))
            places = starts[:-1][[column.kind != "category" for column in self.columns]]
            rows, k = np.nonzero(values)
            builder.put(rows, places[k], values[rows, k])
        return builder.matrix()

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """All columns except categories, with numbers and dates scaled."""
        scaled = np.array([column.is_scaled for column in self.columns if column.kind != "category"])
        if self.scaler is not None and scaled.any():
            values[:, scaled] = np.asarray(self.scaler.scale(values[:, scaled]))
        return values

    def _pays_sparse(self, frame: Frame) -> bool:
        if self.starts[-1] <= SPARSE_WIDTH:
            return False
        some = frame.take(np.unique(np.linspace(0, frame.n_rows - 1, min(frame.n_rows, 256)).astype(np.int64)))
        return bool(np.count_nonzero(self._encode(some, {})) <= SPARSE_DENSITY * some.n_rows * self.starts[-1])

    # -- in files -----------------------------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """The plain values that a model file keeps besides `arrays`."""
        return {
            "columns": [
                {
                    "name": c.name, "kind": c.kind, "indicator": c.indicator, "fill": c.fill,
                    "categories": list(c.categories), "commas": c.commas, "order": c.order,
                }
                for c in self.columns
            ],
            "left_out": self.left_out,
            "names": list(self.names),
            "missing": None if self.missing is None else list(self.missing),
            "sparse": self.sparse,
            "scaling": None if self.scaler is None else self.scaler.kind,
        }  # fmt: skip

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of the scaler."""
        return {} if self.scaler is None else self.scaler.arrays()

    @classmethod
    def from_document(cls, document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """The encoder restored from a document and arrays.

        Raises
        ------
        KeyError, TypeError, ValueError
            When they cannot come from `fit`.
        """
        columns = tuple(column_from(entry) for entry in document["columns"])
        names = [column.name for column in columns]
        if not columns or len(set(names)) < len(names):
            raise ValueError("the columns of a table must have different names, and there must be one")
        left, missing, sparse, scaling = (document[name] for name in ("left_out", "missing", "sparse", "scaling"))
        if not (isinstance(left, dict) and all(isinstance(word, str) for pair in left.items() for word in pair)):
            raise ValueError("the columns left out must be names and reasons")
        if missing is not None and not are_words(missing):
            raise ValueError("missing must be words")
        if not (are_words(document["names"]) and {*names} <= {*document["names"]} <= {*names, *left}):
            raise ValueError("the columns of the training table must be those that are used or left out")
        if not isinstance(sparse, bool):
            raise ValueError("sparse must be true or false")
        n_scaled = sum(column.is_scaled for column in columns)
        scaler = None if scaling is None else Scaler.from_arrays(scaling, arrays, n_scaled)
        return cls(columns, left, scaler, sparse, tuple(document["names"]), None if missing is None else tuple(missing))


def _check_known(option: str, names: Collection[str], frame: Frame) -> None:
    if isinstance(names, str):
        raise ValueError(f"{option} must be a list of column names; got {names!r}, write [{names!r}]")
    unknown = [name for name in names if name not in frame.columns]
    if unknown:
        raise ValueError(f"{option} names {listed(unknown)}, and {frame.source} has the columns {listed(frame.names)}")


def _reasons(reasons: dict[str, str]) -> str:
    return "; ".join(f"{shown(name)} is left out ({reason})" for name, reason in list(reasons.items())[:12])
