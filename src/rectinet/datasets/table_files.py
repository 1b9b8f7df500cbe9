"""Tables in .csv and .tsv files as named columns; the meaning of cells is determined elsewhere."""

from __future__ import annotations

from array import array
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.cells import is_number
from rectinet.datasets._csv import csv_records
from rectinet.datasets._files import COMPRESSED_SUFFIXES
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets._numbers import NotPlain, Progress, compact, read_numbers
from rectinet.datasets.errors import EmptyFileError, FormatError
from rectinet.datasets.frame import Column, Frame
from rectinet.datasets.tables import check_header

TEXT_SUFFIXES: Final = (".csv", ".tsv")
ROWS_AT_ONCE: Final = 4096
EXACT: Final = 2**53  # up to here, float64 holds every whole number exactly


def table_suffix(path: str | Path) -> str:
    """The suffix of a file's name that gives its format, without .gz or .xz."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    if len(suffixes) > 1 and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def read_text_table(path: str | Path, progress: Progress = lambda n_rows: None) -> Frame:
    """The columns of a .csv or .tsv file, optionally with .gz or .xz.

    Columns are separated by commas, semicolons, tabs or |, whichever is most frequent in the first line. An unnamed
    first column, in which pandas writes row numbers, is called "".

    Parameters
    ----------
    progress : callable
        Called repeatedly with the number of rows read so far.

    Returns
    -------
    Frame
        Columns are numbers if all cells are plain numbers (007 is not: it would lose its zeros), else texts.

    Raises
    ------
    FormatError, MissingFileError, UnreadableFileError, BadRecordError, EmptyFileError, EncodingError, CorruptGzipError,
    CorruptXzError, TooLargeError
    """
    path = Path(path)
    if table_suffix(path) not in TEXT_SUFFIXES:
        raise FormatError(f"{path}: a table is read from .csv and .tsv files (also with .gz or .xz after it)")
    with memory_errors_named(path):
        with suppress(NotPlain):
            names, values, first = read_numbers(path, progress)
            check_header(names, None, f"{path}, line {first - 1}", path)
            columns = {name: Column(values[:, k]) for k, name in enumerate(names)}
            return Frame(columns, len(values), str(path), range(first, first + len(values)))
        return _read_fields(path, progress)


class _Codes(dict[str, int]):
    """Numbers the distinct cells of a column in order of appearance: there are many cells but few distinct ones."""

    def __missing__(self, cell: str) -> int:
        code = self[cell] = len(self)
        return code


def _read_fields(path: Path, progress: Progress) -> Frame:
    """Read the file field by field."""
    lines = array("q")
    with closing(csv_records(path, unnamed_first=True)) as records:
        first_line, names = next(records, (1, []))
        check_header(names, None, f"{path}, line {first_line}", path)
        known = [_Codes() for _ in names]
        blocks: list[list[NDArray[np.integer]]] = [[] for _ in names]
        while rows := list(islice(records, ROWS_AT_ONCE)):
            lines.extend(line for line, _ in rows)
            for cells, codes, block in zip(zip(*(row for _, row in rows), strict=True), known, blocks, strict=True):
                found = np.fromiter(map(codes.__getitem__, cells), dtype=np.int32, count=len(cells))
                block.append(found.astype(np.min_scalar_type(len(codes))))
            progress(len(lines))
    if not lines:
        raise EmptyFileError(f"{path}: there is no row in it")
    columns = {}
    for name, codes in zip(names, known, strict=True):
        columns[name] = Column(_values(list(codes), np.concatenate(blocks.pop(0))))
    return Frame(columns, len(lines), str(path), lines)


def _values(distinct: list[str], codes: NDArray[np.integer]) -> NDArray[Any]:
    """A column's cells, as numbers if all of them spell numbers that are exact."""
    if all(is_number(cell.strip()) for cell in distinct):
        numbers = np.array([float(cell) for cell in distinct])
        if (np.abs(numbers) < EXACT).all():
            values: NDArray[Any] = compact(numbers)[codes]
            return values
    texts = np.empty(len(distinct), dtype=object)
    texts[:] = distinct
    cells: NDArray[Any] = texts[codes]
    return cells
