"""Two figures: what zeros buy, and what width costs at an equal number of active units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.bars import Results, seconds_per_count
from benchmarks.experiments import ACTIVE_UNITS

mpl.use("Agg")

STYLES = {  # colours of Okabe and Ito, told apart by marker too
    "rectinet": ("#0072B2", "o"),
    "rectinet, dense control": ("#56B4E9", "s"),
    "torch eager, foreach": ("#D55E00", "^"),
    "torch hand-fused": ("#E69F00", "v"),
}


def draw(results: Results, folder: Path) -> None:
    """Write the figures whose experiments were run."""
    densities, widths = series(results, "density-"), series(results, "width-")
    if len(densities) > 1:
        figure, axes = _panel("hidden units on, each example", "Training step, 784-1000-1000-1000-10, by density")
        _lines(axes, densities)
        axes.set_xlim(0, 1.03)
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
        axes.set_ylim(0, 1.25 * axes.get_ylim()[1])  # room for the legend above lines that are all flat
        _finish(figure, axes, folder / "density.png", ncols=2)
    if len(widths) > 1:
        title = f"Training step by width, {ACTIVE_UNITS} units of each hidden layer on"
        figure, axes = _panel("units per hidden layer", title)
        _slopes(axes, widths)
        _lines(axes, widths)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks([experiment["parameter"] for experiment in widths], minor=False)
        axes.set_xticks([], minor=True)
        axes.xaxis.set_major_formatter(lambda width, _: f"{width:.0f}")
        axes.yaxis.set_major_formatter(lambda milliseconds, _: f"{milliseconds:g}")
        _finish(figure, axes, folder / "width.png")


def series(results: Results, prefix: str) -> list[dict[str, Any]]:
    """Experiments of one kind, in order of their parameter."""
    found = [experiment for name, experiment in results["experiments"].items() if name.startswith(prefix)]
    return sorted(found, key=lambda experiment: float(experiment["parameter"]))


def _panel(horizontal: str, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(horizontal)
    axes.set_ylabel("milliseconds per step")
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def _lines(axes: Axes, experiments: Sequence[dict[str, Any]]) -> None:
    x = [experiment["parameter"] for experiment in experiments]
    for label, (colour, marker) in STYLES.items():
        y = [1e3 * seconds_per_count(experiment, label) for experiment in experiments]
        axes.plot(x, y, color=colour, marker=marker, label=label, linewidth=2.2 if label == "rectinet" else 1.4)


def _slopes(axes: Axes, experiments: Sequence[dict[str, Any]]) -> None:
    """Where linear and quadratic growth would lead, each from the narrowest network."""
    first, last = (float(experiments[k]["parameter"]) for k in (0, -1))
    for label, power, text in (("rectinet", 1, "linear"), ("torch eager, foreach", 2, "quadratic")):
        start = 1e3 * seconds_per_count(experiments[0], label)
        end = start * (last / first) ** power
        axes.plot([first, last], [start, end], color="0.6", linestyle=":", linewidth=1)
        axes.annotate(text, (last, end), xytext=(4, 0), textcoords="offset points", color="0.4", va="center")


def _finish(figure: Figure, axes: Axes, path: Path, **legend: Any) -> None:
    axes.legend(frameon=False, **legend)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
