"""Named arrays as bytes and back: an .npz without pickle, the same bytes for the same arrays."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.study.errors import DamagedArrays

Array = NDArray[Any]

LONGEST_AGO: Final = (1980, 1, 1, 0, 0, 0)  # a date that every entry of the archive gets


def packed(arrays: Mapping[str, Array]) -> bytes:
    """The bytes of an .npz that `numpy.load` reads; labels that are Python objects become strings.

    Values are kept in the narrowest type that gives them back exactly where they are whole numbers: ten thousand
    predicted classes are ten thousand bytes before compression.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        for name in sorted(arrays):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(_narrow(arrays[name])), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", LONGEST_AGO)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(info, entry.getvalue())
    return archive.getvalue()


def digest(content: bytes) -> str:
    """The name of packed arrays: SHA-256 of their bytes."""
    return hashlib.sha256(content).hexdigest()


def check(name: str, content: bytes) -> None:
    """Raise DamagedArrays where the bytes are not those that were packed under this name."""
    if digest(content) != name:
        raise DamagedArrays(
            f"the arrays {name} are damaged: their SHA-256 is {digest(content)} now. Import them again from an export, "
            "or run again what they belong to"
        )


class Packed(Mapping[str, Array]):
    """Arrays that are unpacked and checked when one is first asked for.

    Parameters
    ----------
    name : str
        Their SHA-256.
    content : bytes
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> Packed:
        """These arrays, under the name that their bytes give them."""
        content = packed(arrays)
        return cls(digest(content), content)

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        check(self.name, self.content)
        with np.load(io.BytesIO(self.content), allow_pickle=False) as archive:
            return {name: _wide(archive[name]) for name in archive.files}

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, Packed) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def _narrow(values: Array) -> Array:
    if values.dtype.kind == "O":
        return values.astype(str)
    if values.dtype == np.int64 and values.size and values.min() >= 0 and values.max() <= 255:
        return values.astype(np.uint8)
    return values


def _wide(values: Array) -> Array:
    """Labels come back as int64: arithmetic on uint8 wraps around."""
    return values.astype(np.int64) if values.dtype == np.uint8 else values
