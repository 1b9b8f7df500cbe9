"""The store of the study: one SQLite file, read by many, written by the one process that the user started."""

from __future__ import annotations

from rectinet.study.records import Record


class Store:
    """The store; `records` is what tables and figures are made from."""

    def records(
        self, experiment: str | None = None, *, budget: str | None = None, data: str | None = None
    ) -> list[Record]:
        """Every run that an experiment lists, in its order, with what came of it so far."""
        raise NotImplementedError
