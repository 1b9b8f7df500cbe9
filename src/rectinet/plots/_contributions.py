"""Figures of the contributions of inputs to outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from rectinet.plots._figure import ADDS, TAKES, new_figure, some
from rectinet.plots._signed import as_picture, draw_signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heat_maps(image: ArrayLike, amounts: Mapping[str, ArrayLike], image_shape: Sequence[int]) -> Figure:
    """An image, and the contributions of its pixels to each of some outputs: blue is positive, orange negative.

    Parameters
    ----------
    image : array-like of shape (n_inputs,)
        A row of X.
    amounts : mapping of str to array-like of shape (n_inputs,)
        Names of outputs, and the contributions to each, such as a row of ``explanation.of(0)``. All share one colour
        scale.
    image_shape : sequence of int
        (height, width), or (channels, height, width), where amounts are summed over the channels.
    """
    shape = tuple(image_shape)
    maps = {name: as_picture(np.asarray(found), shape) for name, found in some(amounts).items()}
    maps = {name: found if found.ndim == 2 else found.sum(axis=2) for name, found in maps.items()}
    largest = max(float(np.abs(found).max()) for found in maps.values())
    n_columns = min(6, 1 + len(maps))
    n_rows = -(-(1 + len(maps)) // n_columns)
    figure, axes = new_figure(n_rows, n_columns)
    figure.set_size_inches(1.9 * n_columns, 2.15 * n_rows)
    for k, ax in enumerate(axes):
        ax.set(xticks=[], yticks=[])
        ax.set_visible(k <= len(maps))
    axes[0].imshow(as_picture(np.asarray(image), shape), cmap="gray", interpolation="nearest")
    axes[0].set_title("the image", fontsize=9)
    for ax, (name, found) in zip(axes[1:], maps.items(), strict=False):
        draw_signed(ax, found, largest)
        ax.set_title(name, fontsize=9)
    return figure


def contribution_bars(names: Sequence[str], amounts: ArrayLike, most: int = 12) -> Figure:
    """A bar chart of the largest contributions to one output: blue is positive, hatched orange negative.

    Parameters
    ----------
    names : sequence of str, n_inputs of them
    amounts : array-like of shape (n_inputs,)
    most : int
        Number of inputs shown; all others are summed in one further bar.
    """
    values = np.asarray(amounts, dtype=float)
    if values.shape != (len(names),):
        raise ValueError(f"amounts must have one value for each of {len(names)} names; got shape {values.shape}")
    order = np.argsort(-np.abs(values), kind="stable")
    shown, others = order[:most], order[most:]
    labels, lengths = [names[j] for j in shown], [float(values[j]) for j in shown]
    if len(others):
        labels, lengths = [*labels, f"{len(others):,} more"], [*lengths, float(values[others].sum())]
    figure, (ax,) = new_figure(1, 1)
    figure.set_size_inches(6.4, 0.6 + 0.3 * len(labels))
    for place, length in enumerate(lengths):
        adds = length > 0
        ax.barh(place, length, color=ADDS if adds else TAKES, hatch=None if adds else "///", edgecolor="white")
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    ax.axvline(0, color="black", lw=0.8)
    ax.grid(axis="x", alpha=0.3)
    ax.set_xlabel("adds to the output, or takes from it")
    return figure
