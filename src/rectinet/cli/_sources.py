"""Sources of examples: a data set by name, or a user's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from rectinet.arrays import Matrix
from rectinet.cli import _tables
from rectinet.datasets import DataError, Dataset, load
from rectinet.datasets.errors import MissingColumnError
from rectinet.datasets.frame import Frame
from rectinet.datasets.registry import BY_NAME
from rectinet.datasets.table_files import table_suffix
from rectinet.datasets.tables import SVM_SUFFIXES, ZeroBased, read_svm, read_table
from rectinet.datasets.text import read_texts
from rectinet.estimators.table import TableModel
from rectinet.estimators.text import TextModel
from rectinet.suggestion import did_you_mean

Labels = NDArray[Any]

KINDS: Final = ".npz, .svm, .csv, .tsv or .parquet, texts in .jsonl or .csv"
TEXT: Final = "text"  # default name of the text's field
TEXT_KINDS: Final = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Examples:
    """Inputs, targets if there are any, and for an .svm file the index of its first column."""

    X: Matrix
    y: Labels | None
    index_base: int | None = None

    def labelled(self, name: str) -> tuple[Matrix, Labels]:
        """X and y; without y, a DataError explains how to name it."""
        if self.y is None:
            raise DataError(f'{name}: there is no target "y"; name the array or column that is with --target')
        return self.X, self.y


def is_named(source: str) -> bool:
    """Whether `source` names a data set of the registry; a file of that name takes precedence."""
    return source in BY_NAME and not Path(source).is_file()


def is_text(source: str) -> bool:
    """Whether a file's name says that it holds texts; a .csv with texts needs --text."""
    return Path(source.removesuffix(".xz").removesuffix(".gz")).suffix.lower() in TEXT_KINDS


def named(source: str) -> Dataset:
    return load(source)


def table(source: str, target: str | None, n_features: int | None = None, index_base: int | None = None) -> Examples:
    """The examples of a user's file.

    Parameters
    ----------
    n_features, index_base : int, optional
        For an .svm file: number of columns, and index of the first, if known.

    Raises
    ------
    DataError
        For any fault in the file; if `source` is neither a file nor a data set, the message lists the data sets.
    """
    if not Path(source).exists() and not Path(source).suffix:
        raise DataError(
            f"{source!r} is no data set and no file{did_you_mean(source, BY_NAME)}; data sets are "
            f"{', '.join(BY_NAME)}, files end in {KINDS}"
        )
    if table_suffix(source) in SVM_SUFFIXES:
        zero_based: ZeroBased = "auto" if index_base is None else index_base == 0
        found = read_svm(source, n_features=n_features, zero_based=zero_based)
        return Examples(found.X, found.y, 0 if found.zero_based else 1)
    return Examples(*read_table(source, target, n_features=n_features))


def without_target(source: str, target: str | None, n_features: int, index_base: int | None = None) -> Matrix:
    """The inputs of a table with or without the target's column."""
    try:
        return table(source, target, n_features, index_base).X
    except MissingColumnError:
        return table(source, None, n_features, index_base).X


def inputs(estimator: Any, source: str, target: str | None, text: str | None) -> Matrix | list[str] | Frame:
    """The inputs to predict: texts of a file, the test part of a named data set, or a whole table."""
    if isinstance(estimator, TextModel):
        return read_texts(source, text or TEXT, blank=True).texts
    if text is not None:
        raise ValueError(f"this model is a {type(estimator).__name__} of features, not of texts; leave out --text")
    if isinstance(estimator, TableModel):
        return _tables.asked(source)
    if is_named(source):
        return named(source).test.X
    return without_target(source, target, estimator.n_features_in_, estimator.index_base_)
