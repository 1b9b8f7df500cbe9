"""Figure 2's graph: the hidden units of a small network, which of them are on, and what flows between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from rectinet.study.experiments._path import graph
from rectinet.study.records import Record
from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._numbers import Sentence, number, sentence
from rectinet.study.report._runs import Cell, Run, cells, finished, of_experiment
from rectinet.study.report._section import command

STEP, ACROSS, MARGIN = 26, 190, 26  # of the drawing: between units, between layers, around
FAINT: Final = 0.02  # of the largest flow; less is not drawn


def active_path(records: Sequence[Record]) -> tuple[list[Markup], list[Sentence]]:
    """A graph for each data set, and how many units are on."""
    found = cells(finished(of_experiment(records, "figure2")), ("data",))
    if not found:
        note = element("p", "The active path of a trained network: not run. ", element("code", command("figure2")))
        return [note], []
    said = []
    for (data,), cell in found.items():
        hidden = cell.runs[0].labels["hidden"]
        ends = np.cumsum([0, *hidden]).tolist()
        counts = [number("on", Cell(cell.runs[:1]), arguments=pair) for pair in pairwise(ends)]
        parts = [part for count in counts for part in (count, ", ")][:-1]
        said.append(sentence(f"The first test example of {data} is answered by few units of each hidden layer: ",
                             *parts, f" of {hidden[0]} are on."))  # fmt: skip
    return [_drawn(data, cell.runs[0]) for (data,), cell in found.items()], said


def _drawn(data: str, run: Run) -> Markup:
    hidden = run.labels["hidden"]
    codes, contributions, flows = graph(run.record.predictions["test"][0].astype(float), hidden)
    flows = [*flows, contributions[-1][:, None]]
    levels = [np.arange(n) for n in hidden] + [np.array([(hidden[-1] - 1) / 2])]
    largest = max(float(np.abs(flow).max()) for flow in flows) or 1.0
    parts: list[object] = []
    for level, flow in enumerate(flows):
        for i, j in np.argwhere(np.abs(flow) > FAINT * largest):
            ends = _place(level, levels[level][i]), _place(level + 1, levels[level + 1][j])
            parts.append(_line(ends, flow[i, j] / largest))
    for level, (on, adds) in enumerate(zip(codes, contributions, strict=True)):
        for unit, (h, contribution) in enumerate(zip(on, adds, strict=True)):
            words = "off" if h == 0 else "on, adds" if contribution > 0 else "on, takes away" if contribution else "on"
            x, y = _place(level, unit)
            dot = {"cx": f"{x:.0f}", "cy": f"{y:.0f}", "r": "6" if h else "4"}
            parts.append(element("circle", element("title", words), class_="unit on" if h else "unit", **dot))
    x, y = _place(len(hidden), levels[-1][0])
    parts.append(element("circle", element("title", "output"), class_="unit on", cx=f"{x:.0f}", cy=f"{y:.0f}", r="8"))
    size = f"0 0 {2 * MARGIN + ACROSS * len(hidden)} {2 * MARGIN + STEP * (max(hidden) - 1)}"
    title = f"The active path of one input, {data}"
    words = f"{title}: hidden units from left to right by layer, filled where they are on, and lines to the output"
    svg = element("svg", joined(parts), class_="chart path", viewBox=size, role="img", aria_label=words)
    note = element("p", "Filled: on. Solid lines add to the output, dashed ones take from it.", class_="note")
    return element("figure", element("figcaption", title), svg, note, class_="card graph", data_run=run.record.key)


def _place(level: int, unit: float) -> tuple[float, float]:
    return MARGIN + ACROSS * level, MARGIN + STEP * float(unit)


def _line(ends: tuple[tuple[float, float], tuple[float, float]], share: float) -> Markup:
    (x1, y1), (x2, y2) = ends
    where = {"x1": f"{x1:.0f}", "y1": f"{y1:.0f}", "x2": f"{x2:.0f}", "y2": f"{y2:.0f}"}
    ink = {"stroke_width": f"{0.5 + 3.5 * abs(share):.2f}", "stroke_opacity": f"{0.2 + 0.8 * abs(share):.2f}"}
    return element("line", class_="flow" if share > 0 else "flow away", **where, **ink)
