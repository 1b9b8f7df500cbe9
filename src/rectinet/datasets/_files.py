"""Locating and opening data files: plain, gzip or xz, with every failure turned into a named error.

The first bytes of a file decide its compression, not its name: an `x.gz` that a browser has already unpacked opens too.
Payloads are read in blocks up to the size declared in the header, so a false header costs no memory.
"""

from __future__ import annotations

import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from rectinet.datasets._memory import MOST_AT_ONCE, too_large
from rectinet.datasets.errors import (
    BadRecordError,
    CorruptGzipError,
    CorruptXzError,
    DataError,
    MissingFileError,
    TrailingBytesError,
    TruncatedFileError,
    UnreadableFileError,
)

BLOCK_BYTES = 1 << 20
GZIP_MAGIC, XZ_MAGIC = b"\x1f\x8b", b"\xfd7zXZ\x00"
XZ_MEMORY_BYTES = 1 << 27  # twice the memory for `xz -9`
AGAIN = "fetch or copy it again"
COMPRESSED_SUFFIXES = ("", ".gz", ".xz")
Home = str | os.PathLike[str] | None


def cache_folder() -> Path:
    """The folder of downloads: $RECTINET_CACHE, or `rectinet` in the platform's cache folder."""
    if named := os.environ.get("RECTINET_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "rectinet"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "rectinet"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rectinet"


def data_homes(data_home: Home = None) -> tuple[Path, ...]:
    """The folders searched, in order: only `data_home` if given, else $RECTINET_DATA and then the cache."""
    if data_home is not None:
        return (Path(data_home).expanduser(),)
    own = os.environ.get("RECTINET_DATA")
    return (*([Path(own).expanduser()] if own else []), cache_folder())


def locate(relative: str, data_home: Home = None) -> Path | None:
    """The first of `relative`, `relative.gz`, `relative.xz` that exists in the folders searched, or None."""
    for home in data_homes(data_home):
        for suffix in COMPRESSED_SUFFIXES:
            if (path := home / (relative + suffix)).exists():
                return path
    return None


def find(relative: str, data_home: Home = None, *, hint: str) -> Path:
    """As `locate`, but raises MissingFileError, which says where the file was sought and what to do (`hint`)."""
    if path := locate(relative, data_home):
        return path
    looked = " or ".join(str(home) for home in data_homes(data_home))
    own = (
        "" if data_home or os.environ.get("RECTINET_DATA") else " ($RECTINET_DATA, which would come first, is not set)"
    )
    raise MissingFileError(f"{relative} (plain or .gz) is not in {looked}{own}. {hint}")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file's uncompressed bytes; any fault of the file inside the block is raised as a DataError."""
    start = b""
    try:
        with path.open("rb") as raw:
            start = raw.read(6)
            raw.seek(0)
            if start[:2] == GZIP_MAGIC:
                with gzip.open(raw) as gunzipped:
                    yield cast(IO[bytes], gunzipped)
            elif start == XZ_MAGIC:
                _refuse_huge_dictionary(raw)
                with lzma.open(raw) as unxzed:
                    yield unxzed
            else:
                yield raw
    except DataError:
        raise
    except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError) as error:
        if start[:2] == GZIP_MAGIC:
            raise CorruptGzipError(f"{path}: the gzip stream is cut or damaged ({error}); {AGAIN}") from error
        if start == XZ_MAGIC:
            raise CorruptXzError(f"{path}: the xz stream is cut or damaged ({error}); {AGAIN}") from error
        raise
    except MemoryError as error:
        raise too_large(path) from error
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} does not exist") from error
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror or error}") from error


def _refuse_huge_dictionary(xz: IO[bytes]) -> None:
    """Raise LZMAError if the .xz header demands too much memory, which its reader would allocate at once."""
    lzma.LZMADecompressor(memlimit=XZ_MEMORY_BYTES).decompress(xz.read(1 << 10), max_length=1)
    xz.seek(0)


def read_small(path: Path) -> bytes:
    """The whole content of a file with one text or image; BadRecordError if it is far too long for that."""
    content = bytearray()
    with opened(path) as file:
        while block := file.read(BLOCK_BYTES):
            content += block
            if len(content) > MOST_AT_ONCE:
                raise BadRecordError(
                    f"{path}: holds more than {MOST_AT_ONCE >> 20} MiB, too much for one text or picture"
                )
    return bytes(content)


def read_exactly(file: IO[bytes], size: int, path: Path, what: str) -> bytearray:
    """The next `size` bytes; TruncatedFileError names how many there were."""
    content = bytearray()
    while len(content) < size:
        block = file.read(min(BLOCK_BYTES, size - len(content)))
        if not block:
            raise TruncatedFileError(f"{path}: {what} must be {size} bytes and only {len(content)} are there; {AGAIN}")
        content += block
    return content


def read_rest(file: IO[bytes], size: int, path: Path, what: str) -> bytearray:
    """As `read_exactly`, but TrailingBytesError if the file does not end there."""
    content = read_exactly(file, size, path, what)
    if file.read(1):
        raise TrailingBytesError(f"{path}: goes on after the {size} bytes of {what}; this is not the original file")
    return content


def is_hidden(path: Path) -> bool:
    """Whether a name begins with a dot, as files that macOS leaves in folders do: .DS_Store, ._1_7.txt."""
    return path.name.startswith(".")
