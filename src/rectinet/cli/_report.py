"""The report of `rectinet train`: scores, also of a constant prediction, zeros, and how training ended."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils import _safe_indexing

from rectinet.cli._show import console, share, show_table
from rectinet.runs.data import hold_out
from rectinet.runs.targets import strata
from rectinet.targets import Task

SCORES: Final = {"classify": "error", "rate": "RMSE", "regress": "R²"}
Labelled = dict[str, tuple[Any, Any]]


def report(model: Any, labelled: Labelled, task: Task, fitted: Any) -> None:
    """Print a table with one row per part, and how training went.

    Parameters
    ----------
    model : the model that predicts; fitted : its fitted estimator
    labelled : inputs and targets of "train", and of "validation" and "test" if there are any
    """
    rows, beaten = [], True
    _, y_train = labelled["train"]
    for name, X, y in _parts(labelled, task, fitted):
        zeros = " · ".join(f"{100 * z:.0f}" for z in model.sparsity(X)) or "-"
        mine, constant = _score(task, y, model.predict(X)), _score(task, y, _constant(task, y_train, len(y)))
        if name != "train":
            beaten = mine > constant if task == "regress" else mine < constant
        rows.append((name, f"{len(y):,}", _written(task, mine), _written(task, constant), zeros))
    show_table(("examples of", "number", SCORES[task], "constant answer", "zeros by layer, %"), rows)
    if not beaten:
        warnings.warn(
            f"on the {rows[-1][0]} examples the model is no better than a constant answer, which needs no input: more "
            "examples, other columns or another --learning-rate may help",
            stacklevel=1,
        )
    console.print(_ending(fitted))


def _parts(labelled: Labelled, task: Task, fitted: Any) -> Iterator[tuple[str, Any, Any]]:
    """All parts; examples that early stopping held out of the training part are listed separately."""
    for name, (X, y) in labelled.items():
        held = _held_out(labelled, task, fitted) if name == "train" else None
        if held is None:
            yield name, X, y
        else:
            yield name, _safe_indexing(X, held[0]), y[held[0]]
            yield "validation", _safe_indexing(X, held[1]), y[held[1]]


def _held_out(labelled: Labelled, task: Task, fitted: Any) -> tuple[Any, Any] | None:
    """Rows that were trained on and rows that were held out, drawn again from the same seed."""
    if "validation" in labelled or not any("validation_error" in entry for entry in fitted.history_):
        return None
    y = labelled["train"][1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the fit has warned of it
        return hold_out(len(y), strata(task, y), fitted.validation_fraction, fitted.seed_)


def _constant(task: Task, y: Any, n: int) -> Any:
    """The best constant prediction: the most frequent class, or the mean."""
    if task == "classify":
        classes, counts = np.unique(y, return_counts=True)
        return np.full(n, classes[counts.argmax()])
    return np.full(n, np.mean(y))


def _score(task: Task, y: Any, predicted: Any) -> float:
    if task == "classify":
        return float(np.mean(predicted != y))
    if task == "rate":
        return float(np.sqrt(np.mean((predicted - y) ** 2)))
    return float(r2_score(y, predicted)) if len(y) > 1 else float("nan")


def _written(task: Task, score: float) -> str:
    return share(score) if task == "classify" else f"{score:.4f}"


def _ending(fitted: Any) -> str:
    seconds = sum(entry.get("seconds", 0.0) for entry in fitted.history_)
    kept = fitted.best_epoch_ or fitted.n_epochs_
    why = ""
    if fitted.early_stopping and fitted.best_epoch_ and fitted.n_epochs_ < fitted.max_epochs:
        waited = fitted.n_epochs_ - fitted.best_epoch_
        why = f" of {fitted.max_epochs}, stopped early: the validation error had not fallen for {waited}"
    return f"{fitted.n_epochs_} epochs{why}, {seconds:.1f} s; kept: epoch {kept}; seed {fitted.seed_}."
