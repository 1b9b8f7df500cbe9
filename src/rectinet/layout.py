"""How the kernels want matrices laid out in memory: padded rows on cache lines, large matrices on huge pages."""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import Final

import numpy as np
from numpy.typing import DTypeLike

from rectinet.arrays import Array

ROW_BYTES: Final = 64  # one cache line, one AVX-512 register
HUGE_PAGE: Final = 2 << 20


def row_stride(n_columns: int, itemsize: int) -> int:
    """Columns a row occupies in memory: whole cache lines, never a multiple of 1 KiB.

    Power-of-two strides would send the same column block of every row to the same few cache sets.
    """
    line = ROW_BYTES // itemsize
    lines = -(-max(n_columns, 1) // line)
    return (lines + (lines % 16 == 0)) * line


def padded_zeros(n_rows: int, n_columns: int, dtype: DTypeLike) -> Array:
    """Zeros of shape (n_rows, n_columns) laid out as the native engine wants them.

    Rows start on cache lines, padding stays 0 for ever, and large arrays lie on huge pages where the system
    has them: with 4 KiB pages every row of weights would cost a page-table walk.
    """
    dtype = np.dtype(dtype)
    stride = row_stride(n_columns, dtype.itemsize)
    n_bytes = max(n_rows * stride * dtype.itemsize, ROW_BYTES)
    if n_bytes < HUGE_PAGE:
        raw = np.zeros(n_bytes + ROW_BYTES, dtype=np.uint8)
        start = -raw.ctypes.data % ROW_BYTES
    else:
        # Private: a forked worker that trains must not change its parent's weights, and shared memory has no huge pages
        # on many systems.
        try:
            memory = mmap.mmap(-1, n_bytes + HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError, ValueError) as problem:
            raise MemoryError(
                f"weights of {n_rows:,} x {n_columns:,} need {n_bytes / 1e9:,.1f} GB, which is not available: take "
                "fewer units or features"
            ) from problem
        with suppress(OSError):  # a kernel without huge pages
            memory.madvise(mmap.MADV_HUGEPAGE)
        raw = np.frombuffer(memory, dtype=np.uint8)
        start = -raw.ctypes.data % HUGE_PAGE
    flat = raw[start : start + n_rows * stride * dtype.itemsize].view(dtype)
    return flat.reshape(n_rows, stride)[:, :n_columns]


def padded_copy(values: Array, dtype: DTypeLike | None = None) -> Array:
    """A copy of a matrix in the layout of `padded_zeros`."""
    n_rows, n_columns = values.shape
    copy = padded_zeros(n_rows, n_columns, values.dtype if dtype is None else dtype)
    copy[...] = values
    return copy


def is_padded(values: Array) -> bool:
    """Whether a matrix has the layout of `padded_zeros`, so that kernels may use it in place."""
    stride = row_stride(values.shape[1], values.itemsize) * values.itemsize
    return (
        values.strides == (stride, values.itemsize)
        and values.ctypes.data % ROW_BYTES == 0
        and isinstance(values.base, np.ndarray)
    )
