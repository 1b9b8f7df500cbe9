"""Users' tables: .npz, .svm / .svmlight / .libsvm and .csv files as (X, y)."""

from __future__ import annotations

from array import array
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.datasets._csv import csv_records
from rectinet.datasets._files import COMPRESSED_SUFFIXES
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets._npz import read_npz
from rectinet.datasets._svmlight import Svmlight as Svmlight
from rectinet.datasets._svmlight import ZeroBased as ZeroBased
from rectinet.datasets._svmlight import read_svmlight
from rectinet.datasets._targets import target_values
from rectinet.datasets.errors import (
    BadRecordError,
    BadShapeError,
    BadValueError,
    CountMismatchError,
    EmptyFileError,
    FormatError,
    MissingColumnError,
)
from rectinet.shown import listed, shortened, shown

Table = tuple[NDArray[Any] | csr_array, NDArray[Any] | None]
DEFAULT_TARGET = "y"
# Other common formats, and how to convert them.
REMEDIES: Final = {
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".numbers"), "; save the sheet as .csv"),
    **dict.fromkeys((".zip", ".rar", ".7z", ".tar"), "; unpack it, or compress it as .gz or .xz"),
    **dict.fromkeys((".json",), "; write one object a line, as .jsonl"),
    **dict.fromkeys((".pkl", ".pickle", ".npy", ".feather"), "; write it as .npz with arrays X and y, or as .parquet"),
}
SVM_SUFFIXES = (".svm", ".svmlight", ".libsvm")
MOST_COLUMNS = 2**31 - 1  # column indices are 32-bit integers in the kernels
BLOCK = 1 << 20  # values checked at a time: a mask of all of them would need much memory
TRUTH = {"true": 1.0, "false": 0.0}


def read_table(
    path: str | Path,
    target: str | None = None,
    *,
    n_features: int | None = None,
    zero_based: ZeroBased = "auto",
) -> Table:
    """X and y from a file.

    Parameters
    ----------
    path : path
        .npz : arrays `X` and `y`, or the parts of a sparse matrix as written by scipy's save_npz (CSR, CSC, COO or BSR)
        and `y`; no other array is read. .svm, .svmlight, .libsvm : `label index:value ...` lines. .csv : the first line
        names the columns, separated by commas, else by semicolons or tabs; all columns hold numbers or booleans, except
        the target, which may hold names. An unnamed first column, in which pandas writes row numbers, is left out. All
        but .npz may end in .gz or .xz.
    target : str, optional
        Name of the target's array or column; default: "y" if there is one.
    n_features : int, optional
        Number of columns of X, for an svmlight file to predict on, which may not contain the last ones.
    zero_based : bool or "auto"
        For svmlight files: whether indices begin at 0; see `read_svmlight`, which also reports what "auto" found.

    Returns
    -------
    X : ndarray or csr_array of shape (n, d), float32 or float64
    y : ndarray of shape (n,), or None when no target was named and there is no "y"

    Raises
    ------
    FormatError, MissingFileError, UnreadableFileError, TruncatedFileError, BadRecordError, BadValueError,
    BadShapeError, MissingColumnError, CountMismatchError, EmptyFileError, EncodingError, CorruptGzipError,
    CorruptXzError, TooLargeError
    """
    path = Path(path)
    with memory_errors_named(path):
        X, y = _read(path, target, n_features, zero_based)
        _check(X, y, path)
    return X, y


def read_svm(path: str | Path, *, n_features: int | None = None, zero_based: ZeroBased = "auto") -> Svmlight:
    """A .svm file, checked like every table, and whether its indices begin at 0."""
    path = Path(path)
    found = read_svmlight(path, n_features=n_features, zero_based=zero_based)
    _check(found.X, found.y, path)
    return found


def _read(path: Path, target: str | None, n_features: int | None, zero_based: ZeroBased) -> Table:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if len(suffixes) > 1 and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    if kind == ".npz":
        return read_npz(path, target, DEFAULT_TARGET)
    if kind in SVM_SUFFIXES:
        return read_svmlight(path, n_features=n_features, zero_based=zero_based)[:2]
    if kind == ".csv":
        return _read_csv(path, target)
    remedy = REMEDIES.get(path.suffix.lower(), "")
    raise FormatError(
        f"{path}: examples are read from .csv, .tsv, .parquet, .jsonl, .npz, .svm, .svmlight and .libsvm files{remedy}"
    )


