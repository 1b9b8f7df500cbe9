"""The store of the study as it is read: by tables, figures, the status, and while a study is running."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from rectinet.engine import numerics_version
from rectinet.study.arrays import Packed
from rectinet.study.database import FILE, said_plainly, to_read
from rectinet.study.records import STATES, Record

# A finished run of another engine is stale, and one of this engine no longer is, whoever wrote the row last.
STATE_NOW: Final = """CASE
    WHEN state IN ('done', 'diverged') AND numerics NOT IN ('', :numerics) THEN 'stale'
    WHEN state = 'stale' AND numerics = :numerics AND ending IS NULL THEN 'diverged'
    WHEN state = 'stale' AND numerics = :numerics THEN 'done'
    ELSE state END"""
_RECORDS: Final = f"""
    SELECT plans.experiment, plans.budget, plans.data, plans.labels, runs.*, {STATE_NOW} AS state_now,
        moments.attempts, moments.facts
    FROM plans JOIN runs USING (key) LEFT JOIN moments USING (key)
    WHERE (:experiment IS NULL OR experiment = :experiment) AND (:budget IS NULL OR budget = :budget)
        AND (:data IS NULL OR data = :data)
    ORDER BY experiment, budget, data, position"""
_NOTHING: Final = Packed.of({})


class Store:
    """A store, opened to be read; use it in a with statement, or close it.

    Parameters
    ----------
    folder : path
        Of the study, for example "rectinet-study".

    Raises
    ------
    StoreError
        Where there is none, or it cannot be read.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.path = self.folder / FILE
        self.connection = to_read(self.path)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    def records(
        self, experiment: str | None = None, *, budget: str | None = None, data: str | None = None
    ) -> list[Record]:
        """Every run that an experiment lists, in its order, with what came of it so far.

        Parameters
        ----------
        experiment : str, optional
            None: of all.
        budget, data : str, optional
            Only what is listed for them; "" is the experiments' own data.
        """
        wanted = {"experiment": experiment, "budget": budget, "data": data, "numerics": numerics_version()}
        with said_plainly(self.path):
            rows = self.connection.execute(_RECORDS, wanted).fetchall()
            arrays = self._arrays(rows)
        return [_record(row, arrays) for row in rows]

    def status(self) -> dict[str, Counter[str]]:
        """How many runs of each experiment are in which state; every state has a number."""
        query = f"""SELECT experiment, state_now, count(*) FROM (
            SELECT DISTINCT experiment, key, {STATE_NOW} AS state_now FROM plans JOIN runs USING (key)
        ) GROUP BY experiment, state_now ORDER BY experiment"""
        counts: dict[str, Counter[str]] = {}
        with said_plainly(self.path):
            for experiment, state, n in self.connection.execute(query, {"numerics": numerics_version()}):
                counts.setdefault(experiment, Counter(dict.fromkeys(STATES, 0)))[state] = n
        return counts

    def _arrays(self, rows: list[sqlite3.Row]) -> dict[str | None, Packed]:
        """Predictions and targets of these rows, each read once."""
        found: dict[str | None, Packed] = {None: _NOTHING}
        for name in dict.fromkeys(row[column] for row in rows for column in ("targets", "predictions")):
            if name is not None:
                content = self.connection.execute("SELECT content FROM arrays WHERE digest = ?", (name,)).fetchone()
                found[name] = Packed(name, content[0])
        return found


def _record(row: sqlite3.Row, arrays: dict[str | None, Packed]) -> Record:
    moment: dict[str, Any] = json.loads(row["facts"] or "{}")
    return Record(
        key=row["key"],
        experiment=row["experiment"],
        labels=json.loads(row["labels"]),
        state=row["state_now"],
        configuration=json.loads(row["configuration"]),
        numerics=row["numerics"],
        history=json.loads(row["history"]),
        pretrain_history=json.loads(row["pretrain_history"]),
        best_epoch=row["best_epoch"],
        n_epochs=row["n_epochs"],
        seed=row["seed"],
        ending=row["ending"],
        zeros=None if row["zeros"] is None else json.loads(row["zeros"]),
        predictions=arrays[row["predictions"]],
        targets=arrays[row["targets"]],
        error=row["error"],
        versions=json.loads(row["versions"]),
        threads=row["threads"],
        moment={"attempts": row["attempts"] or 0, **moment},
        checksum=row["checksum"],
        start=row["start"],
        budget=row["budget"],
        data=row["data"] or None,
    )
