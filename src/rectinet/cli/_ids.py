"""The column that `rectinet predict --id` copies to the output unchanged."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from rectinet.cli._sources import is_text
from rectinet.datasets._csv import csv_records
from rectinet.datasets.errors import FormatError, MissingColumnError
from rectinet.datasets.frame import Frame
from rectinet.datasets.table_files import TEXT_SUFFIXES, table_suffix
from rectinet.datasets.text import json_rows
from rectinet.encoders.frames import texts
from rectinet.shown import listed, shown
from rectinet.suggestion import did_you_mean


def ids_of(X: Any, source: str, name: str) -> list[str]:
    """The cells of a column, one for each example.

    Raises
    ------
    FormatError, MissingColumnError
        For a file without columns, or without this column.
    """
    if is_text(source):
        with closing(json_rows(Path(source))) as rows:
            found = list(rows)
        for line, row in found:
            _check_there(name, row, f"{source}, line {line}")
        return [str(row[name]) for _, row in found]
    if table_suffix(source) in TEXT_SUFFIXES:  # as written, 1.50 and not 1.5
        with closing(csv_records(Path(source))) as records:
            _, names = next(records, (0, []))
            _check_there(name, names, source)
            place = names.index(name)
            return [fields[place] for _, fields in records]
    if not isinstance(X, Frame):
        raise FormatError(f"{source}: --id carries a column along, and this file has no columns with names")
    _check_there(name, X.columns, source)
    return ["" if cell is None else cell for cell in texts(X.columns[name].values.tolist())]


def _check_there(name: str, names: Collection[str], where: str) -> None:
    if name not in names:
        raise MissingColumnError(
            f"{where}: there is no {shown(name)} for --id; there are {listed(names)}{did_you_mean(name, names)}"
        )
