"""Classification where only some examples have a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import column_or_1d

from rectinet.engine import Array, Matrix
from rectinet.estimators._data import Input
from rectinet.estimators.classifier import RectifierClassifier


@dataclass(eq=False, repr=False)
class SemiSupervisedClassifier(RectifierClassifier):
    """A classifier that takes y = -1 (or None) as unlabelled, scikit-learn's convention.

    All examples pre-train the hidden layers, the labelled ones fine-tune them: `RectifierClassifier` with the
    unlabelled examples as `X_unlabeled`. A class can therefore not be called -1. After `pretrain`, and in
    `partial_fit`, unlabelled rows are left out.

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

    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[Any]:
        """Labels as they are given; those that are there are checked as labels."""
        values = column_or_1d(y, warn=True)
        super()._check_targets(_labels(values, _known(values)), reset)
        return np.asarray(values)

    def _check_examples(
        self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None, reset: bool
    ) -> tuple[Matrix, NDArray[Any], Array | None, Matrix | None]:
        """Labelled examples, and the inputs of the others."""
        inputs, targets, weight, _ = super()._check_examples(X, y, sample_weight, reset)
        known = _known(targets)
        rows, others = np.flatnonzero(known), np.flatnonzero(~known)
        unlabelled = inputs[others] if len(others) else None
        return inputs[rows], _labels(targets, known), None if weight is None else weight[rows], unlabelled


def _known(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows have a label; at least one must."""
    known = np.array([not (label is None or label == -1) for label in labels.tolist()], dtype=bool)
    if not known.any():
        raise ValueError("y has no labelled example: every label is -1 or None")
    return known


def _labels(values: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[Any]:
    """The labels there are, of their own kind where they stood beside None."""
    labels = values[known]
    numbers = labels.dtype.kind == "O" and not any(isinstance(label, str) for label in labels)
    return np.array(labels.tolist()) if numbers else labels
