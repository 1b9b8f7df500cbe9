"""The kinds of targets: classes, ratings, values, or classes that only some examples have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d

from rectinet.missing import missing_labels
from rectinet.targets import Task


class Labels(Protocol):
    """How targets are read.

    Attributes
    ----------
    task : {"classify", "rate", "regress"}
    minus_one : bool
        Whether -1 stands for a missing label.
    """

    task: ClassVar[Task]
    minus_one: ClassVar[bool]

    def prepare(self, y: ArrayLike) -> ArrayLike:
        """Targets in a form that scikit-learn can check, before NumPy converts them to one type."""
        ...

    def read(self, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """The targets that are not missing, and which examples have one (None: all)."""
        ...


@dataclass(frozen=True)
class ClassLabels:
    """Every example has a class."""

    task: ClassVar[Task] = "classify"
    minus_one: ClassVar[bool] = False

    def prepare(self, y: ArrayLike) -> ArrayLike:
        return y

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
    minus_one: ClassVar[bool] = False

    def prepare(self, y: ArrayLike) -> ArrayLike:
        return y

    def read(self, y: ArrayLike) -> tuple[NDArray[np.float64], None]:
        column = column_or_1d(y, warn=True)
        return np.asarray(check_array(column, dtype=np.float64, ensure_2d=False, input_name="y")), None


@dataclass(frozen=True)
class ValueLabels:
    """Every example has one value, or several."""

    task: ClassVar[Task] = "regress"
    minus_one: ClassVar[bool] = False

    def prepare(self, y: ArrayLike) -> ArrayLike:
        return y

    def read(self, y: ArrayLike) -> tuple[NDArray[np.float64], None]:
        return np.asarray(check_array(y, dtype=np.float64, ensure_2d=False, input_name="y", allow_nd=False)), None


@dataclass(frozen=True)
class SomeClassLabels:
    """Some examples have a class; -1 and the values known to `rectinet.missing` mark those without one."""

    task: ClassVar[Task] = "classify"
    minus_one: ClassVar[bool] = True

    def prepare(self, y: ArrayLike) -> ArrayLike:
        """The labels one by one, None for each missing one."""
        if y is None or (isinstance(y, np.ndarray) and y.dtype.kind in "biu"):
            return y
        labels = np.array(y, dtype=object)
        flat = labels.reshape(-1)
        missing = missing_labels(flat, minus_one=True)
        if not missing.any() and isinstance(y, np.ndarray):
            return y
        flat[missing] = None
        return labels

    def read(self, y: ArrayLike) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        values = np.asarray(column_or_1d(y, warn=True))
        known = ~missing_labels(values.tolist(), minus_one=True)
        labels = values[known]
        if labels.dtype.kind == "O":
            kinds = {isinstance(label, str) for label in labels}
            if len(kinds) > 1:
                name, number = (
                    next(label for label in labels if isinstance(label, str) is kind) for kind in (True, False)
                )
                raise ValueError(
                    f"y holds names, such as {name!r}, and numbers, such as {number!r}; classes are one or the other, "
                    "and None or -1 where there is none"
                )
            if kinds == {False}:
                labels = np.array(labels.tolist())  # with the type they have without None
        return (ClassLabels().read(labels)[0] if len(labels) else labels), known
