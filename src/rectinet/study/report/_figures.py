"""Figures 3 and 4 and the rescaled softplus, drawn from our runs; of the paper's only the shapes are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from rectinet.axis import Axis
from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report._charts import Band, Point, Series, chart
from rectinet.study.report._html import Markup, element
from rectinet.study.report._numbers import Number, Sentence, number, on_common_examples, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import AS_IN_THE_PAPER, Section, anchor_of, command, notes_of_a_cut
from rectinet.study.report._table1 import columns
from rectinet.study.report._tables import Beside, Table, commands
from rectinet.study.verdicts import verdict

POINTS: Final = "The points as a table"
ACCEPTABLE: Final = 0.2  # points above the lowest error that still count as flat


def _not_run(experiment: str) -> Markup:
    return element("p", "Not run. ", element("code", command(experiment), class_="command"), class_="note")


def figure3(records: Sequence[Record]) -> Section:
    """Error against zeros as the L1 coefficient varies; every dot is one network."""
    runs = finished(of_experiment(records, "figure3"))
    shape = paper().figures["figure3"]
    blocks: list[Table | Markup] = []
    said: list[Sentence] = []
    for data in dict.fromkeys(run.labels["data"] for run in runs):
        groups: dict[tuple[str, int], list[Cell]] = {}
        for run in runs:
            if run.labels["data"] == data:
                groups.setdefault((run.labels["normalization"], run.labels["width"]), []).append(Cell([run]))
        series = [
            Series(
                f"L1 by {normalization}" + (f", {width} x width" if width > 1 else ""),
                "one" if normalization == "sum" else "two",
                [Point(number("zeros", cell), number("error", cell)) for cell in members],
                connected=False,
            )
            for (normalization, width), members in groups.items()
        ]
        everything = [cell for members in groups.values() for cell in members]
        best = min(everything, key=lambda cell: cell.runs[0].validation)
        flat = max(
            (cell for cell in everything if cell.results.mean <= best.results.mean + ACCEPTABLE),
            key=lambda cell: cell.runs[0].zeros,
        )
        errors = [cell.results.mean for cell in everything]
        y = Axis.over("test error, %", errors, logarithmic=min(errors) > 0 and max(errors) > 5 * min(errors))
        bands = [Band("50–80 %", 50, 80), Band("cortex", 95, 99)]
        blocks.append(chart(f"Error against zeros on {data}", Axis("zeros, %", 30, 100), y, series, bands))
        blocks.append(_points_of_figure3(data, everything))
        said.append(
            sentence(
                f"On {data} the network with the lowest validation error has a test error of ", number("error", best),
                " %, at ", number("zeros", best), " % zeros; the sparsest that is at most ",
                f"{ACCEPTABLE} points worse has ", number("zeros", flat), " % zeros.",
            )
        )  # fmt: skip
        theirs = paper().value("zeros", data=data)
        if theirs is not None:
            nearest = min(everything, key=lambda cell: abs(cell.runs[0].zeros - theirs.value))
            labels = nearest.runs[0].labels
            said.append(
                sentence(
                    f"Of these networks the one with an L1 coefficient of {labels['activity_l1']:g} by "
                    f"{labels['normalization']} comes nearest to the paper's {theirs.shown} % zeros: ",
                    number("zeros", nearest), " %, at a test error of ", number("error", nearest), " %.",
                )
            )  # fmt: skip
    return Section(
        "Figure 3: how sparse is too sparse",
        f"Test error against the share of exact zeros in the hidden layers, as the L1 coefficient varies; every dot is "
        f"one rectifier network. The paper, on {shape.data}: {shape.shape}. Its points are not known: none are drawn.",
        blocks or [_not_run("figure3")],
        said,
    )


def _points_of_figure3(data: str, networks: Sequence[Cell]) -> Table:
    rows: list[list[object]] = []
    for cell in sorted(networks, key=lambda cell: cell.runs[0].zeros):
        labels = cell.runs[0].labels
        setting = element("span", f"{labels['activity_l1']:g} by {labels['normalization']}", class_="setting")
        rows.append([setting, number("zeros", cell), number("error", cell)])
    caption = f"Error against zeros on {data}, network by network"
    return Table(caption, ["L1 coefficient", "zeros, %", "error, %"], rows, (), "figure3", folded=POINTS)


def figure4(records: Sequence[Record]) -> Section:
    """Error against the share of labels."""
    found = cells(
        finished(of_experiment(records, "figure4")), ("data", "unit", "pretrained", "share"), ("learning_rate",)
    )
    shape = paper().figures["figure4"]
    blocks: list[Table | Markup] = []
    said: list[Sentence] = []
    for data in dict.fromkeys(place[0] for place in found):
        mine = {place[1:]: cell for place, cell in found.items() if place[0] == data}
        curves: dict[tuple[Any, ...], list[tuple[float, Cell]]] = {}
        for (unit, pretrained, share), cell in mine.items():
            curves.setdefault((unit, pretrained), []).append((100 * share, cell))
        series = [
            Series(
                f"{unit}, {'with' if pretrained else 'without'} pre-training",
                f"{unit}{'' if pretrained else ' without'}",
                [Point(share, number("error", cell)) for share, cell in sorted(points, key=lambda p: p[0])],
            )
            for (unit, pretrained), points in curves.items()
        ]
        shares = [100 * share for *_, share in mine]
        y = Axis.over("test error, %", [cell.results.mean for cell in mine.values()], logarithmic=True)
        x = Axis.over("labelled training examples, %", shares, logarithmic=True)
        blocks.append(chart(f"Error against labels on {data}", x, y, series))
        blocks.append(_points_of_figure4(data, mine))
        said += _gains(data, curves)
    return Section(
        "Figure 4: the share of labels",
        f"Pre-training sees every training input; only a share of the examples keep their labels. The paper, on "
        f"{shape.data}: {shape.shape}.",
        blocks or [_not_run("figure4")],
        said,
    )


def _points_of_figure4(data: str, found: Mapping[tuple[Any, ...], Cell]) -> Table:
    kinds = list(dict.fromkeys((unit, pretrained) for unit, pretrained, _ in found))
    rows: list[list[object]] = []
    for share in sorted({share for *_, share in found}):
        cells_ = [found.get((*kind, share)) for kind in kinds]
        shown = element("span", f"{100 * share:g}", class_="setting")
        rows.append([shown, *("" if cell is None else number("error", cell) for cell in cells_)])
    head = ["labels, %", *(f"{unit}, {'with' if pretrained else 'without'}" for unit, pretrained in kinds)]
    caption = f"Error on {data} by labels, with and without pre-training, %"
    return Table(caption, head, rows, (), "figure4", folded=POINTS)


def _gains(data: str, curves: dict[tuple[Any, ...], list[tuple[float, Cell]]]) -> list[Sentence]:
    """What pre-training changes with the fewest and with all labels."""
    said = []
    for unit in ("rectifier", "tanh"):
        with_, without = (dict(curves.get((unit, pretrained), [])) for pretrained in (True, False))
        pairs = {share: on_common_examples(with_[share], without[share]) for share in sorted(set(with_) & set(without))}
        common = [share for share, (one, _) in pairs.items() if one.runs]
        if len(common) > 1:
            ends = [number("difference", *pairs[share]) for share in (common[0], common[-1])]
            start, end = (
                f"On {data}, {unit}: pre-training changes the error by ",
                f" points with {common[0]:g} % of the ",
            )
            said.append(sentence(start, ends[0], f"{end}labels, by ", ends[1], f" with {common[-1]:g} %."))
    return said


def softplus(records: Sequence[Record]) -> Section:
    """Errors of rescaled softplus beside the paper's couples."""
    found = cells(finished(of_experiment(records, "softplus")), ("data", "alpha"), ("learning_rate",))
    names = columns(found, ["norb"])
    rows: list[list[object]] = []
    for value in paper().tables["softplus"]:
        alpha = value.cell["alpha"]
        shown = "infinity" if alpha == float("inf") else alpha
        row: list[object] = [f"{alpha:g}".replace("inf", "infinity (rectifier)")]
        for name in names:
            cell = found.get((name, shown), Cell())
            theirs = value if name == value.cell["data"] else None
            row.append(_softplus_cell(cell, name, theirs))
        rows.append(row)
    rows.append(commands("the whole run", [command("softplus", name) for name in names]))
    table = Table("Test error of (1/α) log(1 + exp(α z)), %", ["α", *names], rows, (), "softplus")
    return Section(
        "Rescaled softplus",
        "From the softplus to the rectifier, without pre-training: the paper's error on NORB falls all the way.",
        [table],
    )


def _softplus_cell(cell: Cell, name: str, theirs: Any) -> Beside:
    if not cell.runs:
        return Beside(None, theirs, "not run")
    same = name in AS_IN_THE_PAPER
    known = None if theirs is None else theirs.value
    judge = partial(verdict, cell.results, known, same_data=same, margin=paper().margins.get(name, 0.0))
    judgement = "data differ" if theirs is None else judge(cut=cell.cut)
    notes: tuple[tuple[str, Number | str], ...] = (("seeds", number("seeds", cell)), ("zeros %", number("zeros", cell)))
    if judgement == "cut":
        notes += notes_of_a_cut(cell, paper().data.get(name), judge(cut=False))
    interval = (number("low", cell), number("high", cell))
    return Beside(number("error", cell), theirs, judgement, interval, notes, anchor=anchor_of(cell))
