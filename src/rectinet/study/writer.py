"""The store as it is written: by one process, each change whole and on the disk before anything relies on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rectinet.engine import numerics_version
from rectinet.study.arrays import Packed, digest
from rectinet.study.database import FILE, locked, said_plainly, to_write
from rectinet.study.jobs import Job
from rectinet.study.records import FINISHED
from rectinet.study.result import Result
from rectinet.study.store import STATE_NOW

_ENLIST: Final = """
    INSERT INTO runs (key, state, configuration, checksum, examined, source_key, start, seed, threads, targets)
    VALUES (:key, 'queued', :configuration, :checksum, :examined, :source_key, :start, :seed, 1, :targets)
    ON CONFLICT (key) DO UPDATE SET
        state = CASE WHEN examined = :examined AND targets IS :targets THEN state ELSE 'queued' END,
        examined = :examined, targets = :targets"""
_FINISH: Final = """
    UPDATE runs SET state = :state, numerics = :numerics, history = :history, pretrain_history = :pretrain_history,
        n_epochs = :n_epochs, best_epoch = :best_epoch, ending = :ending, zeros = :zeros, predictions = :predictions,
        versions = :versions, error = :error
    WHERE key = :key"""
_MOMENT: Final = """
    INSERT INTO moments (key, attempts, facts) VALUES (:key, :attempts, :facts)
    ON CONFLICT (key) DO UPDATE SET attempts = attempts + :attempts, facts = json_patch(facts, :facts)"""


class Writer:
    """The one writer; see `writing`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder, self.path, self.connection = folder, folder / FILE, connection
        with self.transaction():  # of a process that was killed; and what another engine has finished
            connection.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
            stale = f"UPDATE runs SET state = {STATE_NOW} WHERE state != {STATE_NOW}"
            connection.execute(stale, {"numerics": numerics_version()})

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything in the block is stored, or nothing."""
        with said_plainly(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    # -- the life of a run --------------------------------------------------------------------------------------------

    def enlist(self, experiment: str, budget: str, data: str, jobs: Sequence[Job]) -> None:
        """Queue what is not known yet; these jobs take the place of what the experiment listed under this budget."""
        with self.transaction():
            self.connection.execute(
                "DELETE FROM plans WHERE experiment = ? AND budget = ? AND data = ?", (experiment, budget, data)
            )
            for position, job in enumerate(jobs):
                self.put_arrays(job.facts.targets)
                self.connection.execute(_ENLIST, _as_row(job))
                labels = as_json(dict(job.planned.labels))
                place = (experiment, budget, data, position, job.key, labels)
                self.connection.execute("INSERT OR IGNORE INTO plans VALUES (?, ?, ?, ?, ?, ?)", place)

    def states(self, keys: Iterable[str]) -> dict[str, str]:
        """In which state these runs are."""
        with said_plainly(self.path):
            found = dict(self.connection.execute("SELECT key, state FROM runs").fetchall())
        return {key: found[key] for key in keys}

    def histories(self, keys: Iterable[str]) -> dict[str, tuple[list[dict[str, Any]], bool]]:
        """Of those of these runs that are finished; and whether they diverged."""
        found = {}
        with said_plainly(self.path):
            for key in keys:
                ask = "SELECT state, history FROM runs WHERE key = ? AND state IN ('done', 'diverged')"
                for state, history in self.connection.execute(ask, (key,)):
                    found[key] = (json.loads(history), state == "diverged")
        return found

    def begin(self, key: str) -> None:
        """A run is being executed."""
        with self.transaction():
            self.connection.execute("UPDATE runs SET state = 'running', error = NULL WHERE key = ?", (key,))
            self.connection.execute(_MOMENT, {"key": key, "attempts": 1, "facts": "{}"})

    def finish(self, result: Result) -> None:
        """What came of a run; where nothing did, what is known of it from before stays."""
        with self.transaction():
            if result.state in FINISHED:
                self.connection.execute(_FINISH, self._finished(result))
            else:
                change = "UPDATE runs SET state = ?, error = ? WHERE key = ?"
                self.connection.execute(change, (result.state, result.error, result.key))
            self.connection.execute(_MOMENT, {"key": result.key, "attempts": 0, "facts": as_json(result.moment)})

    def requeue(self, key: str) -> None:
        """A finished run has to be repeated: its network is needed and not there."""
        with self.transaction():
            self.connection.execute("UPDATE runs SET state = 'queued' WHERE key = ?", (key,))

    def _finished(self, result: Result) -> dict[str, Any]:
        predictions = None
        if result.predictions is not None:
            predictions = digest(result.predictions)
            self.put_arrays(Packed(predictions, result.predictions))
        return {
            "key": result.key,
            "state": result.state,
            "numerics": result.numerics,
            "history": as_json(result.history),
            "pretrain_history": as_json(result.pretrain_history),
            "n_epochs": result.n_epochs,
            "best_epoch": result.best_epoch,
            "ending": result.ending,
            "zeros": None if result.zeros is None else as_json(result.zeros),
            "predictions": predictions,
            "versions": as_json(result.versions),
            "error": result.error,
        }

    # -- rows, for import ---------------------------------------------------------------------------------------------

    def columns(self, table: str) -> set[str]:
        """Of a table."""
        return {row["name"] for row in self.connection.execute(f"PRAGMA table_info({table})")}

    def row(self, key: str) -> dict[str, Any] | None:
        """A run as it is stored."""
        found = self.connection.execute("SELECT * FROM runs WHERE key = ?", (key,)).fetchone()
        return None if found is None else dict(found)

    def put_arrays(self, arrays: Packed) -> None:
        """Keep arrays under their name, once."""
        self.connection.execute("INSERT OR IGNORE INTO arrays VALUES (?, ?)", (arrays.name, arrays.content))

    def put(self, table: str, row: Mapping[str, Any], instead: bool = False) -> None:
        """Insert a row with all its columns; what already exists stays, or is replaced."""
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        change = ", ".join(f"{name} = :{name}" for name in row)
        conflict = f"ON CONFLICT (key) DO UPDATE SET {change}" if instead else "ON CONFLICT DO NOTHING"
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places}) {conflict}", dict(row))


@contextmanager
def writing(folder: Path) -> Iterator[Writer]:
    """Be the one process that writes the store in this folder, which is made where it is not there.

    Raises
    ------
    StoreError
        Where another process is, or it cannot be written.
    """
    with locked(folder):
        connection = to_write(folder / FILE)
        try:
            yield Writer(folder, connection)
        finally:
            connection.close()


def as_json(value: Any) -> str:
    """One text for equal values: a checkpoint gives the entries of a history back in another order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _as_row(job: Job) -> dict[str, Any]:
    return {
        "key": job.key,
        "configuration": as_json(job.planned.document()),
        "checksum": job.facts.checksum,
        "examined": job.facts.examined,
        "source_key": job.planned.source_key,
        "start": job.start,
        "seed": job.seed,
        "targets": job.facts.targets.name,
    }
