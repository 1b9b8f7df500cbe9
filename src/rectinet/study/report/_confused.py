"""Which classes are taken for which, cell by cell of Table 1: folded away until it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._numbers import number
from rectinet.study.report._runs import Cell
from rectinet.study.report._tables import Table

SHOWN: Final = 5  # of a cell's confusions, the most frequent


def confusions(found: Mapping[tuple[Any, ...], Cell]) -> list[Table]:
    """For each data set the most frequent confusions of every cell, over all its seeds."""
    blocks = []
    for data in dict.fromkeys(data for data, _, _ in found):
        rows = [
            [f"{unit}, {'with' if pretrained else 'without'} pre-training", _most_frequent(cell)]
            for (of, unit, pretrained), cell in found.items()
            if of == data
        ]
        note = "True class, the class that it is taken for, and how often on the test examples of all seeds together."
        title = f"Most frequent confusions on {data}"
        head = ["network", "confusions"]
        blocks.append(Table(title, head, rows, [note], f"confusions-{data}", folded=f"Confusions on {data}"))
    return blocks


def _most_frequent(cell: Cell) -> Markup:
    truth = np.concatenate([run.record.targets["test"][run.wrong] for run in cell.runs])
    taken = np.concatenate([run.record.predictions["test"][run.wrong] for run in cell.runs])
    pairs, counts = np.unique(np.stack([truth, taken], axis=1), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:SHOWN]
    shown = []
    for a, b in pairs[order].tolist():
        name = element("span", f"{a} as {b}: ", class_="setting")
        shown.append(element("span", name, number("confused", cell, arguments=(a, b)).html(), class_="confusion"))
    return joined(shown, " ") if shown else Markup("none")
