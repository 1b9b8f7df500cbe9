"""The container: a safetensors file whose first bytes say what it is and whose digest covers every byte.

Layout (safetensors): 8 bytes little-endian length of the header, the JSON header, the arrays. Our header always begins

    {"__metadata__":{"format":"rectinet","format_version":"0001","sha256":"<64 hex digits>",

so that the digest stands at a fixed place and can be verified before the JSON is parsed. It is the SHA-256 of the
whole file with its own 64 digits replaced by zeros. This beginning is the same in every format version.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_tensors

from rectinet.storage.atomic import write_atomically
from rectinet.storage.errors import DamagedModelFile, NewerFormat, NotAModelFile

FORMAT_VERSION: Final = 1

_BEFORE_VERSION: Final = b'{"__metadata__":{"format":"rectinet","format_version":"'
_BEFORE_DIGEST: Final = b'","sha256":"'
_VERSION: Final = slice(8 + len(_BEFORE_VERSION), 8 + len(_BEFORE_VERSION) + 4)
_DIGEST: Final = slice(_VERSION.stop + len(_BEFORE_DIGEST), _VERSION.stop + len(_BEFORE_DIGEST) + 64)
_ZEROS: Final = b"0" * 64
_ALIGNMENT: Final = 64  # bytes, so that arrays can be mapped in place
_CODES: Final = {"float32": "F32", "float64": "F64", "int64": "I64", "uint8": "U8", "bool": "BOOL"}


@dataclass(frozen=True)
class Contents:
    """What a file holds.

    Attributes
    ----------
    kind : str
        Name of the class that wrote it, or "checkpoint".
    library_version : str
    document : dict
        Everything that is not an array; JSON types only.
    arrays : dict of str to ndarray
    """

    kind: str
    library_version: str
    document: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def write_container(path: str | os.PathLike[str], contents: Contents) -> None:
    """Write a file whole or not at all. Equal contents give equal bytes.

    Raises
    ------
    OSError
        When it cannot be written; what stood at `path` is untouched.
    """
    header = _header(contents)
    digest = hashlib.sha256()
    for chunk in _chunks(header, contents):
        digest.update(chunk)
    signed = header[: _DIGEST.start] + digest.hexdigest().encode() + header[_DIGEST.stop :]
    write_atomically(path, _chunks(signed, contents))


def read_container(path: str | os.PathLike[str]) -> Contents:
    """Read a file; its digest is verified before anything in it is parsed.

    Raises
    ------
    FileNotFoundError
    NotAModelFile, DamagedModelFile, NewerFormat
    """
    data = Path(path).read_bytes()
    _verify(data, path)
    try:
        length = int.from_bytes(data[:8], "little")
        metadata = json.loads(data[8 : 8 + length])["__metadata__"]
        document = json.loads(metadata["document"])
        return Contents(metadata["kind"], metadata["library_version"], document, load_tensors(data))
    except Exception as problem:  # the digest is right, so a writer was wrong: still the file's fault, still named
        raise DamagedModelFile(f"{path}: the contents do not follow the format ({problem}); save it again") from problem


def _verify(data: bytes, path: str | os.PathLike[str]) -> None:
    start = data[8 : _VERSION.start]
    if start != _BEFORE_VERSION[: len(start)] or 0 < len(data) <= 8:
        raise NotAModelFile(f"{path} is not a rectinet file; expected one written by save()")
    digest = hashlib.sha256(data[: _DIGEST.start] + _ZEROS)
    digest.update(memoryview(data)[_DIGEST.stop :])
    if len(data) < _DIGEST.stop or digest.hexdigest().encode() != data[_DIGEST]:
        raise DamagedModelFile(
            f"{path} is damaged: its SHA-256 does not match its {len(data)} bytes (changed or cut short since it was "
            "written). Copy it again from the original, or save the model again"
        )
    version = int(data[_VERSION]) if data[_VERSION].isdigit() else 0
    if version < 1:
        raise DamagedModelFile(f"{path}: format version {data[_VERSION]!r} is none; save it again")
    if version > FORMAT_VERSION:
        raise NewerFormat(
            f"{path} has format version {version}; this rectinet reads up to {FORMAT_VERSION}. Install a newer rectinet"
        )


def _header(contents: Contents) -> bytes:
    """Length and JSON header, the digest still zeros, padded with blanks so that the arrays start aligned."""
    metadata = {
        "format": "rectinet",
        "format_version": f"{FORMAT_VERSION:04d}",
        "sha256": _ZEROS.decode(),
        "kind": contents.kind,
        "library_version": contents.library_version,
        "document": json.dumps(contents.document, separators=(",", ":"), sort_keys=True, default=_plain),
    }
    described: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name, values in _ordered(contents.arrays):
        begin, end = end, end + values.nbytes
        code = _CODES[values.dtype.name]
        described[name] = {"dtype": code, "shape": list(values.shape), "data_offsets": [begin, end]}
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def _plain(value: Any) -> Any:
    """numpy numbers as Python numbers."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a model file cannot hold {value!r} of type {type(value).__name__}")


def _ordered(arrays: Mapping[str, NDArray[Any]]) -> list[tuple[str, NDArray[Any]]]:
    """Widest items first, so that every array is aligned to its own item size; then by name."""
    return sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0]))


def _chunks(header: bytes, contents: Contents) -> Iterator[bytes | memoryview]:
    yield header
    for _, values in _ordered(contents.arrays):
        yield np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).reshape(-1).view(np.uint8).data
