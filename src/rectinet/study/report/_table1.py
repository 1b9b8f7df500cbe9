"""Table 1: test errors on images beside the paper's, zeros, and which cells differ from which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report._confused import confusions
from rectinet.study.report._html import joined
from rectinet.study.report._numbers import Number, Sentence, number, on_common_examples, p_values, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import (
    AS_IN_THE_PAPER,
    VARIANTS,
    Section,
    anchor_of,
    command,
    notes_of_a_cut,
    what_was_cut,
)
from rectinet.study.report._tables import Beside, Table, commands, paper_number
from rectinet.study.verdicts import Verdict, verdict

UNITS: Final = ("rectifier", "tanh", "softplus", "logistic")
OURS: Final = ("mnist", "cifar10", "nistp", "norb")  # columns that are always there

Cells = Mapping[tuple[Any, ...], Cell]


def table1(records: Sequence[Record]) -> Section:
    """Errors, zeros, comparisons."""
    found = _cells(records)
    names = columns(found, OURS)
    blocks = [*_errors(found, names), _zeros(found, names), *_comparisons(found), *confusions(found)]
    return Section(
        "Table 1: images",
        "Test error in % of networks with and without unsupervised pre-training. The learning rate of every cell is "
        "the one with the lowest validation error, averaged over its seeds; test errors choose nothing.",
        [block for block in blocks if block is not None],
        _sentences(found),
    )


def _cells(records: Sequence[Record]) -> Cells:
    runs = finished([*of_experiment(records, "table1"), *of_experiment(records, "logistic-row")])
    return cells(runs, ("data", "unit", "pretrained"), ("learning_rate",))


def columns(found: Cells, always: Sequence[str]) -> list[str]:
    """The data sets of a table: those with runs first."""
    run = dict.fromkeys(str(VARIANTS.get(place[0], place[0])) for place in found)
    return [*sorted(run, key=[*always, *run].index), *(name for name in always if name not in run)]


def judged(cell: Cell, data: str, theirs: float | None, *, as_trained: bool = False) -> Verdict:
    """The verdict of a cell of errors; `as_trained`: what the other rules say of it, leaving aside what was cut."""
    margin = paper().margins.get(data, 0.0)
    same = bool(cell.runs) and cell.runs[0].labels["data"] in AS_IN_THE_PAPER
    if theirs is None and data not in paper().data:
        return "data differ" if cell.runs else "not run"
    return verdict(cell.results, theirs, same_data=same, margin=margin, cut=cell.cut and not as_trained)


def _errors(found: Cells, names: Sequence[str]) -> list[Table]:
    """One table; data sets without runs in another one, folded, beside those that have some."""
    with_runs = [name for name in names if any(VARIANTS.get(data, data) == name for data, *_ in found)]
    without = [name for name in names if name not in with_runs]
    if not with_runs or not without:
        return [_table(found, names)]
    folded = replace(_table(found, without), folded=f"Not run: {', '.join(without)}", name="table1-not-run", notes=())
    return [_table(found, with_runs), folded]


def _table(found: Cells, names: Sequence[str]) -> Table:
    rows: list[list[object]] = []
    for pretrained in (True, False):
        for unit in UNITS:
            here = {name: _cell(found, name, unit, pretrained) for name in names}
            if unit == "logistic" and not any(cell.runs for cell in here.values()):
                continue
            title = f"{unit}, {'with' if pretrained else 'without'} pre-training"
            rows.append([title, *(_beside(cell, name, unit, pretrained) for name, cell in here.items())])
    rows.append(commands("the whole run", [command("table1", name) for name in names]))
    cut: dict[str, None] = {}
    for (data, _, _), cell in found.items():
        facts = paper().data.get(str(VARIANTS.get(data, data)))
        if what := what_was_cut(cell, facts):
            cut[f"{data}: {what}"] = None
    logistic = f"The rows of logistic units, which are not in the paper: {command('logistic-row', 'NAME')}"
    return Table("Test error, %", ["network", *names], rows, [*cut, logistic], "table1")


def _cell(found: Cells, name: str, unit: str, pretrained: bool) -> Cell:
    variants = [name, *(variant for variant, of in VARIANTS.items() if of == name)]
    return next((found[v, unit, pretrained] for v in variants if (v, unit, pretrained) in found), Cell())


def _beside(cell: Cell, data: str, unit: str, pretrained: bool) -> Beside:
    theirs = paper().value("table1", unit=unit, pretrained=pretrained, data=data)
    known = None if theirs is None else theirs.value
    judgement = judged(cell, data, known)
    if not cell.runs:
        return Beside(None, theirs, judgement)
    notes: tuple[tuple[str, Number | str], ...] = (
        ("seeds", number("seeds", cell)),
        ("rate", f"{cell.chosen[0]:g}"),
        ("epochs", number("epochs", cell)),
    )
    if cell.stopped:
        notes += (("runs of other rates stopped at a rung", number("runs", Cell(cell.stopped))),)
    if judgement == "cut":
        notes += notes_of_a_cut(cell, paper().data.get(data), judged(cell, data, known, as_trained=True))
    interval = (number("low", cell), number("high", cell))
    return Beside(number("error", cell), theirs, judgement, interval, notes, anchor=anchor_of(cell))


def _zeros(found: Cells, names: Sequence[str]) -> Table | None:
    rows: list[list[object]] = []
    for name in names:
        plain, pretrained = (_cell(found, name, "rectifier", pretrained) for pretrained in (False, True))
        theirs = paper().value("zeros", data=name)
        if plain.runs or pretrained.runs:
            shown = [number("zeros", cell) if cell.runs else "not run" for cell in (plain, pretrained)]
            rows.append([name, *shown, "–" if theirs is None else paper_number(theirs)])
    if not rows:
        return None
    head = ["data", "without pre-training", "with", "the paper, without"]
    return Table("Exact zeros in the hidden layers of rectifier networks, on test examples, %", head, rows, (), "zeros")


def _pairs(found: Cells) -> list[tuple[str, str, str, Cell, Cell]]:
    pairs = []
    for data in dict.fromkeys(data for data, _, _ in found):
        for unit in UNITS:
            pairs.append((data, f"{unit}, with pre-training", f"{unit}, without", (unit, True), (unit, False)))
        for other in UNITS[1:]:
            for pretrained in (False, True):
                how = "with" if pretrained else "without"
                pairs.append(
                    (data, f"rectifier, {how}", f"{other}, {how}", ("rectifier", pretrained), (other, pretrained))
                )
    there = [(d, one, other, found.get((d, *a)), found.get((d, *b))) for d, one, other, a, b in pairs]
    common = [(d, one, other, *on_common_examples(a or Cell(), b or Cell())) for d, one, other, a, b in there]
    return [(d, one, other, a, b) for d, one, other, a, b in common if a.runs]


def _comparisons(found: Cells) -> list[Table]:
    """One table for each data set: Holm's correction is over a table."""
    tables = []
    for data in dict.fromkeys(data for data, _, _ in found):
        pairs = [pair for pair in _pairs(found) if pair[0] == data]
        if not pairs:
            continue
        rows = [
            [joined([one, " − ", other]), number("difference", a, b), examples, seeds, "yes" if different else "no"]
            for (_, one, other, a, b), (examples, seeds, different) in zip(
                pairs, p_values([(a, b) for *_, a, b in pairs]), strict=True
            )
        ]
        head = ["difference of", "points", "p, examples", "p, seeds", "differ?"]
        note = (
            "Same seeds and examples on both sides. p over examples: exact McNemar test, merged over seeds (twice "
            "the mean p); p over seeds: paired t test; both corrected by Holm over this table. Two cells are said to "
            "differ when both are below 0.05: other test examples and other seeds would show it again."
        )
        tables.append(Table(f"Which cells differ on {data}", head, rows, [note], f"table1-{data}"))
    return tables


def _sentences(found: Cells) -> list[Sentence]:
    """Rectifiers beside tanh units, without and with pre-training."""
    said = []
    for data in dict.fromkeys(data for data, _, _ in found):
        four = [found.get((data, unit, how)) for unit in ("rectifier", "tanh") for how in (False, True)]
        if all(cell is not None for cell in four):
            plain, pretrained, tanh, tanh_pretrained = [number("error", cell) for cell in four if cell is not None]
            said.append(
                sentence(
                    f"On {data} rectifier networks have a test error of ", plain, " % without pre-training and ",
                    pretrained, " % with it; tanh networks ", tanh, " and ", tanh_pretrained, " %.",
                )
            )  # fmt: skip
    return said
