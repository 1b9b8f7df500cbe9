"""A figure of the active path of one input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from rectinet.inside.paths import active_path as path_of
from rectinet.network import Network
from rectinet.plots._figure import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OFF: Final = 4  # number of inactive units drawn in each layer


def active_path(
    network: Network, x: ArrayLike, output: int | None = None, *, names: Sequence[str] | None = None, most: int = 12
) -> Figure:
    """The active path of one input: the units that matter most for one output, and the flow between them (Figure 2).

    A filled dot is an active unit, larger the larger its contribution to the output; hollow dots are inactive units.
    Lines are the contributions between them: solid blue is positive, dashed red negative.

    Parameters
    ----------
    network : Network
        The network, such as `network_` of an estimator.
    x : array-like of shape (n_inputs,)
    output : int, optional
        Default: the output with the highest value.
    names : sequence of str, optional
        Names of the inputs.
    most : int
        Number of inputs, and of active units of each layer, to draw.

    Raises
    ------
    ValueError
        See `rectinet.inside.paths.active_path`.
    """
    path = path_of(network, x, output)
    figure, (ax,) = new_figure(1, 1)
    figure.set_size_inches(2.6 * (len(path.codes) + 1), 5.4)
    shown = [
        np.concatenate([on[np.argsort(-np.abs(found[on]), kind="stable")][:most], np.flatnonzero(h == 0)[:OFF]])
        for on, found, h in zip(path.active, path.contributions, path.codes, strict=True)
    ]
    places = [np.linspace(1, 0, len(units) + 2)[1:-1] for units in shown] + [np.array([0.5])]
    for level, units in enumerate(shown):
        above = [*shown[1:], np.array([0])][level]
        flows = path.edges(level)[np.ix_(units, above)]
        largest = np.abs(flows).max() or 1.0
        for i, j in np.argwhere(np.abs(flows) > largest / 20):
            share, adds = abs(flows[i, j]) / largest, flows[i, j] > 0
            ends = [places[level][i], places[level + 1][j]]
            colour, style = ("tab:blue", "-") if adds else ("tab:red", "--")
            ax.plot([level, level + 1], ends, style, color=colour, alpha=0.15 + 0.85 * share, lw=0.4 + 2.4 * share)
    for level, units in enumerate(shown):
        on, sizes = path.codes[level][units] != 0, np.abs(path.contributions[level][units])
        area = 30 + 150 * sizes / (sizes.max() or 1.0)
        faces = ["black" if active else "white" for active in on]
        ax.scatter(np.full(len(units), level), places[level], s=area, c=faces, edgecolors="black", zorder=3)
        if level == 0 and names is not None:
            for unit, place in zip(units, places[0], strict=True):
                ax.annotate(names[unit], (0, place), (-8, 0), textcoords="offset points", ha="right", va="center")
    ax.scatter([len(shown)], [0.5], s=180, c="black", zorder=3)
    ax.annotate(f"{path.value:.3g}", (len(shown), 0.5), (0, 12), textcoords="offset points", ha="center")
    counts = [f"{len(on):,} of {len(h):,} on" for on, h in zip(path.active, path.codes, strict=True)]
    levels = ["inputs", *(f"layer {k + 1}" for k in range(len(counts) - 1))]
    labels = [*(f"{level}\n{count}" for level, count in zip(levels, counts, strict=True)), f"output {path.output}"]
    ax.set_xticks(range(len(labels)), labels)
    ax.set(title="The active path of one input", yticks=[], xlim=(-0.6, len(shown) + 0.4), ylim=(-0.02, 1.02))
    for side in ("top", "left", "right"):
        ax.spines[side].set_visible(False)
    return figure
