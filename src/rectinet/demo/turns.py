"""Runs that take an epoch each in turn, so that a busy moment of the machine strikes all alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition

from rectinet.runs.run import Moment


class Turns:
    """Whose turn it is among runs in threads of their own; one of them computes at a time.

    Attributes
    ----------
    stopped : bool
        Set it to end every run at its next moment.
    """

    def __init__(self, runs: Sequence[object]) -> None:
        self.stopped = False
        self._waiting = list(runs)  # the first of them computes
        self._changed = Condition()

    def watch(self, run: object, moment: Moment) -> bool:
        """For a run to be watched by: it waits here before its first epoch and after every one."""
        with self._changed:
            if moment.kind == "epoch":
                self._waiting.remove(run)
                self._waiting.append(run)
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting[0] == run)
        return self.stopped

    @contextmanager
    def taking_part(self, run: object) -> Iterator[None]:
        """However the run ends, the others go on."""
        try:
            yield
        finally:
            with self._changed:
                self._waiting.remove(run)
                self._changed.notify_all()