def _check(X: NDArray[Any] | csr_array, y: NDArray[Any] | None, path: Path) -> None:
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise EmptyFileError(f"{path}: X is {X.shape[0]} x {X.shape[1]}: there is nothing in it")
    if X.shape[1] > MOST_COLUMNS:
        raise BadShapeError(f"{path}: X has {X.shape[1]:,} columns; at most {MOST_COLUMNS:,} can be worked with")
    if not _all_finite(X.data if isinstance(X, csr_array) else X):
        raise BadValueError(f"{path}: X holds NaN or infinity; replace or leave out those values")
    if y is not None and y.shape != X.shape[:1]:
        raise CountMismatchError(f"{path}: X holds {X.shape[0]} rows and y is of shape {y.shape}")
    if y is not None and y.dtype.kind == "f" and not np.isfinite(y).all():
        raise BadValueError(f"{path}: y holds NaN or infinity; leave those rows out")


def _all_finite(values: NDArray[Any]) -> bool:
    flat = values.reshape(-1)
    return all(np.isfinite(flat[start : start + BLOCK]).all() for start in range(0, len(flat), BLOCK))


# .csv


def _read_csv(path: Path, target: str | None) -> Table:
    values = array("d")
    lines = array("q")
    targets: list[str] = []
    name = target or DEFAULT_TARGET
    with closing(csv_records(path)) as records:
        first_line, columns = next(records, (1, []))
        check_header(columns, target, f"{path}, line {first_line}", path)
        place = columns.index(name) if name in columns else None
        if place is not None:
            columns.pop(place)
        for line, fields in records:
            if place is not None:
                targets.append(fields.pop(place))
            _append(values, fields, columns, f"{path}, line {line}")
            lines.append(line)
    if not lines:
        raise EmptyFileError(f"{path}: there is no row in it")
    X = np.frombuffer(values, np.float64).reshape(len(lines), -1) if values else np.empty((len(lines), 0))
    _check_finite_cells(X, columns, lines, path)
    return X, None if place is None else _target_array(targets, lines, name, path)


def check_header(columns: list[str], target: str | None, where: str, path: Path) -> None:
    numbers = [column for column in columns if _is_number(column)]
    if numbers and (len(numbers) == len(columns) or not all(column.isdigit() for column in numbers)):
        raise BadRecordError(
            f"{where}: the first line must name the columns and holds numbers ({shortened(numbers[0])}, ...)"
        )
    if target is not None and target not in columns and columns:
        raise MissingColumnError(f"{path}: there is no column {target!r}; there are {listed(columns, show=shortened)}")


def _append(values: array[float], fields: list[str], columns: list[str], where: str) -> None:
    """Append the numbers of a row, converted all at once if all of them are plain."""
    before = len(values)
    try:
        values.extend(map(float, fields))
        if "_" not in "".join(fields):
            return
    except ValueError:
        pass
    del values[before:]
    values.extend(_number(field, column, where) for field, column in zip(fields, columns, strict=True))


def _is_number(field: str) -> bool:
    """Whether a text spells a number; "1_0" does not, although Python would read it as 10."""
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def _number(field: str, column: str, where: str) -> float:
    if _is_number(field):
        return float(field)
    if (truth := TRUTH.get(field.strip().lower())) is not None:
        return truth
    raise BadValueError(f"{where}: {shown(column)} is {shown(field)}; a number is needed, as 1234.5")


def _check_finite_cells(X: NDArray[np.float64], columns: list[str], lines: array[int], path: Path) -> None:
    if _all_finite(X):
        return
    row = next(row for row in range(len(X)) if not np.isfinite(X[row]).all())
    column = int(np.flatnonzero(~np.isfinite(X[row]))[0])
    raise BadValueError(
        f"{path}, line {lines[row]}: {shown(columns[column])} is NaN or infinity ({X[row, column]}); "
        "replace it or leave the row out"
    )


def _target_array(fields: list[str], lines: array[int], column: str, path: Path) -> NDArray[Any]:
    """Targets as integers if all are, else as floats if all are, else as names."""
    found = target_values(fields, lines, column, path)
    empty = [place for place, value in enumerate(found) if value is None]
    if empty:
        first = fields[empty[0]]
        what = f"first in line {lines[empty[0]]}" + (f", which holds {shown(first)}" if first.strip() else "")
        raise BadValueError(f"{path}, column {column}: empty in {len(empty)} rows, {what}; leave those rows out")
    kind = type(found[0])
    return np.array(found, {int: np.int64, float: np.float64}.get(kind))
