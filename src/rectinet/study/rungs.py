"""Runs that wait at a rung for the other rates of their grid; see `grid`.

A rung is a barrier: nothing is decided before every rate of a grid has reached it or has ended. A run that was
interrupted anywhere comes back to the first rung, from its checkpoint and so at once, and the same is decided again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rectinet.runs import Configuration
from rectinet.study.grid import Grid, lowest_error
from rectinet.study.jobs import Job
from rectinet.study.result import Result

History = list[dict[str, Any]]


@dataclass
class _Rates:
    """The runs of one grid.

    Attributes
    ----------
    level : int
        Rung that is to be decided next.
    waiting : dict of str to Result
        By key: what runs had come to when they reached it.
    ended : dict of str to (list of dict, bool)
        By key: the history of runs that are over, and whether they diverged.
    """

    grid: Grid
    keys: tuple[str, ...]
    max_epochs: int
    level: int = 0
    waiting: dict[str, Result] = field(default_factory=dict)
    ended: dict[str, tuple[History, bool]] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return bool(self.waiting) and all(key in self.waiting or key in self.ended for key in self.keys)

    def hopeless(self) -> list[str]:
        """Those of the waiting runs that are stopped."""
        known = self.ended | {key: (result.history, False) for key, result in self.waiting.items()}
        epochs = self.grid.rungs[self.level].epochs
        errors = {key: lowest_error(*known[key][:1], epochs, known[key][1]) for key in self.keys}
        return [key for key in self.grid.hopeless(self.level, errors) if key in self.waiting]


class Rungs:
    """All grids of one call of the runner.

    Parameters
    ----------
    jobs : iterable of Job
        Everything that is listed.
    ended : mapping of str to (list of dict, bool)
        Histories of the runs that are over by now, and whether they diverged.

    Raises
    ------
    ValueError
        When a run is listed without the other rates of its grid.
    """

    def __init__(self, jobs: Iterable[Job], ended: Mapping[str, tuple[History, bool]]) -> None:
        listed = {job.key: job for job in jobs}
        self.of: dict[str, _Rates] = {}
        for key, job in listed.items():
            if job.planned.grid is None or key in self.of:
                continue
            keys = tuple(plan.key(job.facts.checksum) for plan in job.planned.of_the_grid())
            if not set(keys) <= set(listed):
                raise ValueError(
                    f"the run {dict(job.planned.labels)!r} is listed without some rates of its grid "
                    f"{job.planned.grid.rates}: list every rate, or leave its grid out"
                )
            rates = _Rates(job.planned.grid, keys, _max_epochs(job))
            rates.ended |= {key: ended[key] for key in keys if key in ended}
            self.of |= dict.fromkeys(keys, rates)

    @property
    def waiting(self) -> list[str]:
        """Keys of the runs that wait."""
        return [key for rates in self._all() for key in rates.waiting]

    def pause(self, key: str) -> int | None:
        """The epoch after which a run is to wait; None: it is run to its end."""
        rates = self.of.get(key)
        if rates is None or not rates.grid.reaches(rates.level, rates.max_epochs):
            return None
        return rates.grid.rungs[rates.level].epochs

    def takes(self, result: Result) -> bool:
        """Whether this is a run that has reached a rung; otherwise it is noted where it is over."""
        rates = self.of.get(result.key)
        if rates is None:
            return False
        if result.state == "done" and result.ending == "finished" and self.pause(result.key) is not None:
            rates.waiting[result.key] = result
            return True
        if result.state in ("done", "diverged"):
            rates.ended[result.key] = (result.history, result.state == "diverged")
        return False

    def decided(self) -> tuple[list[Result], list[str]]:
        """Runs that are stopped, as results, and keys of those that go on; of every grid that can be decided."""
        stopped: list[Result] = []
        going_on: list[str] = []
        for rates in self._all():
            if rates.complete:
                hopeless = rates.hopeless()
                stopped += [_stopped(rates.waiting[key], rates.level + 1) for key in hopeless]
                going_on += [key for key in rates.waiting if key not in hopeless]
                rates.ended |= {key: (rates.waiting[key].history, False) for key in hopeless}
                rates.level, rates.waiting = rates.level + 1, {}
        return stopped, going_on

    def _all(self) -> list[_Rates]:
        return list({id(rates): rates for rates in self.of.values()}.values())


def _stopped(result: Result, rung: int) -> Result:
    """The end of a run that is stopped: its last epoch says at which rung, from 1."""
    *before, last = result.history
    return replace(result, ending="stopped early", history=[*before, last | {"stopped_at_rung": rung}])


def _max_epochs(job: Job) -> int:
    configuration = job.planned.configuration
    assert isinstance(configuration, Configuration)  # see `Planned`
    return int(configuration.max_epochs)
