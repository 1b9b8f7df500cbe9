"""Where examples come from: a data set by name, or a file of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets import DataError, Dataset, load
from rectinet.datasets.registry import BY_NAME
from rectinet.datasets.tables import read_table
from rectinet.engine import Matrix

Task = Literal["classify", "regress"]
Labels = NDArray[Any]

KINDS = ".npz, .svm or .csv"


@dataclass(frozen=True)
class Examples:
    """Inputs, and targets where there are any."""

    X: Matrix
    y: Labels | None

    def labelled(self, name: str) -> tuple[Matrix, Labels]:
        """X and y; a DataError says what to do when there is no y."""
        if self.y is None:
            raise DataError(f'{name}: there is no target "y"; name the array or column that is with --target')
        return self.X, self.y


def is_named(source: str) -> bool:
    """Whether `source` is a data set of the registry rather than a file; a file of that name wins."""
    return source in BY_NAME and not Path(source).is_file()


def named(source: str) -> Dataset:
    return load(source)


def table(source: str, target: str | None, n_features: int | None = None) -> Examples:
    """The examples of a user's file.

    Raises
    ------
    DataError
        For whatever is wrong with the file; a name that is neither a file nor a data set is told what there is.
    """
    if not Path(source).exists() and not Path(source).suffix:
        raise DataError(
            f"{source!r} is no data set and no file; data sets are {', '.join(BY_NAME)}, files end in {KINDS}"
        )
    return Examples(*read_table(source, target, n_features=n_features))


def inputs(source: str, target: str | None, n_features: int) -> Examples:
    """Examples to predict for: of a named data set its test part, or a whole file of the user's own."""
    if is_named(source):
        test = named(source).test
        return Examples(test.X, test.y)
    return table(source, target, n_features)


def infer_task(y: Labels) -> Task:
    """Classification for names, booleans and whole numbers, regression for numbers with a fraction."""
    fractions = y.dtype.kind == "f" and bool((y != np.floor(y)).any())
    return "regress" if fractions else "classify"


def as_classes(y: Labels) -> Labels:
    """Whole numbers stored as floats, as .svm files give them, as integers: class 3, not class 3.0."""
    whole = y.dtype.kind == "f" and bool((y == np.floor(y)).all())
    return y.astype(np.int64) if whole else y
