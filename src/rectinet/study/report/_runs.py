"""Runs as the report sees them: a record and what follows from its predictions, computed once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.study.planned import BUDGETS
from rectinet.study.records import Record
from rectinet.study.verdicts import Results

SHORT: Final = 10  # characters of a key that are shown


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run with predictions."""

    record: Record

    @property
    def key(self) -> str:
        return self.record.key

    @property
    def labels(self) -> dict[str, Any]:
        return self.record.labels

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which test examples."""
        return np.asarray(self.record.predictions["test"] != self.record.targets["test"])

    @cached_property
    def missed(self) -> NDArray[np.float64]:
        """By how much, of every test example."""
        return np.asarray(self.record.predictions["test"] - self.record.targets["test"], dtype=np.float64).ravel()

    @property
    def rates(self) -> bool:
        """Whether it predicts ratings or other numbers, and is judged by their RMSE."""
        return self.record.configuration.get("task") in ("rate", "regress")

    @property
    def validation(self) -> float:
        """Validation error of the best epoch; infinite where there was none."""
        entry = self.record.history[self.record.best_epoch - 1] if self.record.history else {}
        return float(entry.get("validation_error", np.inf))

    @property
    def zeros(self) -> float:
        """Share of exact zeros in the hidden layers, weighted by their widths, in %; NaN where it was not counted."""
        widths, zeros = sizes(self.record), self.record.zeros
        if zeros is None:
            return float("nan")
        return 100 * float(np.average(zeros or [0.0], weights=widths or [1]))


def sizes(record: Record) -> list[int]:
    """Widths of the hidden layers."""
    found: dict[str, list[int]] = record.configuration.get("hidden_layer_sizes", {"tuple": []})
    return found["tuple"]


def finished(records: Iterable[Record]) -> list[Run]:
    """Those that are done and have test predictions: not pre-training, not what another engine computed."""
    return [Run(record) for record in records if record.state == "done" and "test" in record.predictions]


@dataclass(frozen=True)
class Cell:
    """Runs that differ in nothing but their seed, of the candidate that validation chose.

    Attributes
    ----------
    runs : list of Run
        By seed.
    candidates : int
        Among how many candidates.
    stopped : list of Run
        Of the other candidates, those that were stopped at a rung of their grid.
    """

    runs: Sequence[Run] = ()
    candidates: int = 0
    budget: str = ""
    chosen: tuple[Any, ...] = field(default=())
    stopped: Sequence[Run] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(run.key for run in self.runs)

    @property
    def cut(self) -> bool:
        """Whether its runs have less than the paper's protocol."""
        return self.budget != "paper"

    @property
    def results(self) -> Results:
        """Errors in %, or RMSE in the targets' own unit."""
        if not self.runs:
            return Results(())
        if self.runs[0].rates:
            return Results.of_misses([run.missed for run in self.runs])
        return Results.of_errors([run.wrong for run in self.runs])


def cells(
    runs: Iterable[Run], by: Sequence[str], candidate: Sequence[str] = (), seed: str = "seed"
) -> dict[tuple[Any, ...], Cell]:
    """Cells by the values of some labels; of each the largest budget, and of that the best candidate.

    The candidate with the lowest validation error, averaged over the seeds, is taken; candidates with fewer finished
    seeds than others are left out, as they may be still running, and so are those stopped at a rung under any seed.
    """
    grouped: dict[tuple[Any, ...], dict[tuple[int, tuple[Any, ...]], dict[Any, Run]]] = {}
    for run in runs:
        place = tuple(run.labels.get(name) for name in by)
        which = tuple(run.labels.get(name) for name in candidate)
        group = grouped.setdefault(place, {}).setdefault((_rank(run.record.budget), which), {})
        group[run.labels.get(seed, run.record.seed)] = run
    return {place: _chosen(groups) for place, groups in grouped.items()}


def _chosen(groups: dict[tuple[int, tuple[Any, ...]], dict[Any, Run]]) -> Cell:
    largest = max(rank for rank, _ in groups)
    of_it = {which: by_seed for (rank, which), by_seed in groups.items() if rank == largest}
    most = max(len(by_seed) for by_seed in of_it.values())
    whole = {which: by_seed for which, by_seed in of_it.items() if len(by_seed) == most}
    to_the_end = {which: by_seed for which, by_seed in whole.items() if not _stopped(by_seed.values())}
    whole = to_the_end or whole
    best = min(whole, key=lambda which: np.mean([run.validation for run in whole[which].values()]))
    runs = [whole[best][seed] for seed in sorted(whole[best])]
    stopped = [run for which, by_seed in of_it.items() if which != best for run in _stopped(by_seed.values())]
    return Cell(runs, len(of_it), runs[0].record.budget, best, stopped)


def _stopped(runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if run.record.rung is not None]


def _rank(budget: str) -> int:
    return BUDGETS.index(budget) if budget in BUDGETS else -1


def of_experiment(records: Iterable[Record], name: str) -> list[Record]:
    """The records of one experiment; a run that it lists with --data NAME and without counts once."""
    found: dict[tuple[str, str, str], Record] = {}
    for record in records:
        if record.experiment == name:
            found.setdefault((record.budget, record.key, json.dumps(record.labels, sort_keys=True)), record)
    return list(found.values())


def plain(layers: Sequence[int]) -> str:
    """Widths as people write them: 3 x 1000, or 4000-2000."""
    if len(layers) > 1 and len(set(layers)) == 1:
        return f"{len(layers)} x {layers[0]}"
    return "-".join(map(str, layers)) or "none"


def identifier(words: str) -> str:
    """A name for an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
