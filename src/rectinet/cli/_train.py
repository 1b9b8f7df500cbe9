"""`rectinet train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, get_args

import numpy as np
import typer

from rectinet.cli import _parts
from rectinet.cli._options import training_options, typed, with_options
from rectinet.cli._parts import Files, Parts
from rectinet.cli._show import console, share, show_table, size
from rectinet.estimators._raw import ESTIMATORS
from rectinet.estimators.text import TextModel, text_estimator
from rectinet.targets import Task, checked_task


def train(
    data: Annotated[
        str,
        typer.Argument(help="A data set by name (`rectinet data list`), a .npz, .svm or .csv file, or texts (.jsonl)."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")] = Path("model.safetensors"),
    target: Annotated[str | None, typer.Option(help='Array or column to predict; "y" when not said.')] = None,
    text: Annotated[
        str | None, typer.Option(help='Column of raw texts; "text" when not said. Makes a .csv a file of texts.')
    ] = None,
    unlabeled: Annotated[
        str | None, typer.Option(metavar="FILE", help="Examples without a target, to pre-train on.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(get_args(Task)), help="Told from the target when not said; stars and grades want rate."
        ),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="FILE", help="Examples for early stopping, instead of some held out.")
    ] = None,
    test: Annotated[str | None, typer.Option(metavar="FILE", help="Examples for a final score.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the checkpoint of a run that was stopped; needs --checkpoint.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the model file if there is one.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")] = False,
    **options: Any,
) -> None:
    """Train a network on a data set or on your own examples, and save it.

    A **.csv** names its columns in the first line; a **.npz** holds arrays `X` and `y`; a **.svm** has lines
    `label index:value ...`. Scale features to about unit range first. A **.jsonl** holds one text a line, with its
    target or without: the model then takes raw text, and has defaults of its own. Ctrl-C stops early and saves what is
    there.

    Examples:

    - `rectinet train digits`

    - `rectinet train digits --activity-l1 0.001 --learning-rate 0.1 --out sparse.safetensors`

    - `rectinet train houses.csv --target price --hidden 200,200`

    - `rectinet train reviews.jsonl --target stars --task rate --unlabeled more.jsonl`

    - `rectinet train big.svm --checkpoint run.ckpt`, and after a power cut the same with `--resume`
    """
    if out.exists() and not force:
        raise ValueError(f"{out} is there already; choose another --out, or replace it with --force")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} for the model; make it, or choose another --out")
    said = None if task is None else checked_task(task, "--task {}")
    chosen = typed(options)
    _check_checkpoint(chosen.get("checkpoint"), resume)

    parts = _parts.read(Files(data, target, text, validation, test, unlabeled), said)
    model = _model(parts, {"verbose": 0 if quiet else 1, **chosen})
    console.print(_announcement(parts))
    if parts.note:
        console.print(f"Target {target or 'y'}: {parts.note}.", markup=False)
    labelled = parts.labelled
    X, y = parts.train
    X_val, y_val = labelled.get("validation", (None, None))
    model.fit(X, y, X_val=X_val, y_val=y_val, X_unlabeled=parts.unlabeled)
    model.save(out)
    _report(model, labelled, parts.task)
    console.print(f"Saved [bold]{out}[/] ({size(out.stat().st_size)}). Look inside: rectinet inspect {out}")


def _check_checkpoint(checkpoint: Any, resume: bool) -> None:
    if resume and checkpoint is None:
        raise ValueError("--resume needs --checkpoint FILE: the file that the stopped run wrote")
    if resume and not Path(str(checkpoint)).exists():
        raise ValueError(f"there is no checkpoint {checkpoint} to resume; leave out --resume to begin a run")
    if checkpoint is not None and not resume and Path(str(checkpoint)).exists():
        raise ValueError(f"{checkpoint} is the checkpoint of another run; go on with --resume, or delete it")


def _model(parts: Parts, params: dict[str, Any]) -> Any:
    """The estimator for a task, with the defaults for its kind of inputs."""
    kind = ESTIMATORS[parts.task]
    unknown = sorted(set(params) - set(kind().get_params()))
    if unknown:
        raise ValueError(f"--{unknown[0].replace('_', '-')} has no meaning for --task {parts.task}")
    estimator = text_estimator(parts.task, **params) if parts.bags else kind(**params)
    return TextModel(estimator) if parts.raw else estimator


def _announcement(parts: Parts) -> str:
    X, y = parts.train
    inputs = f"{len(X):,} texts" if parts.raw else f"{X.shape[0]:,} examples of {X.shape[1]:,} features"
    targets = {"classify": f"{np.unique(y).size} classes", "rate": f"{np.unique(y).size} ratings", "regress": "targets"}
    more = parts.unlabeled
    n_more = 0 if more is None else len(more) if parts.raw else more.shape[0]
    without = f", {n_more:,} without a target" if n_more else ""
    return f"{inputs}, {targets[parts.task]}{without}: {ESTIMATORS[parts.task].__name__}"


SCORES: Final = {"classify": "error", "rate": "RMSE", "regress": "R²"}


def _score(model: Any, X: Any, y: Any, task: Task) -> str:
    if task == "classify":
        return share(1 - model.score(X, y))
    if task == "rate":
        return f"{np.sqrt(np.mean((model.predict(X) - y) ** 2)):.4f}"
    return f"{model.score(X, y):.4f}"


def _report(model: Any, labelled: dict[str, tuple[Any, Any]], task: Task) -> None:
    rows = []
    for name, (X, y) in labelled.items():
        zeros = " · ".join(f"{100 * z:.0f}" for z in model.sparsity(X)) or "-"
        rows.append((name, f"{len(y):,}", _score(model, X, y, task), zeros))
    show_table(("examples of", "number", SCORES[task], "zeros by layer, %"), rows)
    fitted = getattr(model, "estimator_", model)
    seconds = sum(entry.get("seconds", 0.0) for entry in fitted.history_)
    kept = fitted.best_epoch_ or fitted.n_epochs_
    console.print(f"{fitted.n_epochs_} epochs, {seconds:.1f} s; kept: epoch {kept}; seed {fitted.seed_}.")


def register(app: typer.Typer) -> None:
    app.command("train")(with_options(train, training_options()))
