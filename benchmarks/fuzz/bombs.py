"""Files of at most 2 MB that unpack to up to 1.6 GB: pieces of the valid files, repeated and compressed.

One in four is damaged besides. For an .npz, arrays of zeros and the like, some claiming to be larger than they are.
"""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile

import numpy as np
from hypothesis import strategies as st

from benchmarks.fuzz.damage import edited
from benchmarks.fuzz.targets import Target

MOST_BYTES = 2 << 20  # of a file
MOST_UNPACKED = 3 << 29
BLOCK_BYTES = 4 << 20
PAYLOADS = (b"\0\0\0\0", b"1111", b"\0\0\x80\x3f", b"a\0\0\0")


@st.composite
def bombs(draw: st.DrawFn, target: Target) -> bytes:
    """The bytes of a file for `target`."""
    size = min(1 << draw(st.integers(20, 31)), MOST_UNPACKED)
    content = _npz(draw, size) if target.file.endswith((".npz", ".npy")) else _repeated(draw, target, size)
    return (edited(draw, content, ()) if draw(st.integers(0, 3)) == 0 else content)[:MOST_BYTES]


def _repeated(draw: st.DrawFn, target: Target, size: int) -> bytes:
    """The beginning of a seed, a piece of it or a word of its format so often that there are `size` bytes, its end."""
    seed = draw(st.sampled_from(target.seeds))
    start, stop = sorted(draw(st.integers(0, len(seed))) for _ in range(2))
    piece = draw(st.sampled_from((seed, seed[start:stop], b"a", *target.words))) or seed
    tail = draw(st.sampled_from((seed[stop:], b"", b"\n")))
    kind = draw(st.sampled_from(("gzip", "gzip", "xz", "plain")))
    if kind == "plain":
        return seed[:start] + piece * ((MOST_BYTES - len(seed) - len(tail)) // len(piece)) + tail
    pack = gzip.compress if kind == "gzip" else lzma.compress
    block = piece * max(1, BLOCK_BYTES // len(piece))
    packed = pack(block)  # once: both formats may be several streams, one after the other
    times = min(size // len(block), (MOST_BYTES - (64 << 10)) // len(packed))
    return pack(seed[:start]) + packed * times + pack(tail)


def _npz(draw: st.DrawFn, size: int) -> bytes:
    """An archive of arrays of `size` bytes in all, dense or in CSR."""
    code = draw(st.sampled_from(("f4", "f8", "i1", "i8", "U1", "S1", "f2", "?")))
    n = size // np.dtype(code).itemsize
    rows = draw(st.sampled_from((1, 1000, n)))
    arrays: dict[str, tuple[tuple[int, ...], str]] = {"X": ((rows, n // rows), code), "y": ((rows,), "i8")}
    if draw(st.booleans()):
        n = size // 16
        arrays = {"data": ((n,), "f4"), "indices": ((n,), "i4"), "indptr": ((n + 1,), "i8"), "shape": ((2,), "i8")}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, (shape, code) in arrays.items():
            claimed = draw(st.sampled_from((shape, shape, (True, *shape[1:]), (2**40, *shape[1:]), (*shape, 0))))
            described = {"descr": np.dtype(code).str, "fortran_order": draw(st.booleans()), "shape": claimed}
            header = io.BytesIO()
            np.lib.format.write_array_header_1_0(header, described)
            with archive.open(f"{name}.npy", "w") as member:
                member.write(header.getvalue())
                left = int(np.prod(shape)) * np.dtype(code).itemsize
                block = draw(st.sampled_from(PAYLOADS)) * (BLOCK_BYTES // 4)
                if name == "shape":
                    block = np.array([draw(st.sampled_from((3, n, 2**31, 2**40, -1))) for _ in range(2)]).tobytes()
                for start in range(0, left, len(block)):
                    member.write(block[: left - start])
    return file.getvalue()
