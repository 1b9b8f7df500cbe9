"""Numbers of the page: each is a measure of some runs, and says of which, so that it can be computed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._runs import Cell, Run
from rectinet.study.verdicts import compare

Group = Sequence[Run]
Measure = Callable[..., float]


def _low(cell: Cell) -> float:
    interval = cell.results.interval
    return np.nan if interval is None else interval[0]


def _high(cell: Cell) -> float:
    interval = cell.results.interval
    return np.nan if interval is None else interval[1]


def _seconds(cell: Cell) -> float:
    return float(np.median([s for run in cell.runs for s in run.record.moment.get("epoch_seconds", [])] or [np.nan]))


def _column(cell: Cell, column: int) -> float:
    return float(np.mean([run.record.predictions["test"][:, column].mean() for run in cell.runs]))


def _spread(cell: Cell, column: int) -> float:
    return float(np.mean([run.record.predictions["test"][:, column].std() for run in cell.runs]))


def _on(cell: Cell, start: int, stop: int) -> float:
    """How many of some columns are not 0 for the first test example."""
    return float(np.mean([np.count_nonzero(run.record.predictions["test"][0, start:stop]) for run in cell.runs]))


def _column_error(cell: Cell, column: int) -> float:
    """Share of examples that a column of classes has wrong, in %."""
    shares = []
    for run in cell.runs:
        classes = run.record.predictions["test"][:, column]
        shares.append(float(np.mean(classes != run.record.targets["test"][: len(classes)])))
    return 100 * float(np.mean(shares))


def _confused(cell: Cell, truth: int, taken: int) -> float:
    """How many test examples of one class are taken for another, over all seeds."""
    both = [(run.record.targets["test"], run.record.predictions["test"]) for run in cell.runs]
    return float(sum(np.count_nonzero((y == truth) & (p == taken)) for y, p in both))


MEASURES: Final[Mapping[str, tuple[Measure, str]]] = {  # by name: how it is computed, how it is written
    "error": (lambda cell: cell.results.mean, ".2f"),
    "accuracy": (lambda cell: 100 - cell.results.mean, ".2f"),
    "rmse": (lambda cell: cell.results.mean, ".3f"),
    "low": (_low, ".2f"),
    "high": (_high, ".2f"),
    "rmse-low": (_low, ".3f"),
    "rmse-high": (_high, ".3f"),
    "seeds": (lambda cell: len(cell.runs), ".0f"),
    "runs": (lambda cell: len(cell.runs), ".0f"),
    "zeros": (lambda cell: float(np.mean([run.zeros for run in cell.runs])), ".1f"),
    "epochs": (lambda cell: float(np.mean([run.record.n_epochs for run in cell.runs])), ".0f"),
    "best-epoch": (lambda cell: float(np.mean([run.record.best_epoch for run in cell.runs])), ".0f"),
    "seconds": (_seconds, ".3g"),
    "fit-seconds": (lambda cell: float(np.median([run.record.moment["seconds"] for run in cell.runs])), ".3g"),
    "difference": (lambda one, other: one.results.mean - other.results.mean, "+.2f"),
    "ratio": (lambda one, other: MEASURES["fit-seconds"][0](one) / MEASURES["fit-seconds"][0](other), ".2f"),
    "column": (_column, ".3g"),
    "column-spread": (_spread, ".3g"),
    "column-error": (_column_error, ".1f"),
    "confused": (_confused, ".0f"),
    "on": (_on, ".0f"),
}


@dataclass(frozen=True)
class Number:
    """One number, and the runs it comes from.

    Attributes
    ----------
    measure : str
        A key of `MEASURES`.
    groups : tuple of Cell
        Most measures are of one cell, differences of two.
    arguments : tuple
        Further ones of the measure: the column.
    """

    measure: str
    groups: tuple[Cell, ...]
    arguments: tuple[Any, ...] = ()

    @property
    def value(self) -> float:
        return float(MEASURES[self.measure][0](*self.groups, *self.arguments))

    def __str__(self) -> str:
        value, form = self.value, MEASURES[self.measure][1]
        written = f"{value:,.0f}" if form == ".3g" and abs(value) >= 1000 else f"{value:{form}}"
        if value == 0 or not written.strip("+-0.,"):
            written = written.lstrip("+-")
        return "–" if written.endswith("nan") else written.replace("-", "−")

    def html(self) -> Markup:
        """With its measure and the keys of its runs."""
        return element("span", str(self), class_="number", **traced(self.measure, self.groups, self.arguments))


def number(measure: str, *groups: Cell, arguments: tuple[Any, ...] = ()) -> Number:
    """A measure of some cells."""
    return Number(measure, groups, arguments)


@dataclass(frozen=True)
class Sentence:
    """Words and numbers that say what was found."""

    parts: tuple[str | Number, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def html(self) -> Markup:
        return joined(part.html() if isinstance(part, Number) else part for part in self.parts)

    @property
    def keys(self) -> list[str]:
        """Of all runs behind it."""
        numbers = (part for part in self.parts if isinstance(part, Number))
        return list(dict.fromkeys(key for n in numbers for group in n.groups for key in group.keys))


def sentence(*parts: str | Number) -> Sentence:
    """Words and numbers in order."""
    return Sentence(parts)


def traced(measure: str, groups: Sequence[Cell], arguments: Sequence[Any] = ()) -> dict[str, str]:
    """The attributes that say where a number comes from: runs of a cell by commas, cells by bars."""
    found = {"data_measure": measure, "data_run": "|".join(",".join(group.keys) for group in groups)}
    return found | ({"data_arguments": ",".join(map(str, arguments))} if arguments else {})


def p_values(pairs: Sequence[tuple[Cell, Cell]]) -> list[tuple[Markup, Markup, bool]]:
    """Of each pair of one table: p over examples, p over seeds, and whether both say that they differ.

    Holm's correction makes each p depend on all pairs, so each carries the runs of all, its own pair first.
    """
    common = [on_common_seeds(one, other) for one, other in pairs]
    found = compare([([r.wrong for r in one.runs], [r.wrong for r in other.runs]) for one, other in common])
    rows = []
    for k, comparison in enumerate(found):
        ordered = [*common[k:], *common[:k]]
        keys = {"data_run": "/".join("|".join(",".join(side.keys) for side in pair) for pair in ordered)}
        shown = [
            element("span", _p(p), class_="number", data_measure=f"p-{name}", **keys)
            for name, p in (("examples", comparison.examples), ("seeds", comparison.seeds))
        ]
        rows.append((shown[0], shown[1], comparison.different))
    return rows


def _p(p: float) -> str:
    return "–" if np.isnan(p) else ("< .001" if p < 0.001 else f"{p:.3f}")


def on_common_seeds(one: Cell, other: Cell) -> tuple[Cell, Cell]:
    """Two cells without the runs whose seed the other one lacks."""
    return _matched(one, other, lambda run: run.record.seed)


def on_common_examples(one: Cell, other: Cell) -> tuple[Cell, Cell]:
    """Two cells without the runs that the other has no counterpart of: of the same seed, learning from the same data.

    Characters that were generated on machines with other fonts are other examples under one name.
    """
    return _matched(one, other, lambda run: (run.record.seed, run.record.checksum))


def _matched(one: Cell, other: Cell, place: Callable[[Run], Any]) -> tuple[Cell, Cell]:
    places = {place(run) for run in one.runs} & {place(run) for run in other.runs}
    first, second = (Cell([run for run in cell.runs if place(run) in places]) for cell in (one, other))
    return first, second
