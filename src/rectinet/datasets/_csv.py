"""Reading the records of .csv files as written by spreadsheets, pandas and people."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from rectinet.datasets._lines import text_lines
from rectinet.datasets._memory import MOST_AT_ONCE
from rectinet.datasets.errors import BadRecordError
from rectinet.shown import shown

Record = tuple[int, list[str]]  # line number, fields
DELIMITERS: Final = (",", ";", "\t", "|")
_QUOTED: Final = re.compile(r'"[^"]*"')
_SAID: Final = re.compile(r"sep=(.)[\r\n]*")  # first line that Excel understands
_AFTER_CR: Final = re.compile(r"(?<=\r)(?!\n)")


@dataclass(frozen=True)
class Head:
    """The header of a .csv file, its first line that is not blank: the names of the columns.

    Attributes
    ----------
    line : str
    n_before : int
        Number of lines before it.
    delimiter : str
    """

    line: str
    n_before: int
    delimiter: str


def csv_head(lines: Iterator[tuple[int, str]], path: Path) -> Head:
    """Read the header, and the lines before it, from a file's lines.

    The delimiter is the tab in a .tsv, or what an Excel line `sep=` says, else whichever of comma, semicolon, tab and |
    occurs most often in the header.
    """
    n_before, first = _first_line(lines)
    if said := _SAID.fullmatch(first):
        n_before, first = _first_line(lines)
        return Head(first, n_before, said[1])
    if ".tsv" in path.suffixes:
        return Head(first, n_before, "\t")
    unquoted = _QUOTED.sub("", first)
    return Head(first, n_before, max(DELIMITERS, key=unquoted.count))


def csv_names(head: Head, path: Path) -> list[str]:
    """The names of the columns; the first may be empty.

    Raises
    ------
    BadRecordError
        For two columns of the same name, and for a header that continues on the next line.
    """
    try:
        (names,) = csv.reader([head.line], delimiter=head.delimiter, strict=True, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise BadRecordError(f"{path}, line {head.n_before + 1}: not CSV ({error})") from error
    names = [name.strip() for name in names]
    _check_distinct(names, f"{path}, line {head.n_before + 1}")
    return names


def csv_records(path: Path, *, unnamed_first: bool = False) -> Generator[Record, None, None]:
    """(line number, fields) of a .csv file: first the column names, then the rows, each with as many fields.

    `csv_head` finds the delimiter. Blanks after a delimiter and around names are removed, and so are empty rows. Every
    column needs a name, with two exceptions for pandas and spreadsheets: an unnamed first column (pandas' row numbers)
    and unnamed columns without content (a delimiter at the end of each line) are left out. With `unnamed_first`, an
    unnamed first column is kept under the name "".

    Raises
    ------
    BadRecordError
        Naming the line.
    """
    _read_long_fields()
    with closing(text_lines(path)) as lines:
        head = csv_head(lines, path)
        skipped = head.n_before
        whole: Iterator[str] = chain([head.line], (line for _, line in lines))
        if "\r" in _QUOTED.sub("", head.line).rstrip("\r\n"):  # line endings of old Macintosh computers
            whole = (piece for line in whole for piece in _AFTER_CR.split(line) if piece)
        reader = csv.reader(whole, delimiter=head.delimiter, strict=True, skipinitialspace=True)
        names: list[str] = []
        kept: list[int] = []
        while True:
            line = reader.line_num + 1 + skipped
            try:
                fields = next(reader, None)
            except csv.Error as error:
                raise BadRecordError(f"{path}, line {line}: not CSV ({error})") from error
            if fields is None:
                return
            if not any(field.strip() for field in fields):
                continue
            if not names:
                names, header = [field.strip() for field in fields], line
                kept = [k for k, name in enumerate(names) if name or (k == 0 and unnamed_first)]
                _check_distinct(names, f"{path}, line {line}")
                yield line, [names[k] for k in kept]
                continue
            if len(fields) != len(names):
                if len(fields) < len(names) or any(field.strip() for field in fields[len(names) :]):
                    raise BadRecordError(
                        f"{path}, line {line}: {len(fields)} fields, and line {header} names {len(names)}"
                        f"{_not_the_header(names, fields)}"
                    )
                del fields[len(names) :]
            if len(kept) < len(names):
                _check_unnamed(names, fields, f"{path}, line {line}", header)
                fields = [fields[k] for k in kept]
            yield line, fields


def _first_line(lines: Iterator[tuple[int, str]]) -> tuple[int, str]:
    """The number of blank lines at the start, and the first line that is not blank."""
    number, line = next(((number, line) for number, line in lines if line.strip()), (1, ""))
    return number - 1, line


def _read_long_fields() -> None:
    """Let csv accept fields as long as a line may be; its own limit for the whole process is 131,072 characters.

    The limit is only ever raised: lowering it again would affect other threads.
    """
    if csv.field_size_limit() < MOST_AT_ONCE:
        csv.field_size_limit(MOST_AT_ONCE)


def _check_distinct(names: list[str], where: str) -> None:
    name, times = Counter(name for name in names if name).most_common(1)[0]
    if times > 1:
        raise BadRecordError(f"{where}: the column name {shown(name)} appears twice; give each column its own")


def _check_unnamed(names: list[str], fields: list[str], where: str, header: int) -> None:
    for k, (name, field) in enumerate(zip(names, fields, strict=True)):
        if k > 0 and not name and field.strip():
            raise BadRecordError(
                f"{where}: column {k + 1} holds {shown(field)} and has no name in line {header}; name it"
                f"{_not_the_header(names, fields)}"
            )


def _not_the_header(names: list[str], fields: list[str]) -> str:
    """Advice for a title or comment above the names, recognised by filling fewer fields than the line below."""
    filled = [name for name in names if name]
    if len(filled) == 1 and len(fields) > 1:
        return f". If {shown(filled[0])} is not the name of a column, delete what stands above the names"
    return ""
