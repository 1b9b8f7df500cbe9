"""`rectinet predict`."""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from rectinet.cli import _sources
from rectinet.cli._ids import ids_of
from rectinet.cli._show import console
from rectinet.cli._streams import nobody_reads, write_utf8
from rectinet.estimators import RatingRegressor, RectifierClassifier, StackedDenoisingAutoencoder
from rectinet.estimators._raw import RawModel
from rectinet.storage.atomic import is_special, write_atomically

CHUNK: Final = 8192  # examples
DIGITS: Final = 7  # of predicted values: the precision of float32


def predict(
    model: Annotated[Path, typer.Argument(help="A model file written by `rectinet train`.")],
    data: Annotated[
        str,
        typer.Argument(
            help="A .npz, .svm or .csv file, texts (.jsonl, .csv), or the name of a data set, whose test part is used."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The .csv file to write; default: standard output.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column with the targets, which is not an input; default: "y".')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column with raw texts; default: "text".')] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Also write the probability of every class or rating.")
    ] = False,
    id_column: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="Column of the file to copy to the output, as its first column."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing output file.")] = False,
) -> None:
    """Predict with a saved network; writes one line of CSV for every example, in order.

    Examples:

    - `rectinet predict model.safetensors digits`

    - `rectinet predict model.safetensors new.csv --proba --out predictions.csv`

    - `rectinet predict stars.safetensors reviews.jsonl`
    """
    import rectinet

    if out is not None and out.is_file() and not is_special(out) and not force:
        raise ValueError(f"{out} already exists; choose another --out, or replace it with --force")
    loaded = rectinet.load(model)
    _check_predicts(loaded, model, proba)
    X = _sources.inputs(loaded, data, target, text)
    n = len(X) if isinstance(X, list) else X.shape[0]
    ids = None if id_column is None else (id_column, ids_of(X, data, id_column))
    lines = _lines(loaded, X, n, proba, ids)
    if out is None:
        for line in lines:
            write_utf8(line)
            if nobody_reads():
                return
        return
    write_atomically(out, (line.encode("utf-8") for line in lines), into_special=True)
    if not is_special(out):  # with /dev/stdout this message would appear among the predictions
        console.print(f"Wrote {n:,} predictions to [bold]{out}[/].")


def _check_predicts(loaded: Any, model: Path, proba: bool) -> None:
    kind = type(loaded).__name__
    if isinstance(loaded, StackedDenoisingAutoencoder):
        raise ValueError(
            f"{model} holds a {kind}, which encodes and predicts nothing. Its codes in Python: "
            f'rectinet.load("{model}").transform(X)'
        )
    if not loaded.__sklearn_is_fitted__():
        raise ValueError(
            f"{model} holds a {kind} that is pre-trained only and cannot predict yet; in Python, fit goes on from it: "
            f'rectinet.load("{model}").fit(X, y)'
        )
    if proba and _probabilities(loaded) is None:
        raise ValueError(f"{model} holds a {kind} of values, which has no probabilities; leave out --proba")


def _probabilities(loaded: Any) -> Callable[[Any], Any] | None:
    """The method that returns probabilities of classes or ratings."""
    estimator = loaded.estimator_ if isinstance(loaded, RawModel) else loaded
    if isinstance(estimator, RatingRegressor):
        ratings: Callable[[Any], Any] = loaded.class_probabilities
        return ratings
    if isinstance(estimator, RectifierClassifier):
        classes: Callable[[Any], Any] = loaded.predict_proba
        return classes
    return None


def _lines(loaded: Any, X: Any, n: int, proba: bool, ids: tuple[str, list[str]] | None) -> Iterator[str]:
    """The .csv in pieces: its header, then one line for every example."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    probabilities = _probabilities(loaded) if proba else None
    with _notes_once():
        for start in range(0, n, CHUNK):
            piece = X[start : start + CHUNK]
            labels = np.asarray(loaded.predict(piece))
            columns = labels.reshape(len(labels), -1)
            p = np.empty((len(labels), 0)) if probabilities is None else np.asarray(probabilities(piece))
            if start == 0:
                several = columns.shape[1] > 1
                names = [f"prediction_{k}" for k in range(columns.shape[1])] if several else ["prediction"]
                writer.writerow(
                    [
                        *([ids[0]] if ids else []),
                        *names,
                        *([f"p_{_shown(c)}" for c in loaded.classes_] if proba else []),
                    ]
                )
            for k, (answer, shares) in enumerate(zip(columns, p, strict=True)):
                first = [_harmless(ids[1][start + k])] if ids else []
                writer.writerow([*first, *map(_shown, answer), *(f"{value:.6g}" for value in shares)])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()


@contextmanager
def _notes_once() -> Iterator[None]:
    """Collect the warnings for pieces of the file, and show each of them once at the end."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for note in dict.fromkeys(str(one.message) for one in caught):
        warnings.warn(note, stacklevel=1)


def _shown(answer: Any) -> Any:
    """A number with the seven digits of float32, or a name that is safe in spreadsheets."""
    if not isinstance(answer, float | np.floating):
        return _harmless(answer)
    value = float(answer)
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    decimals = DIGITS - 1 - math.floor(math.log10(abs(value)))
    if not -DIGITS <= decimals <= 2 * DIGITS:
        return f"{value:.{DIGITS}g}"
    text = f"{value:.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _harmless(answer: Any) -> Any:
    """Prefix an apostrophe, which spreadsheets read as "text", to a name that they would take for a formula."""
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
