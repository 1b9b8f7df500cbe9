"""Damaged files: valid ones with bytes changed, cut, doubled, pieces put in; then perhaps compressed and damaged."""

from __future__ import annotations

import gzip
import lzma
import tracemalloc
import zlib
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from benchmarks.fuzz.targets import Target
from rectinet.datasets import DataError

BYTES_PER_BYTE = 200  # what a parser may take for each byte of the uncompressed file: "{}" alone is a dict of 64
BYTES_AT_LEAST = 16 << 20


@st.composite
def damaged_files(draw: st.DrawFn, target: Target) -> bytes:
    """The bytes of a file for `target`, mostly wrong, sometimes right."""
    content = draw(st.sampled_from(target.seeds) | st.binary(max_size=200))
    content = edited(draw, content, target.words)
    compress = draw(st.sampled_from((None, None, gzip.compress, lzma.compress)))
    if compress is None:
        return content
    packed = compress(content)
    return edited(draw, packed, ()) if draw(st.booleans()) else packed


def edited(draw: st.DrawFn, content: bytes, words: tuple[bytes, ...]) -> bytes:
    """The content with up to four changes, some of which put in `words`."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.integers(0, 8)))
        kind = draw(st.sampled_from(("flip", "replace", "insert", "word", "over", "cut", "delete", "double")))
        if kind == "flip" and start < len(content):
            changed = bytes([content[start] ^ 1 << draw(st.integers(0, 7))])
            content = content[:start] + changed + content[start + 1 :]
        elif kind == "replace":
            content = content[:start] + draw(st.binary(min_size=stop - start, max_size=stop - start)) + content[stop:]
        elif kind == "insert":
            content = content[:start] + draw(st.binary(max_size=8)) + content[start:]
        elif kind in ("word", "over") and words:
            word = draw(st.sampled_from(words))
            content = content[:start] + word + content[start + (len(word) if kind == "over" else 0) :]
        elif kind == "cut":
            content = content[:start]
        elif kind == "delete":
            content = content[:start] + content[stop:]
        elif kind == "double":
            content = content[:start] + content[start:stop] * draw(st.integers(2, 50)) + content[stop:]
    return content


def check(target: Target, content: bytes, folder: Path) -> str:
    """Parse `content`; return "read" or the name of the DataError. Anything else that is raised is a finding.

    Raises
    ------
    AssertionError
        If the parser took more memory than the file's size allows.
    """
    path = folder / target.file
    path.parent.mkdir(parents=True, exist_ok=True)
    _import_what_it_needs(target, path)
    path.write_bytes(content)
    allowed = BYTES_AT_LEAST + BYTES_PER_BYTE * _unpacked_size(content)
    tracemalloc.start()
    try:
        target.read(path)
        outcome, message = "read", path.name
    except DataError as error:
        outcome, message = type(error).__name__, str(error)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert path.name in message or str(folder) in message, f"no file is named in: {message}"
    assert peak <= allowed, f"{peak} bytes of memory for a file of {len(content)}"
    return outcome


@cache
def _import_what_it_needs(target: Target, path: Path) -> None:
    """One reading of a valid file, so that modules imported on first use do not count as memory of the file."""
    if target.seeds:
        path.write_bytes(target.seeds[0])
        target.read(path)


def _unpacked_size(content: bytes) -> int:
    """Bytes in the file once uncompressed, as far as it can be."""
    try:
        if content[:2] == b"\x1f\x8b":
            return len(zlib.decompressobj(wbits=31).decompress(content))
        if content[:6] == b"\xfd7zXZ\0":
            return len(lzma.LZMADecompressor().decompress(content))
    except (zlib.error, lzma.LZMAError):
        return 1032 * len(content)
    return len(content)
