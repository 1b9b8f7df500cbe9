"""Open questions: what the paper does not say, the assumption taken, and what the runs say of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report._html import element
from rectinet.study.report._numbers import number, on_common_seeds, p_values, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import Section, command
from rectinet.study.report._tables import Table

FEWEST_SEEDS: Final = 3
QUESTIONS: Final = {  # experiment: question, assumption taken, in the order of importance
    "open-l1": ("Is the L1 term a sum or a mean over the units of a layer?", "mean"),
    "open-signs": ("Are exactly half of the signs turned, or each with probability 1/2?", "balanced"),
    "open-scaling": ("Are images scaled to [0, 1] or to [-1, 1]?", "[0, 1]"),
    "open-rates": ("Would a learning rate between those of the paper's grid do better?", "of the grid"),
    "open-tied": ("Are the decoders of images tied to their encoders?", "untied"),
    "open-pretraining": (
        "How were networks pre-trained: how long, in which minibatches, with which rates, noise and costs?",
        "10 epochs, minibatches of 10",
    ),
    "open-derivative": ("Is the rectifier's derivative at 0 zero or one?", "0"),
}


def open_questions(records: Sequence[Record]) -> Section:
    """A table with all candidates of each question."""
    blocks, said = [], []
    for experiment, (question, assumed) in QUESTIONS.items():
        found = cells(finished(of_experiment(records, experiment)), ("data", "unit", "candidate"))
        if not found:
            rows: list[list[object]] = [[command(experiment)]]
            blocks.append(Table(question, [f"not run; assumed: {assumed}"], rows, (), experiment))
            continue
        rows = []
        for data, unit in dict.fromkeys((data, unit) for data, unit, _ in found):
            base = found.get((data, unit, assumed))
            mine = {candidate: cell for (*which, candidate), cell in found.items() if which == [data, unit]}
            others = [cell for candidate, cell in mine.items() if candidate != assumed and base is not None]
            tests = iter(p_values([(cell, base) for cell in others if base is not None]) if others else [])
            for candidate, cell in mine.items():
                p, t, different = next(tests) if base is not None and candidate != assumed else ("", "", None)
                differs = "" if different is None else ("yes" if different else "no")
                name = f"{candidate} (assumed)" if candidate == assumed else candidate
                shown = [number("error", cell), number("zeros", cell), number("seeds", cell)]
                of = f"{data}, {unit}" if unit else data
                one, other = on_common_seeds(cell, base or Cell())
                if different is not None and one.runs:
                    said.append(
                        sentence(
                            f"{question} On {of}, {candidate}: test error ", number("error", one), f" %; {assumed}: ",
                            number("error", other), " %; ",
                            _judged(one, different),
                        )
                    )  # fmt: skip
                rows.append([of, element("span", name, class_="setting"), *shown, p, t, differs])
            theirs = paper().value("zeros", data=data)
            if experiment == "open-l1" and theirs is not None:
                nearest = min(mine, key=lambda candidate: abs(number("zeros", mine[candidate]).value - theirs.value))
                said.append(
                    sentence(
                        f"On {data} the L1 term by {nearest} comes nearest to the paper's {theirs.shown} % zeros: ",
                        number("zeros", mine[nearest]), " %.",
                    )
                )  # fmt: skip
        head = ["data", "candidate", "error, %", "zeros, %", "seeds", "p, examples", "p, seeds", "differs?"]
        blocks.append(Table(question, head, rows, (), experiment))
    return Section(
        "Open questions",
        "What the paper leaves open, the assumption taken everywhere else, and what each candidate comes to. Tests are "
        "against the assumption, corrected by Holm over a table.",
        blocks,
        said,
    )


def _judged(cell: Cell, different: bool) -> str:
    if len(cell.runs) < FEWEST_SEEDS:
        return "too few seeds to say whether they differ."
    return "they differ." if different else "no difference was shown."
