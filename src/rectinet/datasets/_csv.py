"""Records of .csv files as spreadsheets, pandas and people write them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Final

from rectinet.datasets._lines import text_lines
from rectinet.datasets._memory import MOST_AT_ONCE
from rectinet.datasets._shown import shown
from rectinet.datasets.errors import BadRecordError

Record = tuple[int, list[str]]  # line number, fields
DELIMITERS: Final = (",", ";", "\t")
_QUOTED: Final = re.compile(r'"[^"]*"')
_SAID: Final = re.compile(r"sep=(.)[\r\n]*")  # Excel's own first line
_AFTER_CR: Final = re.compile(r"(?<=\r)(?!\n)")


def csv_records(path: Path) -> Generator[Record, None, None]:
    """(line number, fields) of a .csv file: first the names of the columns, then the rows, each with as many fields.

    The delimiter is the comma, or where the first line has none the semicolon or tab. Blanks after a delimiter and
    around names are left out, and so are rows without anything in them. A column needs a name, except for what pandas
    and spreadsheets add: the first column (pandas' row numbers) and columns without any content (a delimiter at the end
    of each line) are left out where they have none.

    Raises
    ------
    BadRecordError
        Naming the line.
    """
    _read_long_fields()
    with closing(text_lines(path)) as lines:
        skipped, first = _first_line(lines)
        if said := _SAID.fullmatch(first):
            skipped, first = _first_line(lines)
        unquoted = _QUOTED.sub("", first)
        delimiter = said[1] if said else next((one for one in DELIMITERS if one in unquoted), ",")
        whole: Iterator[str] = chain([first], (line for _, line in lines))
        if "\r" in unquoted.rstrip("\r\n"):  # lines that end as on an old Macintosh
            whole = (piece for line in whole for piece in _AFTER_CR.split(line) if piece)
        reader = csv.reader(whole, delimiter=delimiter, strict=True, skipinitialspace=True)
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
                names = [field.strip() for field in fields]
                kept = [k for k, name in enumerate(names) if name]
                _check_distinct(names, f"{path}, line {line}")
                yield line, [names[k] for k in kept]
                continue
            if len(fields) != len(names):
                if len(fields) < len(names) or any(field.strip() for field in fields[len(names) :]):
                    raise BadRecordError(
                        f"{path}, line {line}: {len(fields)} fields, and the first line names {len(names)}"
                    )
                del fields[len(names) :]
            if len(kept) < len(names):
                _check_unnamed(names, fields, f"{path}, line {line}")
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


def _check_unnamed(names: list[str], fields: list[str], where: str) -> None:
    for k, (name, field) in enumerate(zip(names, fields, strict=True)):
        if k > 0 and not name and field.strip():
            raise BadRecordError(
                f"{where}: column {k + 1} holds {shown(field)} and has no name in the first line; name it"
            )
