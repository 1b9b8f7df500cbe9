"""Classification where only some examples have a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_consistent_length, column_or_1d

from rectinet.estimators._data import Input, stacked
from rectinet.estimators.classifier import RectifierClassifier


@dataclass(eq=False, repr=False)
class SemiSupervisedClassifier(RectifierClassifier):
    """A classifier that takes y = -1 (or None) as unlabelled, scikit-learn's convention.

    All examples pre-train the hidden layers, the labelled ones fine-tune them: `RectifierClassifier` with the
    unlabelled examples as `X_unlabeled`. A class can therefore not be called -1.

    Parameters
    ----------
    pretrain_epochs : int or sequence of int, default=10
        0 would ignore the unlabelled examples, and is refused when there are some.
    hidden_layer_sizes, activation, ..., class_weight
        As in `RectifierClassifier`.

    Attributes
    ----------
    classes_, network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, \
class_weight_, n_features_in_, feature_names_in_
        As in `RectifierClassifier`.
    """

    pretrain_epochs: int | tuple[int, ...] = 10

    def fit(
        self,
        X: Input,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: Input | None = None,
        y_val: ArrayLike | None = None,
        X_unlabeled: Input | None = None,
    ) -> Self:
        """As the fit of `RectifierClassifier`, with the rows whose y is -1 or None moved to `X_unlabeled`.

        After `pretrain` those rows are left out: they can only have been part of it.
        """
        check_consistent_length(X, y)
        labels, rows, others = _labelled(y)
        weight = None if sample_weight is None else _safe_indexing(np.asarray(sample_weight), rows)
        if len(others) and not hasattr(self, "pretrained_network_"):
            unlabelled = _safe_indexing(X, others)
            X_unlabeled = unlabelled if X_unlabeled is None else stacked(unlabelled, X_unlabeled)
        super().fit(_safe_indexing(X, rows), labels, weight, X_val, y_val, X_unlabeled)
        return self

    def partial_fit(
        self,
        X: Input,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """As the partial_fit of `RectifierClassifier`, on the labelled rows alone."""
        check_consistent_length(X, y)
        labels, rows, _ = _labelled(y)
        weight = None if sample_weight is None else _safe_indexing(np.asarray(sample_weight), rows)
        return super().partial_fit(_safe_indexing(X, rows), labels, classes, weight)


def _labelled(y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """The labels there are, the rows that have them, and the rows that have none."""
    values = column_or_1d(y, warn=True)
    known = np.array([not (label is None or label == -1) for label in values.tolist()], dtype=bool)
    if not known.any():
        raise ValueError("y has no labelled example: every label is -1 or None")
    labels = values[known]
    if labels.dtype.kind == "O" and not any(isinstance(label, str) for label in labels):
        labels = np.array(labels.tolist())  # numbers that stood beside None
    return labels, np.flatnonzero(known), np.flatnonzero(~known)
