"""A section of the report, and what its makers are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rectinet.study.paper import DataFacts, paper
from rectinet.study.records import Record
from rectinet.study.report._html import Markup
from rectinet.study.report._numbers import Sentence
from rectinet.study.report._runs import Cell, identifier, plain, sizes
from rectinet.study.report._tables import Table
from rectinet.study.verdicts import Verdict


@dataclass(frozen=True)
class Section:
    """A heading, an introduction, tables and figures in order.

    Attributes
    ----------
    sentences : list of Sentence
        What was found.
    """

    title: str
    intro: str
    blocks: Sequence[Table | Markup] = ()
    sentences: Sequence[Sentence] = field(default=())

    @property
    def anchor(self) -> str:
        return identifier(self.title)


Maker = Callable[[Sequence[Record]], Section]

VARIANTS = {"cifar10-train-only": "cifar10"}  # shown in the column of the set that they stand for
AS_IN_THE_PAPER = ("mnist", "cifar10", "norb")  # our data set of that name has the paper's examples and split


def command(experiment: str, data: str | None = None, budget: str = "paper") -> str:
    """The command that runs an experiment, whole unless a smaller budget is given."""
    chosen = f" --data {data}" if data else ""
    return f"rectinet study run {experiment}{chosen} --budget {budget}"


def anchor_of(cell: Cell) -> str:
    """Of the row in the list of runs."""
    return f"run-{cell.keys[0][:12]}" if cell.runs else ""


def what_was_cut(cell: Cell, facts: DataFacts | None) -> str:
    """How runs fall short of the paper's own budget; empty where they do not."""
    if not cell.runs or not cell.cut:
        return ""
    record = cell.runs[0].record
    hidden = sizes(record)
    layers = plain(hidden)
    if facts is not None and tuple(hidden) != facts.hidden:
        layers += f" (paper {plain(facts.hidden)})"
    epochs = record.configuration.get("max_epochs")
    grid = f"{cell.candidates} of {len(paper().protocol.learning_rates)} rates" if cell.candidates > 1 else "one rate"
    before = ", a shorter pre-training" if record.start is not None else ""
    said = f"hidden layers {layers}, at most {epochs} epochs, {grid}, {len(cell.runs)} seeds"
    return f"budget {cell.budget}: {said}{before}"


def notes_of_a_cut(cell: Cell, facts: DataFacts | None, as_trained: Verdict) -> tuple[tuple[str, str], ...]:
    """What stands beside the verdict "cut": what the other rules say of the networks, and what was cut."""
    return ("as trained:", as_trained), ("", what_was_cut(cell, facts))
