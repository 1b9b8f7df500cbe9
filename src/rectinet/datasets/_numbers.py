"""Fast reading of a .csv with only plain numbers, such as images, in blocks: ten times as fast as by fields."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._csv import Head, csv_head, csv_names
from rectinet.datasets._files import opened
from rectinet.datasets._lines import text_lines
from rectinet.datasets.errors import BadRecordError

Progress = Callable[[int], None]  # called with the number of rows read so far

BLOCK_BYTES: Final = 1 << 22
_COMMA: Final = ord(",")
_NEWLINE: Final = ord("\n")
_NAME: Final = re.compile(rb"(?:^|[,\n ])[+-]?0[0-9]|[0-9.][eE][0-9]|[0-9]{16}")  # 007, 12e4, long ids


class NotPlain(Exception):
    """Something other than plain numbers: the file must be read field by field."""


def read_numbers(path: Path, progress: Progress) -> tuple[list[str], NDArray[Any], int]:
    """Names, numbers, and the line in which the first row begins; every row has as many fields as there are names.

    Returns
    -------
    names : list of str
    values : ndarray of shape (n_rows, n_columns), of the smallest of uint8, float32 and float64 that holds them exactly
    first_line : int

    Raises
    ------
    NotPlain
    DataError
        For errors in opening a file.
    """
    with closing(text_lines(path)) as lines:
        head = csv_head(lines, path)
    names = _names(head, path)
    plain = re.compile(b"[0-9+.eE" + re.escape(head.delimiter.encode()) + rb" \r\n-]*")
    to_commas = bytes.maketrans(head.delimiter.encode(), b",")
    blocks = []
    n_rows = 0
    for block in _blocks(path, head.n_before + 1):
        if not plain.fullmatch(block):
            raise NotPlain
        blocks.append(_values(block.translate(to_commas, b"\r"), len(names)))
        n_rows += len(blocks[-1])
        progress(n_rows)
    if not blocks:
        raise NotPlain
    return names, np.concatenate(blocks), head.n_before + 2


def _names(head: Head, path: Path) -> list[str]:
    if not head.line.strip():
        raise NotPlain
    try:
        names = csv_names(head, path)
    except BadRecordError as error:  # reading by fields reports any fault
        raise NotPlain from error
    if not all(names[1:]):
        raise NotPlain
    return names


def _blocks(path: Path, n_head: int) -> Iterator[bytes]:
    """Blocks of whole lines, after the first lines."""
    with opened(path) as file:
        for _ in range(n_head):
            file.readline()
        while block := file.read(BLOCK_BYTES):
            yield block + file.readline()


def _values(block: bytes, n_columns: int) -> NDArray[Any]:
    """The numbers of some lines."""
    block = block.rstrip(b"\n") + b"\n"
    if _NAME.search(block):
        raise NotPlain
    characters = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(characters == _NEWLINE)
    commas = np.cumsum(characters == _COMMA, dtype=np.int32)[ends]
    if (np.diff(commas, prepend=0) != n_columns - 1).any():
        raise NotPlain
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # error of older NumPy versions for a non-number
        try:
            values = np.fromstring(block[:-1].replace(b"\n", b",").decode("ascii"), sep=",")
        except (ValueError, DeprecationWarning) as error:
            raise NotPlain from error
    if values.size != len(ends) * n_columns or not np.isfinite(values).all():
        raise NotPlain
    return compact(values).reshape(-1, n_columns)


def compact(values: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers as uint8 or float32 if that is exact."""
    with np.errstate(over="ignore", invalid="ignore"):
        for dtype in (np.uint8, np.float32):
            small = values.astype(dtype)
            if np.array_equal(small, values):
                return small
    return values
