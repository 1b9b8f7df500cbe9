"""What training costs: seconds of an epoch in the tables, and the same networks with and without skipping zeros."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.study.records import Record
from rectinet.study.report._html import element
from rectinet.study.report._numbers import number, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment, plain, sizes
from rectinet.study.report._section import Section, command
from rectinet.study.report._tables import Table


def costs(records: Sequence[Record]) -> Section:
    """Two tables."""
    blocks = []
    rows: list[list[object]] = []
    of_table = cells(finished(of_experiment(records, "table1")), ("data", "unit", "pretrained"), ("learning_rate",))
    for (data, unit, pretrained), cell in of_table.items():
        how = f"{unit}, {'with' if pretrained else 'without'} pre-training"
        hidden = element("span", plain(sizes(cell.runs[0].record)), class_="setting")
        rows.append([data, how, hidden, number("seconds", cell), number("zeros", cell)])
    if rows:
        head = ["data", "network", "hidden layers", "seconds an epoch", "zeros, %"]
        note = "Median over epochs and seeds, one thread a run; other runs may have shared the machine."
        blocks.append(Table("Supervised training of Table 1's cells", head, rows, [note], "seconds"))
    found = cells(finished(of_experiment(records, "costs")), ("data", "network", "skip_zeros"))
    said, rows = [], []
    for data, network in dict.fromkeys((data, network) for data, network, _ in found):
        with_, without = (found.get((data, network, skip)) for skip in (True, False))
        if with_ is None or without is None:
            continue
        ratio = number("ratio", without, with_)
        seconds = [number("fit-seconds", cell) for cell in (with_, without)]
        rows.append([data, network, *seconds, ratio, _same(with_, without)])
        if network == "rectifier":
            said.append(sentence(f"On {data} skipping zeros makes training of rectifiers ", ratio, " times as fast."))
    head = ["data", "network", "seconds, skipping", "seconds, control", "ratio", "same predictions"]
    note = (
        "The control computes with units that are off as if they were on, in the same kernels, so that what fusing "
        "gives and what zeros give are told apart. Units without zeros cost the same either way."
    )
    rows = rows or [[command("costs")]]
    blocks.append(Table("Training with and without skipping zeros", head, rows, [note], "costs"))
    intro = "Seconds depend on the machine and on what else ran; ratios of one row less so."
    return Section("Costs", intro, blocks, said)


def _same(one: Cell, other: Cell) -> str:
    pairs = zip(one.runs, other.runs, strict=False)
    equal = all((a.record.predictions["test"] == b.record.predictions["test"]).all() for a, b in pairs)
    return "yes" if equal else "no"
