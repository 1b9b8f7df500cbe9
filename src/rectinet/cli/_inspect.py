"""`rectinet inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rectinet.cli import _sources
from rectinet.cli._show import console, share, show_table, size
from rectinet.estimators.text import TextModel


def inspect(
    model: Annotated[Path, typer.Argument(help="A model file, as `rectinet train` writes it.")],
    data: Annotated[
        str | None, typer.Argument(help="Examples to count zeros on: a file, or a data set by name: its test part.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column of the right answers, to leave out; "y" when not said.')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column of raw texts; "text" when not said.')] = None,
) -> None:
    """Look inside a saved network: layers, parameters, how it was trained, and with data who is silent.

    A unit is off for an example when its output is exactly 0; it is dead when it is off for all of them, and can be cut
    away without changing any answer on these examples.

    Examples:

    - `rectinet inspect model.safetensors`

    - `rectinet inspect model.safetensors digits`
    """
    import rectinet

    loaded = rectinet.load(model)
    estimator = getattr(loaded, "estimator_", loaded)
    network = estimator.network_
    console.print(
        f"[bold]{type(estimator).__name__}[/], {network.n_inputs:,} inputs, {network.n_outputs:,} outputs, "
        f"{network.n_parameters:,} parameters, {network.dtype}, {size(model.stat().st_size)} on disk"
    )
    if isinstance(loaded, TextModel):
        console.print(f"Takes raw texts, by a bag of {len(loaded.bag_.words):,} words")
    headings = ["layer", "unit", "units", "parameters", "size"]
    rows = [[_name(k, network), *_shape(layer)] for k, layer in enumerate(network.layers)]
    if data is not None:
        X: Any = _sources.inputs(loaded, data, target, text)
        if isinstance(loaded, TextModel):
            X = loaded.bag_.bags(X)
        headings += ["zeros", "dead"]
        for row, cells in zip(rows, [*_silence(estimator, X), ("", "")], strict=True):
            row += cells
    show_table(headings, rows)
    _history(estimator)


def _name(k: int, network: Any) -> str:
    return "output" if k == len(network.hidden) else f"hidden {k + 1}"


def _shape(layer: Any) -> list[str]:
    n_parameters = layer.W.size + layer.b.size
    negated = "" if layer.signs is None else f", {int((layer.signs < 0).sum()):,} negated"
    return [
        layer.activation.name + negated,
        f"{layer.n_out:,}",
        f"{n_parameters:,}",
        size(n_parameters * layer.W.itemsize),
    ]


def _silence(estimator: Any, X: Any) -> list[tuple[str, str]]:
    """Zeros and dead units of every hidden layer."""
    report = estimator.sparsity_report(X)
    return [(share(float(z)), f"{len(units):,}") for z, units in zip(report.zeros_by_layer, report.dead, strict=True)]


def _history(estimator: Any) -> None:
    """The first epoch, the one whose parameters were kept, and the last."""
    history = estimator.history_
    if not history:
        return
    kept = estimator.best_epoch_ or len(history)
    score = "error" if hasattr(estimator, "classes_") else "squared error"
    columns = {"loss": "loss", "training_error": f"training {score}", "validation_error": f"validation {score}"}
    columns = {name: heading for name, heading in columns.items() if name in history[0]}
    rows = []
    for epoch in sorted({1, kept, len(history)}):
        entry = history[epoch - 1]
        zeros = " · ".join(f"{100 * z:.0f}" for z in entry["zeros"]) or "-"
        name = f"{epoch} (kept)" if epoch == kept else f"{epoch}"
        rows.append([name, *(f"{entry[column]:.4g}" for column in columns), zeros])
    show_table(["epoch", *columns.values(), "zeros by layer, %"], rows)


def register(app: typer.Typer) -> None:
    app.command("inspect")(inspect)
