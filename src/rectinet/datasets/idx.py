"""The idx format of MNIST: a magic number, the dimensions, the array; all big-endian.

Bytes 0-1 are zero, byte 2 the type of the elements, byte 3 the number of dimensions, then one 32-bit size for each.
Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "file formats".
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._files import opened, read_exactly, read_rest
from rectinet.datasets.errors import BadMagicError, BadShapeError, ChecksumError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_DIMENSIONS = 8


def read_idx(path: Path, *, shape: tuple[int | None, ...] | None = None, md5: str | None = None) -> NDArray[Any]:
    """One array from an idx file, plain or compressed.

    Parameters
    ----------
    path : Path
    shape : tuple of int or None, optional
        Required dimensions; None leaves a size open. Checked before the payload is read.
    md5 : str, optional
        MD5 of the whole uncompressed file.

    Returns
    -------
    ndarray of the declared shape and type, in native byte order.

    Raises
    ------
    BadMagicError, BadShapeError, TruncatedFileError, TrailingBytesError, ChecksumError, CorruptGzipError,
    MissingFileError, UnreadableFileError
    """
    with opened(path) as file:
        magic = read_exactly(file, 4, path, "the idx magic number")
        if magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= MAX_DIMENSIONS:
            raise BadMagicError(
                f"{path}: starts with 0x{magic.hex()}, and an idx file with 0x0000, a type from 0x08 to 0x0e and the "
                "number of dimensions; is it another file under this name?"
            )
        header = read_exactly(file, 4 * magic[3], path, "the idx dimensions")
        sizes = tuple(int(size) for size in np.frombuffer(header, ">u4"))
        if shape is not None and not _matches(sizes, shape):
            wanted = " x ".join("any" if size is None else str(size) for size in shape)
            raise BadShapeError(f"{path}: holds {' x '.join(map(str, sizes))} values and {wanted} were expected")
        dtype = np.dtype(TYPES[magic[2]])
        payload = read_rest(file, math.prod(sizes) * dtype.itemsize, path, f"its {' x '.join(map(str, sizes))} values")
    if md5 is not None and (found := _md5(magic, header, payload)) != md5:
        raise ChecksumError(
            f"{path}: the uncompressed content has MD5 {found} and the original {md5}; fetch or copy it again"
        )
    values = np.frombuffer(payload, dtype).reshape(sizes)
    return values.astype(dtype.newbyteorder("="), copy=False)


def _md5(*parts: bytearray) -> str:
    found = hashlib.md5(usedforsecurity=False)
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _matches(sizes: tuple[int, ...], shape: tuple[int | None, ...]) -> bool:
    return len(sizes) == len(shape) and all(want in (None, size) for size, want in zip(sizes, shape, strict=True))
