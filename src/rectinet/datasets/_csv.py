"""Records of .csv files as spreadsheets, pandas and people write them."""

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
_SAID: Final = re.compile(r"sep=(.)[\r\n]*")  # Excel's own first line
_AFTER_CR: Final = re.compile(r"(?<=\r)(?!\n)")


@dataclass(frozen=True)
class Head:
    """The first line of a .csv file that says something: the names of the columns.

    Attributes
    ----------
    line : str
    n_before : int
        Lines before it.
    delimiter : str
    """

    line: str
    n_before: int
    delimiter: str


def csv_head(lines: Iterator[tuple[int, str]], path: Path) -> Head:
    """What the first lines of a file say, which are taken off.

    The delimiter is the tab in a .tsv and what an Excel line says, else of comma, semicolon, tab and | the one that the
    names have most of.
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
    """The names of the columns; that of the first may be empty.

    Raises
    ------
    BadRecordError
        For two of one name, and for a line that only goes on.
    """
    try:
        (names,) = csv.reader([head.line], delimiter=head.delimiter, strict=True, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise BadRecordError(f"{path}, line {head.n_before + 1}: not CSV ({error})") from error
    names = [name.strip() for name in names]
    _check_distinct(names, f"{path}, line {head.n_before + 1}")
    return names


def csv_records(path: Path, *, unnamed_first: bool = False) -> Generator[Record, None, None]:
    """(line number, fields) of a .csv file: first the names of the columns, then the rows, each with as many fields.

    The delimiter is found by `csv_head`. Blanks after a delimiter and around names are left out, and so are rows
    without anything in them. A column needs a name, except for what pandas
    and spreadsheets add: the first column (pandas' row numbers) and columns without any content (a delimiter at the end
    of each line) are left out where they have none; with `unnamed_first` the first is kept, under the name "".

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
        if "\r" in _QUOTED.sub("", head.line).rstrip("\r\n"):  # lines that end as on an old Macintosh
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
    """How many lines there are before the first that is not blank, and that line."""
    number, line = next(((number, line) for number, line in lines if line.strip()), (1, ""))
    return number - 1, line


def _read_long_fields() -> None:
    """Let csv take fields as long as a line may be; its own limit, of the whole process, is 131,072 characters.

    Only ever raised: lowering it again would be seen by other threads.
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
    """What to do where a title or a comment stands above the names: it fills fewer fields than the line below."""
    filled = [name for name in names if name]
    if len(filled) == 1 and len(fields) > 1:
        return f". If {shown(filled[0])} is not the name of a column, delete what stands above the names"
    return ""
