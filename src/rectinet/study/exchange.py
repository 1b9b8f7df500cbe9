"""The store as files that git can hold, and back: one folder for each experiment.

    NAME/runs.jsonl      a line for each finished run: configuration, history, versions, digests of its arrays
    NAME/plans.jsonl     a line for each place in which the experiment lists a run
    NAME/arrays/*.npz    predictions and targets, by their SHA-256
    NAME/moments.jsonl   seconds, dates, hosts, attempts

Equal results give equal bytes in all but the last. Networks and checkpoints are not exported.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rectinet.engine import numerics_version
from rectinet.storage.atomic import write_atomically
from rectinet.study import lines
from rectinet.study.arrays import Packed, check
from rectinet.study.database import said_plainly
from rectinet.study.errors import DamagedArrays, DamagedExport, MissingArrays, NotAnExport, StudyError
from rectinet.study.lines import Row
from rectinet.study.planned import started_from
from rectinet.study.store import STATE_NOW, Store
from rectinet.study.writer import Writer, as_json, writing

RUNS: Final = "runs.jsonl"
PLANS: Final = "plans.jsonl"
MOMENTS: Final = "moments.jsonl"
ARRAYS: Final = "arrays"
JSON: Final = ("configuration", "history", "pretrain_history", "zeros", "versions")  # columns that hold JSON
_FINISHED: Final = f"""SELECT DISTINCT runs.* FROM plans JOIN runs USING (key)
    WHERE experiment = :experiment AND {STATE_NOW} IN ('done', 'diverged', 'stale')"""


# -- export -----------------------------------------------------------------------------------------------------------


def export(store: Store, folder: Path, names: Iterable[str] | None = None) -> dict[str, int]:
    """Write experiments into a folder; how many finished runs each has.

    Raises
    ------
    StudyError
        When the store has no experiment of a name.
    OSError
        When the folder cannot be written.
    """
    known = store.status()
    wanted = list(known if names is None else names)
    for name in wanted:
        if name not in known:
            raise StudyError(f"nothing of the experiment {name} is in {store.folder}; it holds {', '.join(known)}")
    return {name: _export(store, name, folder / name) for name in wanted}


def _export(store: Store, name: str, folder: Path) -> int:
    (folder / ARRAYS).mkdir(parents=True, exist_ok=True)
    with said_plainly(store.path):
        ask = store.connection.execute
        runs = [_exported(dict(row)) for row in ask(_FINISHED, {"experiment": name, "numerics": numerics_version()})]
        keys = {run["key"] for run in runs}
        plans = ask("SELECT budget, data, position, key, labels FROM plans WHERE experiment = ?", (name,)).fetchall()
        moments = ask("SELECT * FROM moments").fetchall()
        arrays = {run[column] for run in runs for column in ("predictions", "targets")} - {None}
        for digest in sorted(arrays):
            (content,) = ask("SELECT content FROM arrays WHERE digest = ?", (digest,)).fetchone()
            check(digest, content)
            _keep(folder / ARRAYS / f"{digest}.npz", content)
    for file in (folder / ARRAYS).glob("*.npz"):
        if file.stem not in arrays:
            file.unlink()
    lines.write(folder / PLANS, (_parsed(dict(row), ("labels",)) for row in plans if row["key"] in keys))
    lines.write(folder / MOMENTS, (_parsed(dict(row), ("facts",)) for row in moments if row["key"] in keys))
    lines.write(folder / RUNS, runs)  # last: with it the export is whole
    return len(runs)


def _keep(path: Path, content: bytes) -> None:
    """Write a file, unless it is there: an export that is brought up to date writes what is new."""
    if not path.exists() or path.read_bytes() != content:
        write_atomically(path, [content])


def _exported(row: Row) -> Row:
    """A row of the store as it is in a file: whether it is stale is for the reader's engine to say."""
    return _parsed(row, JSON) | {"state": "diverged" if row["ending"] is None else "done"}


def _parsed(row: Row, columns: Iterable[str]) -> Row:
    return row | {name: json.loads(row[name]) for name in columns if row[name] is not None}


# -- import -----------------------------------------------------------------------------------------------------------


@dataclass
class Imported:
    """What an import came to.

    Attributes
    ----------
    new, better, kept : int
        Runs that were not there, that took the place of an unfinished or stale one, and that were here already.
    """

    new: int = 0
    better: int = 0
    kept: int = 0


