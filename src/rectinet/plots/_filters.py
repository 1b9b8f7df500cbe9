"""Figures of first-layer filters."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from rectinet.network import Network
from rectinet.plots._figure import new_figure
from rectinet.plots._signed import as_picture, draw_signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def first_layer_filters(
    network: Network, image_shape: Sequence[int], units: Sequence[int] | None = None, n_columns: int = 10
) -> Figure:
    """The weights of first-layer units as images: blue is positive, orange negative, each scaled to its own maximum.

    Parameters
    ----------
    network : Network
        The network, such as `network_` of an estimator.
    image_shape : sequence of int
        Shape of an input: (height, width), or (channels, height, width) with 3 channels, then drawn in colour around
        grey.
    units : sequence of int, optional
        Default: the 60 units with the largest norm of their weights, largest first.
    n_columns : int
    """
    shape = tuple(image_shape)
    if prod(shape) != network.n_inputs:
        raise ValueError(f"images of shape {shape} have {prod(shape):,} values; the network takes {network.n_inputs:,}")
    W = network.layers[0].W
    norms = np.linalg.norm(W.astype(np.float64), axis=0)
    shown = np.argsort(-norms, kind="stable")[:60] if units is None else np.asarray(units)
    n_rows = -(-len(shown) // n_columns)
    figure, axes = new_figure(n_rows, n_columns)
    figure.set_size_inches(1.1 * n_columns, 1.25 * n_rows + 0.4)
    for ax in axes:
        ax.axis("off")
    for ax, unit in zip(axes, shown, strict=False):
        draw_signed(ax, as_picture(W[:, unit], shape))
        ax.set_title(f"{unit}", fontsize=7, pad=2)
    figure.suptitle("Weights into units of the first layer")
    return figure
