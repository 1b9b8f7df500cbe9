"""What an estimator takes for targets: classes, ratings, values, or classes that are known for some examples only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d

from rectinet.runs.config import Task


class Labels(Protocol):
    """How targets are read."""

    task: ClassVar[Task]

    def read(self, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """The targets that are there, and which examples have one (None: all)."""
        ...


@dataclass(frozen=True)
class ClassLabels:
    """Every example has a class."""

    task: ClassVar[Task] = "classify"

    def read(self, y: ArrayLike) -> tuple[NDArray[Any], None]:
        shape = np.shape(y)
        if len(shape) == 2 and shape[1] > 1:
            raise ValueError(
                f"y has the shape {shape}, and should be a 1d array: a classifier tells one class per example. For "
                "several labels per example wrap it: sklearn.multioutput.MultiOutputClassifier(classifier)"
            )
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return np.asarray(y), None


@dataclass(frozen=True)
class RatingLabels:
    """Every example has a rating."""

    task: ClassVar[Task] = "rate"

    def read(self, y: ArrayLike) -> tuple[NDArray[np.float64], None]:
        column = column_or_1d(y, warn=True)
        return np.asarray(check_array(column, dtype=np.float64, ensure_2d=False, input_name="y")), None


@dataclass(frozen=True)
class ValueLabels:
    """Every example has one value, or several."""

    task: ClassVar[Task] = "regress"

    def read(self, y: ArrayLike) -> tuple[NDArray[np.float64], None]:
        return np.asarray(check_array(y, dtype=np.float64, ensure_2d=False, input_name="y", allow_nd=False)), None


@dataclass(frozen=True)
class SomeClassLabels:
    """Some examples have a class; -1 and None stand for those that have not."""

    task: ClassVar[Task] = "classify"

    def read(self, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        values = np.asarray(column_or_1d(y, warn=True))
        known = np.array([not (label is None or label == -1) for label in values.tolist()], dtype=bool)
        labels = values[known]
        if labels.dtype.kind == "O" and not any(isinstance(label, str) for label in labels):
            labels = np.array(labels.tolist())  # of their own kind, though they stood beside None
        return (ClassLabels().read(labels)[0] if len(labels) else labels), known
