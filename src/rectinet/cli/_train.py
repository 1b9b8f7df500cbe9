"""`rectinet train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import typer

from rectinet.cli import _parts
from rectinet.cli._options import help_all, training_options, typed, with_options
from rectinet.cli._parts import Files, Parts
from rectinet.cli._report import report
from rectinet.cli._show import console, size
from rectinet.cli._tables import chosen_columns, split
from rectinet.datasets.frame import Frame
from rectinet.estimators._raw import ESTIMATORS, RawModel
from rectinet.estimators.table import TableModel, table_estimator
from rectinet.estimators.text import TextModel, text_estimator
from rectinet.storage.atomic import is_special
from rectinet.targets import Task, checked_task


def train(
    data: Annotated[
        str,
        typer.Argument(help="A table (.csv, .tsv, .parquet), .npz, .svm, texts (.jsonl), or the name of a data set."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")] = Path("model.safetensors"),
    target: Annotated[str | None, typer.Option(help='Array or column to predict; default: "y".')] = None,
    text: Annotated[
        str | None,
        typer.Option(help='Column with raw texts; default: "text". A .csv is read as texts only with this option.'),
    ] = None,
    unlabeled: Annotated[
        str | None, typer.Option(metavar="FILE", hidden=True, help="Unlabelled examples for pre-training.")
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(get_args(Task)),
            help="Task; default: inferred from the target. Use rate for stars and grades.",
        ),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            hidden=True,
            help="Examples for early stopping; default: some training examples are held out.",
        ),
    ] = None,
    test: Annotated[str | None, typer.Option(metavar="FILE", help="Test examples, scored after training.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column of a table to leave out; may be repeated.")
    ] = None,
    categorical: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", hidden=True, help="Column to treat as categories though it looks like numbers."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", hidden=True, help="Column to keep though it looks like row numbers or names."),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            hidden=True,
            help="Cell that means a missing value, instead of NA, N/A, null, ? and so on.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", hidden=True, help="Resume a stopped run from its checkpoint; needs --checkpoint."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", hidden=True, help="Replace an existing model file.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", hidden=True, help="Show no progress bar, only the result.")] = False,
    help_all: Annotated[
        bool, typer.Option("--help-all", is_eager=True, callback=help_all, help="Show every option and exit.")
    ] = False,
    **options: Any,
) -> None:
    """Train a network on a data set or on your own examples, and save it.

    A table (**.csv**, **.tsv**, **.parquet**) has named columns of numbers, categories, booleans or dates, and may have
    missing values; the model stores how to encode and scale each column, and finds it by name later. A **.npz** holds
    arrays `X` and `y`, a **.svm** lines `label index:value ...`; both are scaled only with `--scaling`. A **.jsonl**
    holds one text per line, with or without its target: the model then takes raw text. Ctrl-C stops training early and
    saves the model.

    Examples:

    - `rectinet train digits`

    - `rectinet train digits --activity-l1 0.001 --learning-rate 0.1 --out sparse.safetensors`

    - `rectinet train houses.csv --target price --hidden 200,200`

    - `rectinet train reviews.jsonl --target stars --task rate --unlabeled more.jsonl`

    - `rectinet train big.svm --checkpoint run.ckpt`, and after a power cut the same with `--resume`
    """
    if out.is_dir():
        raise ValueError(f"{out} is a folder; name the model file, for example --out {out / 'model.safetensors'}")
    if is_special(out):
        raise ValueError(f"{out} is a named pipe, a device or an open descriptor; a model needs a file: choose another")
    if out.exists() and not force:
        raise ValueError(f"{out} already exists; choose another --out, or replace it with --force")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} for the model; make it, or choose another --out")
    said = None if task is None else checked_task(task, "--task {}")
    chosen = typed(options)
    _check_checkpoint(chosen.get("checkpoint"), resume)

    parts = _parts.read(Files(data, target, text, validation, test, unlabeled, quiet), said)
    columns = {"drop": drop or [], "categorical": categorical or [], "keep": keep or [], "missing": missing or []}
    model = _model(parts, {"verbose": 0 if quiet else 1, **chosen}, columns)
    console.print(_announcement(parts))
    if parts.note:
        console.print(f"Target {target or 'y'}: {parts.note}.", markup=False)
    X, y = parts.train if parts.table is None else (parts.table, parts.target)
    X_val, y_val = parts.labelled.get("validation", (None, None))
    model.fit(X, y, X_val=X_val, y_val=y_val, X_unlabeled=parts.unlabeled)
    if isinstance(model, RawModel):  # encoded once, so that warnings about a part appear once
        estimator, labelled = model.estimator_, {k: (model._asked(X)[1], y) for k, (X, y) in parts.labelled.items()}
    else:
        estimator, labelled = model, parts.labelled
        estimator.index_base_ = parts.index_base
    model.save(out)
    report(estimator, labelled, parts.task, estimator)
    console.print(f"Saved [bold]{out}[/] ({size(out.stat().st_size)}). Look inside: rectinet inspect {out}")


def _check_checkpoint(checkpoint: Any, resume: bool) -> None:
    if resume and checkpoint is None:
        raise ValueError("--resume needs --checkpoint FILE: the file that the stopped run wrote")
    if resume and not Path(str(checkpoint)).exists():
        raise ValueError(f"there is no checkpoint {checkpoint} to resume; leave out --resume to begin a run")
    if checkpoint is not None and not Path(str(checkpoint)).parent.is_dir():
        raise ValueError(f"there is no folder {Path(str(checkpoint)).parent} for the checkpoint; make it first")
    if checkpoint is not None and not resume and Path(str(checkpoint)).exists():
        raise ValueError(f"{checkpoint} is the checkpoint of another run; go on with --resume, or delete it")


def _model(parts: Parts, params: dict[str, Any], columns: dict[str, list[str]]) -> Any:
    """The model for a task, with the defaults for its kind of inputs."""
    given = next((option for option, names in columns.items() if names), None)
    if given is not None and parts.table is None:
        raise ValueError(f"--{given} is for tables, whose columns have names: .csv, .tsv and .parquet files")
    kind = ESTIMATORS[parts.task]
    unknown = sorted(set(params) - set(kind().get_params()))
    if unknown:
        raise ValueError(f"--{unknown[0].replace('_', '-')} has no meaning for --task {parts.task}")
    if parts.table is not None:
        return _table_model(parts, parts.table, params, columns)
    estimator = text_estimator(parts.task, **params) if parts.bags else kind(**params)
    return TextModel(estimator) if parts.raw else estimator


def _table_model(parts: Parts, table: Frame, params: dict[str, Any], columns: dict[str, list[str]]) -> TableModel:
    """A table model with early stopping, so that the reported scores include held-out examples."""
    scaling = params.pop("scaling", TableModel().scaling)
    estimator = table_estimator(parts.task, len(parts.train[1]), **{"early_stopping": True, **params})
    words = [word for one in columns["missing"] for word in split(one)]
    return TableModel(
        estimator,
        scaling=scaling,
        drop=chosen_columns(columns["drop"], table),
        categorical=chosen_columns(columns["categorical"], table),
        keep=chosen_columns(columns["keep"], table),
        missing=words or None,
    )


def _announcement(parts: Parts) -> str:
    X, y = parts.train
    n_columns = X.shape[1] - (parts.table is not None) if not parts.raw else 0
    inputs = f"{len(X):,} texts" if parts.raw else f"{X.shape[0]:,} examples of {n_columns:,} features"
    targets = {"classify": f"{np.unique(y).size} classes", "rate": f"{np.unique(y).size} ratings", "regress": "targets"}
    more = parts.unlabeled
    n_more = 0 if more is None else len(more) if parts.raw else more.shape[0]
    without = f", {n_more:,} without a target" if n_more else ""
    return f"{inputs}, {targets[parts.task]}{without}: {ESTIMATORS[parts.task].__name__}"


def register(app: typer.Typer) -> None:
    app.command("train")(with_options(train, training_options()))
