"""The features an estimator was fitted to, and validation of X against them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import sparray, spmatrix
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_sample_weight, validate_data

from rectinet.arrays import Array, Matrix
from rectinet.datasets.shards import shards
from rectinet.encoders.scaling import Scaler, Scaling
from rectinet.stored import Stored, canonical, mapping_of, stored_of
from rectinet.warning import warn

Input = ArrayLike | sparray | spmatrix | Stored | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Inputs:
    """The features of X: their number, names and scales, and the dtype they are computed in.

    Separate from the estimator, so that a failed fit leaves the estimator as it was, and a prediction checks X against
    the same model that predicts.
    """

    estimator: str  # name of its class, for error messages
    dtype: str
    n_features: int
    feature_names: NDArray[np.object_] | None = None
    scaler: Scaler | None = None
    index_base: int | None = None

    @classmethod
    def learn(
        cls,
        estimator: str,
        dtype: str,
        X: Input,
        y: ArrayLike | str | None,
        scaling: Scaling | None = None,
        sample_weight: ArrayLike | None = None,
        known: Scaler | None = None,
    ) -> tuple[Self, Matrix | Stored, Any]:
        """The features of X, X in the form that engines need, and y as an array ("no_validation": none).

        Scales are learned from the rows of positive weight, unless `known` scales are given, such as those of a
        pre-trained network.
        """
        in_memory = scaling is not None and isinstance(X, np.memmap)  # scaling copies it into memory
        if not in_memory and (stored := on_disk(X)) is not None:
            if scaling is not None:
                raise ValueError(
                    f"scaling={scaling!r} needs X in memory; this one is on disk: scale it when it is written"
                )
            return cls(estimator, dtype, stored.shape[1]), *_validate_stored(estimator, stored.of_dtype(dtype), y)
        seen = _stand_in(estimator)()
        checked, targets = _validate(seen, "float64" if scaling else dtype, X, y, reset=True)
        names = seen.feature_names_in_ if "feature_names_in_" in vars(seen) else None
        found = cls(estimator, dtype, int(seen.n_features_in_), names)
        if scaling is None:
            return found, checked, targets
        if known is None or (known.kind, known.n_columns) != (scaling, found.n_features):
            weight = check_weights(sample_weight, checked)
            known = Scaler.fit(scaling, checked if weight is None else checked[np.flatnonzero(weight)])
            if note := known.note("features"):
                warn(note)
        found = replace(found, scaler=known)
        return found, found._scaled(checked), targets

    def check_any(self, X: Input, y: ArrayLike | str | None = "no_validation") -> tuple[Matrix | Stored, Any]:
        """As `check`, but X may also be on disk, where it stays."""
        if self.scaler is not None or (stored := on_disk(X)) is None:
            return self.check(X, y)
        if stored.shape[1] != self.n_features:
            raise ValueError(
                f"X has {stored.shape[1]} features, but {self.estimator} is expecting {self.n_features} features as "
                "input"
            )
        return _validate_stored(self.estimator, stored.of_dtype(self.dtype), y)

    def check(self, X: Input, y: ArrayLike | str | None = "no_validation") -> tuple[Matrix, Any]:
        """X, checked against these features, and y as an array.

        Raises
        ------
        ValueError
            When X has other features, values that are not finite or too large for the dtype, or is not a matrix.
        """
        if not isinstance(X, np.ndarray) and on_disk(X) is not None:
            raise ValueError("this takes X in memory: give some rows of what is on disk, shards(paths)[:1000]")
        known = _stand_in(self.estimator)()
        known.n_features_in_ = self.n_features
        if self.feature_names is not None:
            known.feature_names_in_ = self.feature_names
        checked, targets = _validate(known, "float64" if self.scaler else self.dtype, X, y, reset=False)
        return self._scaled(checked), targets

    def _scaled(self, X: Matrix) -> Matrix:
        return X if self.scaler is None else canonical(self.scaler.scale(X, self.dtype))


@cache
def _stand_in(name: str) -> type[BaseEstimator]:
    """A substitute for the estimator in scikit-learn's checks, with its name, on which attributes may be set."""
    return type(name, (_StandIn,), {})


class _StandIn(BaseEstimator):  # type: ignore[misc]
    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.target_tags.required = True
        return tags


def _validate(seen: BaseEstimator, dtype: str, X: Input, y: Any, *, reset: bool) -> tuple[Matrix, Any]:
    with np.errstate(over="ignore"):  # values too large for float32 become infinite and are refused as such
        checked = validate_data(
            seen,
            X,
            y,
            reset=reset,
            accept_sparse="csr",
            dtype=dtype,
            order="C",
            **({} if _none(y) else {"multi_output": True}),
        )
    X, targets = (checked, None) if _none(y) else checked
    return canonical(X), targets


def on_disk(X: Any) -> Stored | None:
    """X if it is a memory-mapped array, shards, or a list of memory-mapped arrays or of paths; else None."""
    if isinstance(X, Stored):
        return X
    listed = list(X) if isinstance(X, list | tuple) else []
    if listed and all(isinstance(one, str | os.PathLike) for one in listed):
        return shards(listed)
    arrays = [X] if isinstance(X, np.memmap) else listed
    if not (arrays and all(isinstance(one, np.memmap) and one.ndim == 2 and mapping_of(one) for one in arrays)):
        return None
    return stored_of(arrays, [f"X[{k}]" if listed else "X" for k in range(len(arrays))])


def _validate_stored(estimator: str, X: Stored, y: Any) -> tuple[Stored, Any]:
    """X after one check of all its values, and y as validated against an array with as many rows."""
    X.facts  # noqa: B018 - raises for values that are not finite
    if _none(y):
        return X, None
    return X, _validate(_stand_in(estimator)(), X.dtype.name, np.zeros((X.shape[0], 1), X.dtype), y, reset=True)[1]


def _none(y: Any) -> bool:
    return isinstance(y, str) and y == "no_validation"


def check_weights(sample_weight: Any, X: Matrix | Stored) -> Array | None:
    """Sample weights as float64 of shape (n,), or None.

    Raises
    ------
    ValueError
        For a wrong shape, negative or non-finite weights, or weights that are all 0.
    """
    if sample_weight is None:
        return None
    weight: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("sample_weight is zero for every example: nothing is left to learn from")
    return weight
