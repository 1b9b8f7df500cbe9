"""Few labels: not a table of the paper, but what its introduction promises of unlabelled data."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.study.records import Record
from rectinet.study.report._numbers import Sentence, number, p_values, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import Section, command
from rectinet.study.report._tables import Table

CANDIDATE = ("learning_rate", "activity_l1")


def few_labels(records: Sequence[Record]) -> Section:
    """Test errors with and without pre-training, paired by draw of the labels."""
    found = cells(
        finished(of_experiment(records, "few-labels")), ("unit", "n_labels", "pretrained"), CANDIDATE, seed="draw"
    )
    pairs = {
        (unit, n_labels): (cell, found[unit, n_labels, True])
        for (unit, n_labels, pretrained), cell in found.items()
        if not pretrained and (unit, n_labels, True) in found
    }
    rows: list[list[object]] = []
    compared = p_values(list(pairs.values())) if pairs else []
    for ((unit, n_labels), (without, with_)), (p_examples, p_draws, _) in zip(pairs.items(), compared, strict=True):
        errors = [number("error", without), number("error", with_)]
        draws = number("seeds", with_)
        rows.append(
            [f"{unit}, {n_labels:,} labels", *errors, _chosen(without), _chosen(with_), draws, p_examples, p_draws]
        )
    if not rows:
        rows = [["MNIST", *["not run"] * 2, "", "", "", "", ""]]
    head = ("network", "without", "with", "chosen without", "chosen with", "draws", "p, examples", "p, draws")
    notes = [
        "Rate and penalty of each cell by 10,000 validation images, averaged over the draws; p by Holm's correction "
        f"over the table. The whole experiment: {command('few-labels')}"
    ]
    return Section(
        "Few labels",
        "MNIST with 1,000 or 100 of its 50,000 training images labelled, all of them seen unlabelled; networks of "
        "3 x 500 hidden units, several draws of the labels.",
        [Table("Test error, %, with and without pre-training", head, rows, notes, "few-labels")],
        [_said(unit, n_labels, *cells_) for (unit, n_labels), cells_ in pairs.items() if unit == "rectifier"],
    )


def _chosen(cell: Cell) -> str:
    rate, penalty = cell.chosen
    return f"rate {rate:g}, L1 {penalty:g}"


def _said(unit: str, n_labels: int, without: Cell, with_: Cell) -> Sentence:
    return sentence(
        f"With {n_labels:,} labels of MNIST {unit} networks err on ", number("error", without),
        " % of the test images, and on ", number("error", with_), " % after pre-training on unlabelled images.",
    )  # fmt: skip
