"""What a run learns from: canonical matrices, useful rows, a part held out, and a checksum of all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse, vstack

from rectinet.arrays import Array, Matrix, Rows
from rectinet.network import Network
from rectinet.problems import Examples
from rectinet.randomness import Purpose, stream
from rectinet.stored import Stored, rows_of
from rectinet.stored import canonical as canonical
from rectinet.warning import warn
from rectinet.wording import setting

if TYPE_CHECKING:
    from rectinet.runs.targets import Targets

FEW: Final = 2_000  # examples; with fewer, a tenth of them is too little to stop by


@dataclass(frozen=True)
class Part:
    """Some examples.

    Attributes
    ----------
    X : ndarray or csr_array of shape (n, n_features), in the form of `canonical`; or Stored
    y : ndarray of shape (n, ...) or None
        Targets as people give them: labels, ratings, values; None where codes alone are learned.
    weight : ndarray of float64, shape (n,), or None
    """

    X: Matrix | Stored
    y: NDArray[Any] | None = None
    weight: Array | None = None

    def take(self, rows: Rows) -> Part:
        """These rows alone."""
        y, weight = (None if values is None else values[rows] for values in (self.y, self.weight))
        return Part(rows_of(self.X, rows), y, weight)

    @property
    def matrix(self) -> Matrix:
        """The inputs of a part that is in memory."""
        assert not isinstance(self.X, Stored)
        return self.X

    @property
    def targets(self) -> NDArray[Any]:
        """The targets of a part that has them."""
        assert self.y is not None
        return self.y

    def __len__(self) -> int:
        return int(self.X.shape[0])


@dataclass(frozen=True)
class StoredExamples:
    """What `rectinet.problems.Examples` is, the inputs being where they are stored."""

    X: Stored
    Y: NDArray[np.generic]
    weight: Array | None = None

    @property
    def n(self) -> int:
        return self.X.shape[0]

    def take(self, rows: Rows) -> Examples:
        """These rows, in memory."""
        return Examples(self.X[rows], self.Y[rows], None if self.weight is None else self.weight[rows])


@dataclass(frozen=True)
class Data:
    """All that a run may look at.

    Attributes
    ----------
    train : Part
    validation : Part or None
        Judges every epoch; None: some of the training examples are held out where that is asked for.
    test : Part or None
        Looked at when all is over.
    unlabeled : ndarray, csr_array, Stored or None
        Further examples for pre-training.
    start : Network or None
        Whose hidden layers the run starts from instead of pre-training its own; a warm start takes its output too.
    targets : Targets or None
        What the targets mean to the network that is to be trained on; None: to be learned from the training examples.
    """

    train: Part
    validation: Part | None = None
    test: Part | None = None
    unlabeled: Matrix | Stored | None = None
    start: Network | None = None
    targets: Targets | None = None

    @property
    def pretraining_inputs(self) -> Matrix | Stored:
        """What the first layer is pre-trained on when nothing is held out."""
        return self.train.X if self.unlabeled is None else stacked(self.train.X, self.unlabeled)

    def checksum(self) -> str:
        """SHA-256 of what decides the outcome: two runs of one checksum and one configuration are the same run."""
        train, held_out = self.train, self.validation
        # What 0.1 did not have is added where it is there, so that the checkpoints of 0.1 still fit.
        if train.y is None:
            more = () if self.unlabeled is None else (self.unlabeled,)
            return fingerprint(train.X, None if held_out is None else held_out.X, *more)
        given = () if held_out is None else (held_out.X, held_out.y)
        weight = () if held_out is None or held_out.weight is None else (held_out.weight,)
        start = () if self.start is None else tuple(values for _, values in self.start.parameters())
        return fingerprint(train.X, train.y, train.weight, *given, *weight, self.unlabeled, *(start or (None,)))


def stacked(above: Any, below: Any) -> Any:
    """Rows of two matrices as one; sparse when both are, on disk when one is."""
    if isinstance(above, Stored) or isinstance(below, Stored):
        first, second = (part if isinstance(part, Stored) else Stored((part,), ("X",)) for part in (above, below))
        return first.followed_by(second)
    rows: list[Any] = [above, below]
    if all(issparse(part) for part in rows):
        return csr_array(vstack([csr_array(part) for part in rows], format="csr"))
    return np.concatenate([np.asarray(above), np.asarray(below)])


def pieces(X: Matrix, n_rows: int) -> Iterator[Matrix]:
    """Some rows at a time, so that what is computed of them is never held for all."""
    return (X[start : start + n_rows] for start in range(0, X.shape[0], n_rows))


def hold_out(n: int, strata: NDArray[np.int64] | None, fraction: float, seed: int) -> tuple[Rows, Rows] | None:
    """Rows to train on and rows to validate on, both ascending; None when too few could be held out.

    The split is stratified: rows are shuffled, sorted by class and sampled at even distances, so that every class
    gives its share to within one row. One row of every class always stays for training.

    Parameters
    ----------
    strata : ndarray of shape (n,) or None
        Class of every row; None for regression.
    """
    shuffled = stream(seed, Purpose.VALIDATION_SPLIT).permutation(n)
    if strata is None:
        fewest, candidates = 2, shuffled[1:]
    else:
        by_class = shuffled[np.argsort(strata[shuffled], kind="stable")]
        first = np.diff(strata[by_class], prepend=-1) != 0
        fewest, candidates = min(10, int(first.sum())), by_class[~first]
    wanted = min(round(fraction * n), len(candidates))
    if wanted < fewest:
        warn(
            f"early stopping is off for this fit: {setting('validation_fraction', fraction)} of {n} examples would "
            f"hold out {wanted}, at least {fewest} are needed to judge by. All {setting('max_epochs')} are run on all "
            f"examples; give {setting('X_val')}, raise {setting('validation_fraction')}, or choose "
            f"{setting('early_stopping', False)}"
        )
        return None
    even = ((np.arange(wanted) + 0.5) * len(candidates) / wanted).astype(np.int64)
    held = np.sort(candidates[even])
    return np.setdiff1d(np.arange(n), held), held


def fingerprint(*parts: Matrix | Stored | Array | NDArray[Any] | None) -> str:
    """SHA-256 of shapes, dtypes and bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(None if part is None else part.shape).encode())
        if isinstance(part, Stored):
            for piece in part.pieces():
                digest.update(fingerprint(piece).encode())
            continue
        arrays = (part.data, part.indices, part.indptr) if isinstance(part, csr_array) else (part,)
        for values in arrays:
            if values is not None:
                exact = values if values.dtype.kind != "O" else values.astype(str)
                digest.update(exact.dtype.str.encode())
                digest.update(np.ascontiguousarray(exact).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
