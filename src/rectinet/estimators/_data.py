"""Training data as the engines want it: canonical matrices, useful rows, a part held out."""

from __future__ import annotations

import hashlib
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse, sparray, spmatrix, vstack
from sklearn.utils.validation import _check_sample_weight

from rectinet.engine import Array, Matrix
from rectinet.randomness import Purpose, stream

Input = ArrayLike | sparray | spmatrix
Rows = NDArray[np.int64]


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


def stacked(above: Any, below: Any) -> Any:
    """Rows of two matrices, or lists of rows, as one; sparse when both are."""
    rows: list[Any] = [above, below]
    if all(issparse(part) for part in rows):
        return csr_array(vstack([csr_array(part) for part in rows], format="csr"))
    return np.concatenate([np.asarray(above), np.asarray(below)])


def check_weights(sample_weight: Any, X: Matrix) -> Array | None:
    """Sample weights as float64 of shape (n,), or None.

    Raises
    ------
    ValueError
        For a wrong shape, negative or non-finite weights, and when every weight is 0.
    """
    if sample_weight is None:
        return None
    weight: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("sample_weight is zero for every example: nothing is left to learn from")
    return weight


def normalised(weight: Array | None, dtype: str) -> Array | None:
    """Weights with mean 1, so that they change what counts and not the length of a step."""
    if weight is None:
        return None
    if not weight.any():
        raise ValueError("every example has weight 0 by class_weight: nothing is left to learn from or to judge by")
    relative: Array = (weight / weight.mean()).astype(dtype)
    return relative


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
        warnings.warn(
            f"early_stopping is off for this fit: validation_fraction={fraction:g} of {n} examples would hold out "
            f"{wanted}, at least {fewest} are needed to judge by. All max_epochs are run on all examples; pass X_val "
            "and y_val, raise validation_fraction, or set early_stopping=False",
            UserWarning,
            stacklevel=5,
        )
        return None
    even = ((np.arange(wanted) + 0.5) * len(candidates) / wanted).astype(np.int64)
    held = np.sort(candidates[even])
    return np.setdiff1d(np.arange(n), held), held


def fingerprint(*parts: Matrix | Array | NDArray[Any] | None) -> str:
    """SHA-256 of shapes, dtypes and bytes of the training data: whether a checkpoint belongs to them."""
    digest = hashlib.sha256()
    for part in parts:
        arrays = (part.data, part.indices, part.indptr) if isinstance(part, csr_array) else (part,)
        digest.update(repr(None if part is None else part.shape).encode())
        for values in arrays:
            if values is not None:
                exact = values if values.dtype.kind != "O" else values.astype(str)
                digest.update(exact.dtype.str.encode())
                digest.update(np.ascontiguousarray(exact).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
