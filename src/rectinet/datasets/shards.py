"""Files of rows that are read in place: .npy, CSR in .npz, and idx."""

from __future__ import annotations

import math
import os
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.datasets._files import opened, read_exactly
from rectinet.datasets._npz import ZIP_ERRORS, _header
from rectinet.datasets.errors import (
    BadMagicError,
    BadShapeError,
    BadValueError,
    FormatError,
    TruncatedFileError,
    UnreadableFileError,
)
from rectinet.datasets.idx import MAX_DIMENSIONS, TYPES
from rectinet.shown import reason
from rectinet.stored import Stored, stored_of

CSR: Final = ("data", "indices", "indptr", "shape")
_LOCAL_HEADER: Final = struct.Struct("<26xHH")  # in a zip member: lengths of its name and of the extra field


def shards(paths: Sequence[str | os.PathLike[str]], *, factor: float = 1.0) -> Stored:
    """Rows of one or more files, which `fit` and `pretrain` read in place.

    Parameters
    ----------
    paths : sequence of paths
        .npy: an array of two or more dimensions in C order, whose first dimension is rows. .npz: a CSR matrix as
        written by ``scipy.sparse.save_npz(path, X, compressed=False)``. Any other name: uncompressed idx, the format of
        MNIST. Files must be all dense or all sparse, with the same number of features; rows are in the order of the
        files.
    factor : float
        Factor applied to every value: 1/255 for image bytes.

    Returns
    -------
    rectinet.stored.Stored
        ``stored[rows]`` reads rows into memory.

    Raises
    ------
    DataError
        A subclass for every fault of a file.
    ValueError
        For shards that do not match.
    """
    files = [Path(path) for path in paths]
    if not files:
        raise ValueError("there is no shard: give the paths of one file or more")
    if not (np.isfinite(factor) and factor != 0):
        raise ValueError(f"factor must be a finite number other than 0; got {factor!r}")
    stored = stored_of([_opened_shard(path) for path in files], [str(path) for path in files])
    return Stored(stored.parts, stored.names, factor=float(factor))


def _opened_shard(path: Path) -> Any:
    if path.suffix in (".gz", ".xz", ".bz2", ".zip"):
        raise FormatError(f"{path}: a compressed file cannot be read in place; unpack it first")
    return {".npy": _npy, ".npz": _csr}.get(path.suffix, _idx)(path)


def _npy(path: Path) -> NDArray[Any]:
    with opened(path) as file:
        shape, fortran_order, dtype = _header(file, str(path))
        offset = file.tell()
    if fortran_order and len(shape) > 1:
        raise BadShapeError(f"{path}: lies column by column; save np.ascontiguousarray(X)")
    if len(shape) < 2:
        raise BadShapeError(f"{path}: must have two dimensions or more, the first counting rows, and has shape {shape}")
    return _mapped(path, offset, shape, dtype).reshape(shape[0], -1)


def _idx(path: Path) -> NDArray[Any]:
    with opened(path) as file:
        magic = read_exactly(file, 4, path, "the idx magic number")
        if magic[:2] != b"\0\0" or magic[2] not in TYPES or not 2 <= magic[3] <= MAX_DIMENSIONS:
            raise BadMagicError(
                f"{path}: is no idx file of two dimensions or more (it starts with 0x{magic.hex()}); shards are .npy, "
                "CSR in .npz, or idx"
            )
        header = read_exactly(file, 4 * magic[3], path, "the idx dimensions")
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4"))
    return _mapped(path, 4 + len(header), shape, np.dtype(TYPES[magic[2]])).reshape(shape[0], -1)


def _csr(path: Path) -> csr_array:
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
                missing = [name for name in CSR if name not in members]
                if missing:
                    raise BadShapeError(
                        f"{path}: lacks {', '.join(missing)} of a CSR matrix; save it with "
                        "scipy.sparse.save_npz(path, X.tocsr(), compressed=False)"
                    )
                found = {name: _member(path, file, members[name]) for name in CSR}
        except ZIP_ERRORS as error:
            raise UnreadableFileError(
                f"{path}: not an .npz file, or a damaged one ({reason(error)}); save it again"
            ) from error
    data, indices, indptr, shape = (found[name] for name in CSR)
    size = tuple(int(n) for n in shape)
    ascending = indptr.ndim == 1 and indptr.dtype.kind in "iu" and len(indptr) > 0 and (np.diff(indptr) >= 0).all()
    fits = (
        ascending
        and len(size) == 2
        and len(indptr) == size[0] + 1
        and indptr[0] == 0
        and data.shape == indices.shape == (int(indptr[-1]),)
        and indices.dtype.kind in "iu"
    )
    if not fits:
        raise BadShapeError(f"{path}: the parts of the CSR matrix do not belong together; save it again")
    return csr_array((data, indices, indptr), shape=(size[0], size[1]))


def _member(path: Path, file: Any, info: zipfile.ZipInfo) -> NDArray[Any]:
    """An array of an archive, mapped at its position in the file."""
    if info.compress_type != zipfile.ZIP_STORED:
        raise FormatError(
            f"{path}: is compressed, and cannot be read in place; save it with "
            "scipy.sparse.save_npz(path, X, compressed=False)"
        )
    file.seek(info.header_offset)
    file.seek(info.header_offset + 30 + sum(_LOCAL_HEADER.unpack(file.read(30))))
    shape, _, dtype = _header(file, f"{path}, array {info.filename}")
    return _mapped(path, file.tell(), shape, dtype)


def _mapped(path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """An array inside a file, mapped read-only."""
    if dtype.hasobject or dtype.kind not in "biuf":
        raise BadValueError(f"{path}: holds {dtype}; only real numbers are read in place")
    wanted, there = math.prod(shape) * dtype.itemsize, path.stat().st_size - offset
    if wanted > there:
        raise TruncatedFileError(f"{path}: declares shape {shape} of {dtype}, and only {there} bytes are there")
    if not wanted:
        return np.empty(shape, dtype)
    return np.asarray(np.memmap(path, dtype, "r", offset, shape))
