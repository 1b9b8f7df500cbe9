"""Tables from .npz archives: reads only the requested arrays, each once and in place, without pickle."""

from __future__ import annotations

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from scipy.sparse import bsr_array, coo_array, csc_array, csr_array

from rectinet.datasets._files import BLOCK_BYTES, opened
from rectinet.datasets._memory import check_fits
from rectinet.datasets.errors import (
    BadRecordError,
    BadShapeError,
    BadValueError,
    CountMismatchError,
    EncodingError,
    MissingColumnError,
    TruncatedFileError,
    UnreadableFileError,
)
from rectinet.shown import listed, reason, shortened, shown

INDICES: Final = {  # arrays of scipy's formats besides data and shape; dia has others
    "csr": ("indices", "indptr"),
    "csc": ("indices", "indptr"),
    "bsr": ("indices", "indptr"),
    "coo": ("row", "col"),
}
ZIP_ERRORS: Final = (  # errors of zipfile on a damaged directory, besides its own
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
METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # numpy's; others may demand up to 4 GiB of memory
MOST_DEFLATED: Final = 1032  # highest compression ratio of the format: a higher one is false
MOST_HEADER_BYTES: Final = 1 << 16
HIGHEST_CODE_POINT: Final = 0x10FFFF
SURROGATES: Final = (0xD800, 0xDFFF)


def read_npz(path: Path, target: str | None, default_target: str) -> tuple[NDArray[Any] | csr_array, Any]:
    """X (dense or CSR) and y; y is None if no target was named and the default one is missing."""
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _table(_Arrays(archive, path), target, default_target)
        except ZIP_ERRORS as error:
            raise UnreadableFileError(
                f"{path}: not an .npz file, or a damaged one ({reason(error)}); save it again"
            ) from error


class _Arrays:
    """The arrays of an archive by name, read on demand."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self.archive, self.path = archive, path
        self.members = {
            info.filename.removesuffix(".npy"): info for info in archive.infolist() if info.filename.endswith(".npy")
        }

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def __getitem__(self, name: str) -> NDArray[Any]:
        info = self.members[name]
        if info.compress_type not in METHODS:
            raise zipfile.BadZipFile(f"{name} is compressed by method {info.compress_type}, unknown here")
        if info.file_size > MOST_DEFLATED * (info.compress_size + 1):
            raise zipfile.BadZipFile(f"{name} claims {info.file_size} bytes from {info.compress_size}")
        with self.archive.open(info) as member:
            return _npy_array(member, info.file_size, f"{self.path}, array {name}")


def _table(arrays: _Arrays, target: str | None, default_target: str) -> tuple[NDArray[Any] | csr_array, Any]:
    path = arrays.path
    name = target or default_target
    if target is not None and target not in arrays:
        raise MissingColumnError(
            f"{path}: there is no array {target!r}; there are {listed(arrays.members, show=shortened)}"
        )
    if "X" in arrays:
        X: NDArray[Any] | csr_array = _numeric_matrix(arrays["X"], path)
    elif "data" in arrays and "shape" in arrays:
        X = _sparse(arrays)
    else:
        raise MissingColumnError(
            f"{path}: an array X is needed, or the CSR parts data, indices, indptr, shape as scipy's save_npz writes "
            f"them; there are {listed(arrays.members, show=shortened)}"
        )
    return X, _targets(arrays[name], X.shape[0], f"{path}, array {name}") if name in arrays else None


def _npy_array(file: IO[bytes], size: int, where: str) -> NDArray[Any]:
    shape, fortran_order, dtype = _header(file, where)
    if dtype.hasobject:
        raise BadValueError(
            f"{where}: holds Python objects, which only pickle could read, and a pickle may run code; save it as "
            "numbers or texts, for example array.astype(str)"
        )
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise BadValueError(f"{where}: holds {shown(dtype)}; only real numbers and texts are read")
    wanted = math.prod(shape) * dtype.itemsize
    if wanted > size:
        raise TruncatedFileError(f"{where}: declares shape {shown(shape)} of {dtype}, and only {size} bytes are there")
    check_fits(wanted, where, f"its shape {shown(shape)} of {dtype}")
    content = np.empty(wanted, np.uint8)
    for start in range(0, wanted, BLOCK_BYTES):
        block = file.read(min(BLOCK_BYTES, wanted - start))
        content[start : start + len(block)] = np.frombuffer(block, np.uint8)
        if len(block) < min(BLOCK_BYTES, wanted - start):
            raise TruncatedFileError(
                f"{where}: declares shape {shown(shape)} of {dtype}, and only {start + len(block)} bytes are there"
            )
    try:
        return content.view(dtype).reshape(shape, order="F" if fortran_order else "C")
    except (ValueError, OverflowError) as error:  # more or longer dimensions than NumPy allows
        raise BadShapeError(f"{where}: cannot have the shape {shown(shape)} ({reason(error)})") from error


def _header(file: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(file)
        length = file.read(2 if version == (1, 0) else 4)
        if int.from_bytes(length, "little") > MOST_HEADER_BYTES:
            raise ValueError(f"it claims to be {int.from_bytes(length, 'little')} bytes long")
        header = io.BytesIO(length + file.read(int.from_bytes(length, "little")))
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # NumPy warns about type names that it never writes
            shape, fortran_order, dtype = read_header(header)
        if any(type(n) is not int or n < 0 for n in shape):  # bool is a subclass of int
            raise ValueError(f"{shown(shape)} is no shape")
    except (ValueError, SyntaxError, TypeError, RecursionError, tokenize.TokenError, Warning) as error:
        raise BadRecordError(f"{where}: the header of the array cannot be read ({reason(error)})") from error
    return shape, fortran_order, dtype


def _floats(values: NDArray[Any], where: str) -> NDArray[Any]:
    """float64 if the file has as much precision, else float32; in C order, without a copy if possible."""
    dtype = np.float64 if values.dtype.kind == "f" and values.dtype.itemsize >= 8 else np.float32
    if values.dtype != dtype:
        check_fits(values.size * np.dtype(dtype).itemsize, where, f"its shape {values.shape} as {np.dtype(dtype)}")
    with np.errstate(over="ignore"):  # infinite values raise an error later
        return np.ascontiguousarray(values, dtype=dtype)


def _numeric_matrix(values: NDArray[Any], path: Path) -> NDArray[Any]:
    if values.ndim != 2:
        raise BadShapeError(
            f"{path}: X must have two dimensions (rows, features) and is of shape {values.shape}; "
            "save X.reshape(len(X), -1) for pictures"
        )
    if values.dtype.kind not in "biuf":
        raise BadValueError(f"{path}: X must hold numbers and holds {values.dtype}")
    return _floats(values, f"{path}, array X")


def _targets(values: NDArray[Any], n: int, where: str) -> NDArray[Any]:
    """One value for each row; y may also be a column of shape (n, 1), and bytes become texts."""
    if values.shape == (n, 1):
        values = values.reshape(n)
    if values.shape != (n,):
        raise CountMismatchError(
            f"{where}: X holds {n} rows and y is of shape {values.shape}; one value for each row is needed "
            "(for one column for each class, save y.argmax(axis=1))"
        )
    if values.dtype.kind == "S":
        try:
            return np.char.decode(values, "utf-8")
        except UnicodeDecodeError as error:
            raise EncodingError(
                f"{where}: holds bytes that are not UTF-8 ({reason(error)}); save it as text"
            ) from error
    values = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    if values.dtype.kind == "U":
        codes = values.view(np.uint32)
        if ((codes > HIGHEST_CODE_POINT) | ((codes >= SURROGATES[0]) & (codes <= SURROGATES[1]))).any():
            raise EncodingError(f"{where}: holds what is no character; save it again")
    return values


def _sparse(arrays: _Arrays) -> csr_array:
    path = arrays.path
    kind = _sparse_format(arrays)
    names = INDICES.get(kind, ())
    missing = [name for name in names if name not in arrays]
    if not names or missing:
        raise BadShapeError(
            f"{path}: a matrix saved as {shown(kind)} "
            + (f"lacks {', '.join(missing)}" if missing else "cannot be read")
            + "; save it with scipy's save_npz(path, X.tocsr())"
        )
    data, shape, first, second = (arrays[name] for name in ("data", "shape", *names))
    if data.dtype.kind not in "biuf" or any(part.dtype.kind not in "iu" for part in (first, second, shape)):
        raise BadValueError(f"{path}: the {kind.upper()} data must be numbers and its indices and shape integers")
    size = tuple(int(n) for n in shape.ravel())
    try:
        if len(size) != 2 or min(size) < 0:
            raise ValueError(f"shape is {shown(size)}")
        if kind != "csr":
            check_fits(8 * size[0], str(path), f"{size[0]:,} rows")  # becomes CSR, which has an entry for each row
        data, first, second = _floats(data, f"{path}, data"), _signed(first), _signed(second)
        if kind == "coo":
            return csr_array(coo_array((data, (first, second)), shape=size))
        X = {"csr": csr_array, "csc": csc_array, "bsr": bsr_array}[kind]((data, first, second), shape=size)
        X.check_format(full_check=True)
        return csr_array(X)
    except (ValueError, TypeError, ArithmeticError, IndexError) as error:
        raise BadShapeError(f"{path}: the {kind.upper()} parts do not belong together ({reason(error)})") from error


def _sparse_format(arrays: _Arrays) -> str:
    if "format" not in arrays:
        return "csr"
    word = arrays["format"].tolist()
    return word.decode("latin-1") if isinstance(word, bytes) else str(word)


def _signed(indices: NDArray[Any]) -> NDArray[Any]:
    if indices.dtype.kind == "u" and indices.size and int(indices.max()) >= 2**63:
        raise ValueError(f"an index is {int(indices.max())}")
    return np.ascontiguousarray(indices, np.int64)
