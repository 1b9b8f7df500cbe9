"""Files of JSON lines that git can hold and merge: one line a row, each with its own digest, equal rows equal bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rectinet.storage.atomic import write_atomically
from rectinet.study.errors import DamagedExport, NewerExport

FORMAT: Final = "rectinet study"
VERSION: Final = 1

Row = dict[str, Any]


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows in the order of their text, so that the file does not depend on the order in which they came."""
    lines = sorted(_line(row) for row in rows)
    write_atomically(path, (f"{line}\n".encode() for line in (_text({"format": FORMAT, "version": VERSION}), *lines)))


def read(path: Path) -> Iterator[Row]:
    """The rows; each is checked.

    Raises
    ------
    DamagedExport, NewerExport
        Naming the line.
    """
    header, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    _check(_parsed(header, path, 1), path)
    for number, line in enumerate(lines, 2):
        row = _parsed(line, path, number)
        found = row.pop("sha256", None)
        if found != _digest(row):
            raise DamagedExport(
                f"{path}, line {number}, is not what was exported: its digest does not match. Take the line from the "
                "original export, or delete it"
            )
        yield row


def _check(header: Row, path: Path) -> None:
    version = header.get("version")
    if header.get("format") != FORMAT or not isinstance(version, int):
        raise DamagedExport(f"{path} does not begin as an exported study does; export it again")
    if version > VERSION:
        raise NewerExport(
            f"{path} was exported in version {version}; this rectinet reads up to {VERSION}. Install a newer rectinet"
        )


def _parsed(line: str, path: str | os.PathLike[str], number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise DamagedExport(f"{path}, line {number}, is no exported row (cut short, or a merge conflict?)")
    return row


def _line(row: Mapping[str, Any]) -> str:
    return _text({**row, "sha256": _digest(row)})


def _digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(row).encode()).hexdigest()


def _text(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, separators=(",", ":"))
