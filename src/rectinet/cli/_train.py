"""`rectinet train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rectinet.cli import _sources
from rectinet.cli._options import given, training_options, with_options
from rectinet.cli._show import console, share, show_table, size
from rectinet.estimators import RectifierClassifier, RectifierRegressor


def train(
    data: Annotated[
        str, typer.Argument(help="A data set by name (`rectinet data list`), or a .npz, .svm or .csv file.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")] = Path("model.safetensors"),
    target: Annotated[str | None, typer.Option(help='Array or column to predict; "y" when not said.')] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="classify|regress", help="Told from the target when not said: fractions mean regression."),
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
    `label index:value ...`. Scale features to about unit range first. Ctrl-C stops early and saves what is there.

    Examples:

    - `rectinet train digits`

    - `rectinet train digits --activity-l1 0.001 --learning-rate 0.1 --out sparse.safetensors`

    - `rectinet train houses.csv --target price --hidden-layer-sizes 200,200`

    - `rectinet train big.svm --checkpoint run.ckpt`, and after a power cut the same with `--resume`
    """
    if out.exists() and not force:
        raise ValueError(f"{out} is there already; choose another --out, or replace it with --force")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent} for the model; make it, or choose another --out")
    if task not in (None, "classify", "regress"):
        raise ValueError(f"--task must be classify or regress; got {task!r}")
    chosen = given(options)
    _check_checkpoint(chosen.get("checkpoint"), resume)

    parts = _read(data, target, validation, test)
    X, y = parts["train"]
    regress = (task or _sources.infer_task(y)) == "regress"
    kind = RectifierRegressor if regress else RectifierClassifier
    unknown = sorted(set(chosen) - set(kind().get_params()))
    if unknown:
        raise ValueError(
            f"--{unknown[0].replace('_', '-')} has no meaning for --task {'regress' if regress else 'classify'}"
        )
    if not regress:
        parts = {name: (inputs, _sources.as_classes(labels)) for name, (inputs, labels) in parts.items()}
        X, y = parts["train"]
    X_val, y_val = parts.get("validation", (None, None))
    what = "targets" if regress else f"{np.unique(y).size} classes"
    console.print(f"{X.shape[0]:,} examples of {X.shape[1]:,} features, {what}: {kind.__name__}")

    model = kind(verbose=0 if quiet else 1, **chosen)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    model.save(out)
    _report(model, parts, regress)
    console.print(f"Saved [bold]{out}[/] ({size(out.stat().st_size)}). Look inside: rectinet inspect {out}")


def _check_checkpoint(checkpoint: Any, resume: bool) -> None:
    if resume and checkpoint is None:
        raise ValueError("--resume needs --checkpoint FILE: the file that the stopped run wrote")
    if resume and not Path(str(checkpoint)).exists():
        raise ValueError(f"there is no checkpoint {checkpoint} to resume; leave out --resume to begin a run")
    if checkpoint is not None and not resume and Path(str(checkpoint)).exists():
        raise ValueError(f"{checkpoint} is the checkpoint of another run; go on with --resume, or delete it")


def _read(data: str, target: str | None, validation: str | None, test: str | None) -> dict[str, Any]:
    """X and y of "train", and of "validation" and "test" where there are any."""
    parts: dict[str, Any] = {}
    if _sources.is_named(data):
        dataset = _sources.named(data)
        parts["train"] = dataset.train.X, dataset.train.y
        parts["validation"] = dataset.valid.X, dataset.valid.y
        parts["test"] = dataset.test.X, dataset.test.y
    else:
        parts["train"] = _sources.table(data, target).labelled(data)
    n_features = parts["train"][0].shape[1]
    for name, source in (("validation", validation), ("test", test)):
        if source is not None:
            parts[name] = _sources.table(source, target, n_features).labelled(source)
    return parts


def _report(model: Any, parts: dict[str, Any], regress: bool) -> None:
    rows = []
    for name, (X, y) in parts.items():
        quality = model.score(X, y)
        shown = f"{quality:.4f}" if regress else share(1 - quality)
        zeros = " · ".join(f"{100 * z:.0f}" for z in model.sparsity(X)) or "-"
        rows.append((name, f"{X.shape[0]:,}", shown, zeros))
    show_table(("examples of", "number", "R²" if regress else "error", "zeros by layer, %"), rows)
    seconds = sum(entry.get("seconds", 0.0) for entry in model.history_)
    kept = model.best_epoch_ or model.n_epochs_
    console.print(f"{model.n_epochs_} epochs, {seconds:.1f} s; kept: epoch {kept}; seed {model.seed_}.")


def register(app: typer.Typer) -> None:
    app.command("train")(with_options(train, training_options(RectifierClassifier)))
