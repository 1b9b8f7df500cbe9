"""Table 2 and Amazon: texts."""

from __future__ import annotations

from collections.abc import Sequence

from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report._html import Markup
from rectinet.study.report._numbers import Number, Sentence, number, sentence
from rectinet.study.report._runs import Cell, cells, finished, of_experiment
from rectinet.study.report._section import Section, anchor_of, command, what_was_cut
from rectinet.study.report._table1 import columns
from rectinet.study.report._tables import Beside, Table, commands


def table2(records: Sequence[Record]) -> Section:
    """RMSE in stars; no column is the paper's data, so nothing is compared."""
    found = cells(finished(of_experiment(records, "table2")), ("data", "network"), ("learning_rate",))
    names = columns(found, ["imdb", "opentable"])
    rows: list[list[object]] = []
    for value in paper().tables["table2"]:
        network = value.cell["network"]
        row: list[object] = [network]
        for name in names:
            cell = found.get((name, network), Cell())
            theirs = value if name == "opentable" else None
            if not cell.runs:
                row.append(Beside(None, theirs, "not run"))
                continue
            zeros: tuple[tuple[str, Number | str], ...] = (("seeds", number("seeds", cell)),)
            if cell.runs[0].record.zeros:
                zeros += (("zeros %", number("zeros", cell)),)
            interval = (number("rmse-low", cell), number("rmse-high", cell))
            row.append(Beside(number("rmse", cell), theirs, "data differ", interval, zeros, anchor=anchor_of(cell)))
        rows.append(row)
    rows.append(commands("the whole run", [command("table2", name) for name in names]))
    cut = dict.fromkeys(
        f"{data}: {what}"
        for (data, network), cell in found.items()
        if network == "rectifier, 3 layers" and (what := what_was_cut(cell, paper().data["opentable"]))
    )
    return Section(
        "Table 2: stars of reviews",
        "Root mean squared error of the expected star value. OpenTable's reviews are not public; films (IMDB, 1 to 10 "
        "stars, none of 5 or 6) stand in, so sizes of errors cannot be compared, only their order.",
        [Table("RMSE, stars", ["network", *names], rows, list(cut), "table2")],
        _order(found),
    )


def _order(found: dict[tuple[object, ...], Cell]) -> list[Sentence]:
    said = []
    for data in dict.fromkeys(data for data, _ in found):
        linear, deep = (found.get((data, name)) for name in ("no hidden layer", "rectifier, 3 layers"))
        if linear is not None and deep is not None:
            said.append(
                sentence(
                    f"On {data} three pre-trained rectifier layers miss by ", number("rmse", deep),
                    " stars, a network without a hidden layer by ", number("rmse", linear), ".",
                )
            )  # fmt: skip
    return said


def amazon(records: Sequence[Record]) -> Section:
    """Accuracy of the four products, 10 folds."""
    found = cells(finished(of_experiment(records, "amazon")), ("data", "pretrained"), seed="fold")
    rows: list[list[object]] = []
    for data in dict.fromkeys(data for data, _ in found):
        row: list[object] = [data]
        for pretrained in (True, False):
            cell = found.get((data, pretrained), Cell())
            row.append(number("accuracy", cell) if cell.runs else "not run")
        folds = found.get((data, True), Cell())
        rows.append([*row, number("seeds", folds) if folds.runs else "–"])
    said = []
    blocks: list[Table | Markup] = []
    theirs = paper().value("amazon", network="rectifier, 3 layers", data="amazon")
    assert theirs is not None
    products = [cell for (_, pretrained), cell in found.items() if pretrained]
    if len(products) > 1 and len({len(cell.runs) for cell in products}) == 1:
        everything = Cell([run for cell in products for run in cell.runs])
        rows.append(["all products", number("accuracy", everything), "", ""])
        said.append(
            sentence(
                "With 100 labelled reviews of each product the mean accuracy is ", number("accuracy", everything),
                f" % (the paper, {theirs.flag}: {theirs.shown} %).",
            )
        )  # fmt: skip
    notes = [
        f"The paper: {theirs.shown} % over the four products ({theirs.flag}), against "
        + " and ".join(f"{v.shown} % of {v.cell['network']}" for v in paper().tables["amazon"][1:])
        + ". How the 100 reviews were drawn is not known."
    ]
    if not rows:
        rows = [["four products", Beside(None, theirs, "not run", command=command("amazon")), "", ""]]
    blocks.append(Table("Accuracy, %", ["product", "pre-trained", "not pre-trained", "folds"], rows, notes, "amazon"))
    return Section(
        "Amazon: 100 labelled reviews",
        "Positive or negative, from 100 labelled reviews of a product, its others unlabelled; mean over folds.",
        blocks,
        said,
    )
