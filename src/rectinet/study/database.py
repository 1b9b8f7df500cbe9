"""The file of the store: opening it to read or to write, and what is said when that cannot be done."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO, Final

from rectinet.study.errors import (
    DamagedStore,
    NewerStore,
    NotAStore,
    StoreError,
    StoreInUse,
    StoreNotWritable,
)

FILE: Final = "store.sqlite"
LOCK: Final = "lock"
SCHEMA_VERSION: Final = 1
APPLICATION: Final = 0x52454354  # "RECT": says what the file is to `file` and to us


def to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot change anything.

    Raises
    ------
    StoreError
        Where there is no store, or one that cannot be read.
    """
    if not path.exists():
        raise StoreError(f"there is no study in {path.parent}: begin one with rectinet study run NAME, or choose --out")
    with said_plainly(path):
        try:
            connection = _connected(path, "?mode=ro")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            if os.access(path.parent, os.W_OK):
                raise
            connection = _connected(path, "?mode=ro&immutable=1")  # WAL needs a file beside it, which cannot be made
        _check(connection, path)
    return connection


def to_write(path: Path) -> sqlite3.Connection:
    """A connection of the one writer, with the schema made where there is none yet.

    Raises
    ------
    StoreError
        Where it cannot be opened or not be written.
    """
    with said_plainly(path):
        connection = _connected(path)
        fresh = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not fresh:
            _check(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what is committed is on the disk: checkpoints go after that
        connection.execute("PRAGMA foreign_keys = ON")
        if fresh:
            schema = files("rectinet.study").joinpath("schema.sql").read_text()
            signed = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA_VERSION};"
            connection.executescript(f"BEGIN IMMEDIATE; {schema} {signed} COMMIT;")
    return connection


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the one process that writes in this folder; the lock ends with the process, however it ends.

    Raises
    ------
    StoreInUse, StoreNotWritable
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / LOCK, "a+")  # noqa: SIM115  # closed below
    except OSError as problem:
        raise StoreNotWritable(
            f"{folder} cannot be written: {problem.strerror}; choose another folder with --out"
        ) from problem
    with file:
        _lock(file, folder)
        yield


def _lock(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        raise StoreInUse(
            f"another process (its number: {owner}) is writing to the study in {folder}: wait for it or stop it; "
            "status and report work meanwhile"
        ) from problem
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """SQLite's errors as ours, in one sentence."""
    try:
        yield
    except sqlite3.Error as problem:
        raise _named(problem, path) from problem


def _named(problem: sqlite3.Error, path: Path) -> StoreError:
    name = getattr(problem, "sqlite_errorname", "")
    if name == "SQLITE_NOTADB":
        return NotAStore(f"{path} is not a store of the study; move it away or choose another folder with --out")
    if name.startswith("SQLITE_CORRUPT"):
        return DamagedStore(
            f"{path} is damaged ({problem}): move it away, then rectinet study import what was exported of it, and run "
            "the rest again"
        )
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR_WRITE"):
        return StoreNotWritable(f"{path}: the disk is full; nothing that was stored is lost, make room and run again")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreNotWritable(f"{path} cannot be written (read-only or forbidden); choose another folder with --out")
    if name.startswith("SQLITE_BUSY"):
        return StoreInUse(f"{path} is being used by another program; close it and run again")
    return StoreError(f"{path}: {problem}")


def _connected(path: Path, mode: str = "") -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}{mode}", uri=True, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise NotAStore(f"{path} is not a store of the study; move it away or choose another folder with --out")
    if version > SCHEMA_VERSION:
        raise NewerStore(
            f"{path} is a store of version {version}; this rectinet reads up to {SCHEMA_VERSION}. Install a newer "
            "rectinet"
        )
