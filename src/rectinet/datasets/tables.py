"""Tables of the user's own: .npz, .svm / .svmlight / .libsvm and .csv files as (X, y)."""

from __future__ import annotations

import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.datasets._files import COMPRESSED_SUFFIXES, opened
from rectinet.datasets.errors import (
    BadRecordError,
    BadShapeError,
    BadValueError,
    CountMismatchError,
    EmptyFileError,
    FormatError,
    MissingColumnError,
    TruncatedFileError,
    UnreadableFileError,
)
from rectinet.datasets.text import as_number, csv_rows

Table = tuple[NDArray[Any] | csr_array, NDArray[Any] | None]
DEFAULT_TARGET = "y"
CSR_PARTS = ("data", "indices", "indptr", "shape")
ZIP_ERRORS = (  # what zipfile lets through from a damaged directory: names that are no text, places that are none
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what numpy writes; others name the memory they want, up to 4 GiB
MAX_DEFLATE_RATIO = 1032  # of the format: what claims to unpack to more than this is lying


def read_table(path: str | Path, target: str | None = None, *, n_features: int | None = None) -> Table:
    """X and y from a file.

    Parameters
    ----------
    path : path
        .npz : arrays `X` and `y`; or the CSR parts `data`, `indices`, `indptr`, `shape` (as scipy's save_npz writes
        them) and `y`. .svm, .svmlight, .libsvm : `label index:value ...` lines, indices from 0 or from 1, told by
        whether there is a 0 (scikit-learn's rule). .csv : the first line names the columns, all of them numbers
        except the target, which may be names. The last two perhaps with .gz or .xz.
    target : str, optional
        Name of the target's array or column. Without it, "y" is taken if there is one.
    n_features : int, optional
        Columns of X, for an svmlight file to predict on, which may not mention the last ones.

    Returns
    -------
    X : ndarray or csr_array of shape (n, d), float32 or float64
    y : ndarray of shape (n,), or None when no target was named and there is no "y"

    Raises
    ------
    FormatError, MissingFileError, UnreadableFileError, TruncatedFileError, BadRecordError, BadValueError,
    BadShapeError, MissingColumnError, CountMismatchError, EmptyFileError, EncodingError, CorruptGzipError,
    CorruptXzError
    """
    path = Path(path)
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if len(suffixes) > 1 and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    if kind == ".npz":
        X, y = _read_npz(path, target)
    elif kind in (".svm", ".svmlight", ".libsvm"):
        X, y = _read_svmlight(path, n_features)
    elif kind == ".csv":
        X, y = _read_csv(path, target)
    else:
        raise FormatError(f"{path}: tables are read from .npz, .svm, .svmlight, .libsvm and .csv files")
    _check(X, y, path)
    return X, y


def _check(X: NDArray[Any] | csr_array, y: NDArray[Any] | None, path: Path) -> None:
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise EmptyFileError(f"{path}: X is {X.shape[0]} x {X.shape[1]}: there is nothing in it")
    values = X.data if isinstance(X, csr_array) else X
    if not np.isfinite(values).all():
        raise BadValueError(f"{path}: X holds NaN or infinity; replace or leave out those values")
    if y is not None and y.shape != X.shape[:1]:
        raise CountMismatchError(f"{path}: X holds {X.shape[0]} rows and y is of shape {y.shape}")
    if y is not None and y.dtype.kind == "f" and not np.isfinite(y).all():
        raise BadValueError(f"{path}: y holds NaN or infinity; leave those rows out")


# .npz


def _read_npz(path: Path, target: str | None) -> Table:
    with opened(path) as file:
        try:
            arrays = _npz_arrays(file, path)
        except ZIP_ERRORS as error:
            raise UnreadableFileError(f"{path}: not an .npz file, or a damaged one ({error}); save it again") from error
    name = target or DEFAULT_TARGET
    if target is not None and target not in arrays:
        raise MissingColumnError(f"{path}: there is no array {target!r}; there are {', '.join(arrays) or 'none'}")
    y = arrays.get(name)
    if "X" in arrays:
        return _numeric_matrix(arrays["X"], path), y
    if all(part in arrays for part in CSR_PARTS):
        return _csr(arrays, path), y
    there = ", ".join(arrays) or "none"
    raise MissingColumnError(
        f"{path}: an array X is needed, or the CSR parts {', '.join(CSR_PARTS)}; there are {there}"
    )


def _npz_arrays(file: IO[bytes], path: Path) -> dict[str, NDArray[Any]]:
    """Every array of the archive, its declared size compared with the bytes that are there before any is allocated."""
    arrays = {}
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):
                continue
            name = info.filename.removesuffix(".npy")
            if info.compress_type not in METHODS:
                raise zipfile.BadZipFile(f"{name} is compressed by method {info.compress_type}, unknown here")
            if info.file_size > MAX_DEFLATE_RATIO * (info.compress_size + 1):
                raise zipfile.BadZipFile(f"{name} claims {info.file_size} bytes from {info.compress_size}")
            with archive.open(info) as member:
                arrays[name] = _npy_array(member, info.file_size, f"{path}, array {name}")
    return arrays


