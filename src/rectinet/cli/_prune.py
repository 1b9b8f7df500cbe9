"""`rectinet prune`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final

import typer
from numpy.typing import NDArray

from rectinet.cli import _sources
from rectinet.cli._show import console, show_table, size
from rectinet.datasets.frame import Frame
from rectinet.estimators import Predictor
from rectinet.estimators._base import RectifierBase
from rectinet.estimators._raw import RawModel
from rectinet.inside.pruning import Pruning
from rectinet.stored import dense

ROUNDS: Final = 7
CALLS: Final = 100  # predictions per round


def prune(
    model: Annotated[Path, typer.Argument(help="A model file written by `rectinet train`.")],
    data: Annotated[
        str,
        typer.Argument(help="Typical examples: a file, or the name of a data set, whose validation part is used."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.")] = Path("pruned.safetensors"),
    tolerance: Annotated[
        float, typer.Option(help="Share of the examples on which a unit may be active and still be removed.")
    ] = 0.0,
    held_out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Other examples, on which changed predictions are counted.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column with the targets, which is not an input; default: "y".')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column with raw texts; default: "text".')] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing model file.")] = False,
) -> None:
    """Remove the hidden units that are never, or almost never, active, and save the smaller network.

    With tolerance 0, no prediction on the examples changes. With a higher tolerance some may; the number is printed.
    Use examples that the network was **not** trained on, because it is less certain on them. For a named data set,
    these are its validation part, and changes are counted on its test part.

    Examples:

    - `rectinet prune model.safetensors digits --out small.safetensors`

    - `rectinet prune model.safetensors typical.csv --tolerance 0.02 --held-out others.csv`
    """
    import rectinet

    if out.exists() and not force:
        raise ValueError(f"{out} already exists; choose another --out, or replace it with --force")
    loaded = rectinet.load(model)
    X, X_val, y_val = _examples(loaded, data, held_out, target, text)
    pruned = loaded.prune(X, tolerance, X_val, y_val)
    pruned.save(out)
    _report(pruned.pruning_)
    _times(loaded, pruned, X)
    console.print(
        f"Saved [bold]{out}[/] ({size(out.stat().st_size)}; {model} has {size(model.stat().st_size)})", soft_wrap=True
    )


def _examples(loaded: Any, data: str, held_out: str | None, target: str | None, text: str | None) -> tuple[Any, ...]:
    """The examples to prune on, and held-out ones, with targets if a named data set has them."""
    if not _sources.is_named(data):
        others = None if held_out is None else _sources.inputs(loaded, held_out, target, text)
        return _sources.inputs(loaded, data, target, text), others, None
    dataset = _sources.named(data)
    if held_out is not None:
        return dataset.valid.X, _sources.inputs(loaded, held_out, target, text), None
    return dataset.valid.X, dataset.test.X, dataset.test.y


def _report(pruning: Pruning) -> None:
    before, after = pruning.n_parameters
    rows = [
        (f"hidden {k + 1}", f"{n:,}", f"{len(kept):,}", f"{n - len(kept):,}")
        for k, (n, kept) in enumerate(zip(pruning.n_units, pruning.kept, strict=True))
    ]
    show_table(
        ("units", "before", "kept", "removed"),
        [*rows, ("parameters", f"{before:,}", f"{after:,}", f"{before - after:,}")],
    )
    console.print(f"Chosen on {pruning.seen}.", soft_wrap=True)
    if pruning.held_out is not None:
        console.print(f"Held out: {pruning.held_out}.", soft_wrap=True)


def _times(loaded: Any, pruned: Any, X: Any) -> None:
    """Time one prediction before and after, for models that predict."""
    if isinstance(loaded, RawModel):
        estimator, matrix = loaded._asked(X.take(slice(CALLS)) if isinstance(X, Frame) else X[:CALLS])
        smaller = pruned.estimator_
    else:
        estimator, matrix, smaller = loaded, X[:CALLS], pruned
    if not isinstance(estimator, RectifierBase):
        return
    before, after = seconds_per_call((estimator.predictor(), smaller.predictor()), dense(matrix))
    times = f"{1e6 * before:.3g} µs before, {1e6 * after:.3g} after: {before / after:.2f} times as fast"
    console.print(f"One prediction: {times}.", soft_wrap=True)


def seconds_per_call(predictors: Sequence[Predictor], rows: NDArray[Any]) -> list[float]:
    """Median CPU seconds of one prediction; the predictors take turns."""
    rounds: list[list[float]] = [[] for _ in predictors]
    for _ in range(ROUNDS):
        for predictor, seconds in zip(predictors, rounds, strict=True):
            began = time.process_time()
            for x in rows:
                predictor(x)
            seconds.append((time.process_time() - began) / len(rows))
    return [median(seconds) for seconds in rounds]


def register(app: typer.Typer) -> None:
    app.command("prune")(prune)
