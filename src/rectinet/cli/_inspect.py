"""`rectinet inspect`."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from rectinet.cli import _sources
from rectinet.cli._show import console, share, show_table, size
from rectinet.estimators import StackedDenoisingAutoencoder
from rectinet.estimators.table import TableModel
from rectinet.estimators.text import TextModel
from rectinet.inside.sparsity import SparsityReport
from rectinet.network import Network
from rectinet.shown import listed, shortened
from rectinet.storage.atomic import write_atomically


def inspect(
    model: Annotated[Path, typer.Argument(help="A model file written by `rectinet train`.")],
    data: Annotated[
        str | None,
        typer.Argument(
            help="Examples to measure sparsity on: a file, or the name of a data set, whose test part is used."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column with the targets, which is not an input; default: "y".')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column with raw texts; default: "text".')] = None,
    plots: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for figures: how often units are active, and first-layer filters."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing figures.")] = False,
) -> None:
    """Show the inside of a saved network: layers, parameters, training and, given data, which units are inactive.

    A unit is inactive on an example when its output is exactly zero. A unit that is inactive on all examples is dead:
    removing it changes no prediction on them.

    Examples:

    - `rectinet inspect model.safetensors`

    - `rectinet inspect model.safetensors digits`

    - `rectinet inspect model.safetensors digits --plots figures`
    """
    import rectinet

    if plots is not None and data is None:
        raise ValueError("--plots needs examples to count zeros on: rectinet inspect MODEL DATA --plots FOLDER")
    loaded = rectinet.load(model)
    estimator = getattr(loaded, "estimator_", loaded)
    predicts = _predicts(estimator)
    if data is not None and not estimator.__sklearn_is_fitted__():
        raise ValueError(
            f"{model} is pre-trained only, and zeros are counted on fitted models; inspect it without examples, or fit "
            "it first"
        )
    network = estimator.network_ if estimator.__sklearn_is_fitted__() else estimator.pretrained_network_
    n_parameters = sum(layer.W.size + layer.b.size for layer in (network.layers if predicts else network.hidden))
    outputs = f"{network.n_outputs:,} outputs, " if predicts else "pre-trained hidden layers, no output layer yet, "
    if isinstance(estimator, StackedDenoisingAutoencoder):
        outputs = "no output layer, "
    console.print(
        f"[bold]{type(estimator).__name__}[/], {network.n_inputs:,} inputs, {outputs}"
        f"{n_parameters:,} parameters, {network.dtype}, {size(model.stat().st_size)} on disk"
    )
    if isinstance(loaded, TextModel):
        console.print(f"Takes raw texts, by a bag of {len(loaded.bag_.words):,} words")
    if isinstance(loaded, TableModel):
        _columns(loaded)
    headings = ["layer", "unit", "units", "parameters", "size"]
    rows = [[_name(k, network), *_shape(layer)] for k, layer in enumerate(network.layers)]
    if not predicts:
        rows.pop()  # a placeholder without targets
    if data is not None:
        report = loaded.sparsity_report(_sources.inputs(loaded, data, target, text))
        headings += ["zeros", "dead", "always"]
        for row, cells in zip(rows, [*_silence(report), ("", "", "")], strict=False):
            row += cells
    show_table(headings, rows)
    if predicts:
        _history(estimator)
    else:
        _pretraining(estimator.pretrain_history_)
    if plots is not None and data is not None:
        shape = _sources.named(data).image_shape if _sources.is_named(data) else None
        _draw(plots, force, estimator.network_, report, shape)


def _columns(model: TableModel) -> None:
    """How the columns of the table are encoded."""
    kinds = Counter(column.kind for column in model.encoder_.columns)
    kinds_of = ", ".join(f"{n:,} of {kind}{'s' if n > 1 else ''}" for kind, n in kinds.items())
    scaling = f"scaled by {model.scaling}" if model.scaling else "not scaled"
    console.print(f"Takes tables with these columns by name ({kinds_of}; {scaling}):", soft_wrap=True)
    console.print(f"  {listed([c.name for c in model.encoder_.columns], show=shortened)}", soft_wrap=True, markup=False)


def _predicts(estimator: Any) -> bool:
    """Whether the output layer was trained."""
    return bool(estimator.__sklearn_is_fitted__()) and not isinstance(estimator, StackedDenoisingAutoencoder)


def _pretraining(history: list[dict[str, Any]]) -> None:
    """The first and last epoch of pre-training for every layer."""
    by_layer: dict[int, list[dict[str, Any]]] = {}
    for entry in history:
        by_layer.setdefault(entry["layer"], []).append(entry)
    rows = [
        [f"hidden {k + 1}", f"{len(mine)}", *(f"{mine[i]['loss']:.4g}" for i in (0, -1)), share(mine[-1]["zeros"])]
        for k, mine in sorted(by_layer.items())
    ]
    if rows:
        show_table(["pre-training of", "epochs", "first loss", "last loss", "zeros"], rows)


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


def _silence(report: SparsityReport) -> list[tuple[str, str, str]]:
    """Zeros, dead units and always active units in every hidden layer."""
    layers = zip(report.zeros_by_layer, report.dead, report.always_on, strict=True)
    return [(share(float(zeros)), f"{len(dead):,}", f"{len(on):,}") for zeros, dead, on in layers]


def _draw(
    folder: Path, force: bool, network: Network, report: SparsityReport, image_shape: tuple[int, ...] | None
) -> None:
    """Histograms of active units, and the filters of the first layer if inputs are images."""
    from rectinet import plots

    figures = {"sparsity.png": plots.sparsity_histograms(report)}
    if image_shape is not None:
        figures["filters.png"] = plots.first_layer_filters(network, image_shape)
    there = next((folder / name for name in figures if (folder / name).exists()), None)
    if there is not None and not force:
        raise ValueError(f"{there} already exists; choose another --plots, or replace it with --force")
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        png = BytesIO()
        figure.savefig(png, format="png", dpi=120)
        write_atomically(folder / name, [png.getvalue()])
        console.print(f"Drew [bold]{folder / name}[/]", soft_wrap=True)


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