def _npy_array(file: IO[bytes], size: int, where: str) -> NDArray[Any]:
    try:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns of names for types that it has never written itself
            shape, fortran_order, dtype = read_header(file)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, tokenize.TokenError, Warning) as error:
        raise BadRecordError(f"{where}: the header of the array cannot be read ({error})") from error
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise BadValueError(f"{where}: holds {dtype}; only numbers and plain texts are read")
    wanted = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or wanted > size:
        raise TruncatedFileError(f"{where}: declares shape {shape} of {dtype}, and only {size} bytes are there")
    content = file.read(wanted)
    if len(content) < wanted:
        raise TruncatedFileError(f"{where}: declares shape {shape} of {dtype}, and only {len(content)} bytes are there")
    values = np.frombuffer(bytearray(content), dtype)
    return values.reshape(shape, order="F" if fortran_order else "C")


def _numeric_matrix(values: NDArray[Any], path: Path) -> NDArray[Any]:
    if values.ndim != 2:
        raise BadShapeError(f"{path}: X must have two dimensions (rows, features) and is of shape {values.shape}")
    if values.dtype.kind not in "biuf":
        raise BadValueError(f"{path}: X must hold numbers and holds {values.dtype}")
    return np.ascontiguousarray(values, dtype=np.float64 if values.dtype == np.float64 else np.float32)


def _csr(arrays: dict[str, NDArray[Any]], path: Path) -> csr_array:
    data, indices, indptr, shape = (arrays[part] for part in CSR_PARTS)
    if data.dtype.kind not in "biuf" or any(part.dtype.kind not in "iu" for part in (indices, indptr, shape)):
        raise BadValueError(f"{path}: the CSR data must be numbers and its indices, indptr and shape integers")
    dtype = np.float64 if data.dtype == np.float64 else np.float32
    try:
        size = tuple(int(n) for n in shape)
        if len(size) != 2:
            raise ValueError(f"shape is {size}")
        X: csr_array = csr_array((data.astype(dtype), indices.astype(np.int64), indptr.astype(np.int64)), shape=size)
        X.check_format(full_check=True)
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise BadShapeError(f"{path}: the CSR parts do not belong together ({error})") from error
    return X


# svmlight


def _read_svmlight(path: Path, n_features: int | None) -> Table:
    from sklearn.datasets import load_svmlight_file

    with opened(path) as file:
        try:
            X, y = load_svmlight_file(file, n_features=n_features, dtype=np.float64)
        except (ValueError, OverflowError, IndexError) as error:
            raise BadRecordError(
                f"{path}: not `label index:value ...` lines with rising indices from 0 or 1 ({error})"
            ) from error
    return csr_array(X), y


# .csv


def _read_csv(path: Path, target: str | None) -> Table:
    rows: list[list[float]] = []
    targets: list[str] = []
    name = target or DEFAULT_TARGET
    columns: list[str] = []
    for line, row in csv_rows(path):
        if not rows:
            columns = list(row)
            if all(_is_number(column) for column in columns):
                raise BadRecordError(
                    f"{path}: the first line must name the columns and holds numbers ({columns[0]}, ...)"
                )
            if target is not None and target not in row:
                raise MissingColumnError(f"{path}: there is no column {target!r}; there are {', '.join(columns)}")
        if name in row:
            targets.append(row.pop(name))
        rows.append([_number(field, column, f"{path}, line {line}") for column, field in row.items()])
    if not rows:
        raise EmptyFileError(f"{path}: there is no row in it")
    return np.array(rows, np.float64), _target_values(targets, f"{path}, column {name}") if name in columns else None


def _is_number(field: str) -> bool:
    try:
        as_number(field, float)
    except ValueError:
        return False
    return True


def _number(field: str, column: str, where: str) -> float:
    if not _is_number(field):
        raise BadValueError(f"{where}: {column!r} is {field!r:.40}; a number is needed")
    return float(field)


def _target_values(fields: list[str], where: str) -> NDArray[Any]:
    """Integers if all are, else floats if all are, else names."""
    if empty := sum(not field.strip() for field in fields):
        raise BadValueError(f"{where}: empty in {empty} rows; leave those rows out")
    for kind, dtype in ((int, np.int64), (float, np.float64)):
        try:
            return np.array([as_number(field, kind) for field in fields], dtype)
        except (ValueError, OverflowError):
            continue
    return np.array(fields)
