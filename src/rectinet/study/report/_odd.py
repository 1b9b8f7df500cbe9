"""An odd target learned by tanh units and by as many, and twice as many, rectifiers."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.study.experiments.odd_target import CONTENDERS
from rectinet.study.records import Record
from rectinet.study.report._html import element
from rectinet.study.report._numbers import Sentence, number, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import command
from rectinet.study.report._tables import Table


def odd_target(records: Sequence[Record]) -> tuple[Table, list[Sentence]]:
    """A table of root mean squared errors, and what it says."""
    found = cells(finished(of_experiment(records, "odd-target")), ("network",), ("learning_rate",))
    rows: list[list[object]] = []
    for network in CONTENDERS:
        cell = found.get((network,), Cell())
        if cell.runs:
            units = element("span", str(cell.runs[0].labels["units"]), class_="setting")
            interval = [number(measure, cell) for measure in ("rmse-low", "rmse-high")]
            rows.append([network, units, number("rmse", cell), *interval, number("seeds", cell)])
    head = ["network", "units", "RMSE", "interval from", "to", "seeds"]
    note = "Interval for one further target and network, 95 %; each seed is another target of standard deviation 0.7."
    table = Table("An odd target, f(−x) = −f(x)", head, rows or [[command("odd-target")]], [note], "odd-target")
    return table, _sentences(found)


def _sentences(found: dict[tuple[object, ...], Cell]) -> list[Sentence]:
    if len(found) < len(CONTENDERS):
        return []
    tanh, same, twice = (number("rmse", found[network,]) for network in CONTENDERS)
    holds = tanh.value < same.value and twice.value < same.value
    said = f"An odd target costs rectifiers more units than tanh ({'holds' if holds else 'does not hold'})"
    return [sentence(f"{said}: N tanh units miss it by ", tanh, ", N rectifiers by ", same, ", 2N by ", twice, ".")]