@dataclass
class _Rows:
    """An exported experiment, read and checked."""

    name: str
    runs: list[Row]
    plans: list[Row]
    moments: list[Row]
    arrays: dict[str, bytes] = field(default_factory=dict)


def import_all(writer: Writer, folder: Path) -> Imported:
    """Merge an exported folder into the store: all of it, or nothing. A finished run is never replaced by a worse one.

    Raises
    ------
    ExportError
        NotAnExport, NewerExport, DamagedExport or MissingArrays; the message names the file.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{RUNS}"))
    if not found:
        raise NotAnExport(f"{folder} holds no exported experiments: no folder in it has a file {RUNS}")
    everything = [_read(each, writer) for each in found]
    came = Imported()
    with writer.transaction():
        for rows in everything:
            _merge(writer, rows, came)
    return came


@contextmanager
def as_store(folder: Path) -> Iterator[Store]:
    """An exported folder, read as a store is, for as long as the with statement lasts; it stays as it is.

    Raises
    ------
    ExportError
        As `import_all`.
    """
    with TemporaryDirectory() as temporary:
        with writing(Path(temporary)) as writer:
            import_all(writer, folder)
        with Store(temporary) as store:
            yield store


def _read(folder: Path, writer: Writer) -> _Rows:
    runs = _table(folder / RUNS, JSON, writer.columns("runs"))
    plans = _table(folder / PLANS, ("labels",), writer.columns("plans") - {"experiment"})
    moments = _table(folder / MOMENTS, ("facts",), writer.columns("moments"))
    keys = {row["key"] for row in runs}
    strays = [row["key"] for row in (*plans, *moments) if row["key"] not in keys]
    if strays:
        raise DamagedExport(f"{folder / RUNS} lacks the run {strays[0]}, which is listed beside it")
    arrays = {row[column] for row in runs for column in ("predictions", "targets")} - {None}
    return _Rows(folder.name, runs, plans, moments, {name: _content(folder, name) for name in arrays})


def _table(path: Path, json_columns: Iterable[str], columns: set[str]) -> list[Row]:
    """The rows of one file, as the store has them."""
    try:
        rows = list(lines.read(path))
    except FileNotFoundError as problem:
        raise DamagedExport(f"{path} is missing; take it from the original export") from problem
    for row in rows:
        if set(row) != columns:
            raise DamagedExport(f"{path}: a row has other fields than expected: {sorted(set(row) ^ columns)}")
        if "configuration" in row and _key(row) != row["key"]:
            raise DamagedExport(f"{path}: the run {row['key']} is not that of its configuration and data")
    return [_flat(row, json_columns) for row in rows]


def _content(folder: Path, name: str) -> bytes:
    path = folder / ARRAYS / f"{name}.npz"
    try:
        content = path.read_bytes()
        check(name, content)
    except FileNotFoundError as problem:
        raise MissingArrays(f"{path} is missing; take it from the original export") from problem
    except DamagedArrays as problem:
        raise DamagedExport(f"{path} is damaged; take it from the original export") from problem
    return content


def _key(row: Row) -> str:
    """The key that a run's own parts give it."""
    text = json.dumps({"configuration": row["configuration"], "data": row["checksum"]}, sort_keys=True)
    mine = hashlib.sha256(text.encode()).hexdigest()
    return mine if row["start"] is None else started_from(mine, row["source_key"])


def _flat(row: Row, columns: Iterable[str]) -> Row:
    return row | {name: as_json(row[name]) for name in columns if row.get(name) is not None}


def _merge(writer: Writer, rows: _Rows, came: Imported) -> None:
    for name, content in rows.arrays.items():
        writer.put_arrays(Packed(name, content))
    taken = set()
    for run in rows.runs:
        have, offered = _worth(writer.row(run["key"])), _worth(run)
        came.new += have == 0
        came.better += 0 < have < offered
        came.kept += have >= offered
        if offered > have:
            writer.put("runs", run, instead=True)
            taken.add(run["key"])
    for plan in rows.plans:
        writer.put("plans", {"experiment": rows.name, **plan})
    for moment in rows.moments:
        if moment["key"] in taken:
            writer.put("moments", moment, instead=True)


def _worth(row: Row | None) -> int:
    """What a row is worth beside another of the same key."""
    if row is None:
        return 0
    if row["state"] == "stale" or (row["state"] in ("done", "diverged") and _old(row["numerics"])):
        return 2
    return 3 if row["state"] in ("done", "diverged") else 1


def _old(numerics: Any) -> bool:
    return numerics not in ("", numerics_version())
