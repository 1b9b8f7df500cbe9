"""Figures without pyplot, and what all plots share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES: Final = ("-", "--", ":", "-.")  # so that lines differ without colours too
ADDS: Final = "#2e80f0"  # blue
TAKES: Final = "#e86a10"  # orange: differs from blue for all common kinds of colour blindness
T = TypeVar("T")


def new_figure(n_rows: int, n_columns: int) -> tuple[Figure, Sequence[Axes]]:
    """A figure independent of pyplot, which would keep it in memory."""
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise ImportError('figures need matplotlib: pip install "rectinet[report]"') from missing
    figure = Figure(figsize=(5.2 * n_columns, 3.8 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    return figure, list(axes.ravel())


def label(ax: Axes, title: str, x: str, y: str) -> None:
    ax.set(title=title, xlabel=x, ylabel=y)
    ax.grid(alpha=0.3)


def styles(n: int) -> list[str]:
    return [STYLES[k % len(STYLES)] for k in range(n)]


def some(named: Mapping[str, T]) -> Mapping[str, T]:
    if not named:
        raise ValueError("there is nothing to draw: give at least one named entry")
    return named
