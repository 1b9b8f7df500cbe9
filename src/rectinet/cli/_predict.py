"""`rectinet predict`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rectinet.cli import _sources
from rectinet.cli._ids import ids_of
from rectinet.cli._show import console
from rectinet.storage.atomic import write_atomically

CHUNK = 8192  # examples


def predict(
    model: Annotated[Path, typer.Argument(help="A model file, as `rectinet train` writes it.")],
    data: Annotated[
        str,
        typer.Argument(help="A .npz, .svm or .csv file, texts (.jsonl, .csv), or a data set by name: its test part."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The .csv file to write; the screen when not said.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column of the right answers, to leave out; "y" when not said.')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column of raw texts; "text" when not said.')] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Column of the file to carry along, in front.")
    ] = None,
    proba: Annotated[bool, typer.Option("--proba", help="Also the probability of every class.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if there is one.")] = False,
) -> None:
    """Predict with a saved network, one line of CSV for every example, in their order.

    Examples:

    - `rectinet predict model.safetensors digits`

    - `rectinet predict model.safetensors new.csv --proba --out predictions.csv`

    - `rectinet predict stars.safetensors reviews.jsonl`
    """
    import rectinet

    if out is not None and out.is_file() and not force:  # a pipe or a device is written into
        raise ValueError(f"{out} is there already; choose another --out, or replace it with --force")
    estimator = rectinet.load(model)
    if proba and not hasattr(estimator, "predict_proba"):
        raise ValueError(f"{model} holds a {type(estimator).__name__}, which has no probabilities; leave out --proba")
    X = _sources.inputs(estimator, data, target, text)
    n = len(X) if isinstance(X, list) else X.shape[0]
    ids = None if id_column is None else (id_column, ids_of(X, data, id_column))
    lines = _lines(estimator, X, n, proba, ids)
    if out is None:
        for line in lines:
            print(line, end="")
        return
    write_atomically(out, (line.encode("utf-8") for line in lines), into_special=True)
    console.print(f"Wrote {n:,} predictions to [bold]{out}[/].")


def _lines(estimator: Any, X: Any, n: int, proba: bool, ids: tuple[str, list[str]] | None = None) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    classes = getattr(estimator, "estimator_", estimator).classes_ if proba else []
    for start in range(0, n, CHUNK):
        piece = X[start : start + CHUNK]
        labels = np.asarray(estimator.predict(piece))
        columns = labels.reshape(len(labels), -1)
        if start == 0:
            names = ["prediction"] if columns.shape[1] == 1 else [f"prediction_{k}" for k in range(columns.shape[1])]
            first = [ids[0]] if ids else []
            writer.writerow(first + names + ([f"p_{name}" for name in classes] if proba else []))
        probabilities = estimator.predict_proba(piece) if proba else np.empty((len(labels), 0))
        for k, (answer, p) in enumerate(zip(columns, probabilities, strict=True), start):
            mine = [_harmless(ids[1][k])] if ids else []
            writer.writerow([*mine, *map(_harmless, answer), *(f"{value:.6g}" for value in p)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _harmless(answer: Any) -> Any:
    """A name that a spreadsheet would take for a formula gets the apostrophe that spreadsheets read as "text"."""
    return (
        f"'{answer}"
        if isinstance(answer, str) and answer.startswith(("=", "+", "-", "@", "\t", "\r")) and not _number(answer)
        else answer
    )


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def register(app: typer.Typer) -> None:
    app.command("predict")(predict)
