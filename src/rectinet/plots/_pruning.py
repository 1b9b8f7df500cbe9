"""A figure of what pruning gains and changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from rectinet.plots._figure import label, new_figure, some, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def pruning_tradeoff(
    tolerances: ArrayLike, size: ArrayLike, speed: ArrayLike, disagreement: Mapping[str, ArrayLike]
) -> Figure:
    """Size, speed and changed predictions against the tolerance of `prune`.

    Parameters
    ----------
    tolerances : array-like of shape (n_tolerances,)
    size : array-like of shape (n_tolerances,)
        Share of the parameters that remains.
    speed : array-like of shape (n_tolerances,)
        Speed-up of one prediction, as a factor.
    disagreement : mapping of str to array-like of shape (n_tolerances,)
        Names of sets of examples, and the share of each whose predicted class changes.
    """
    x = 100 * np.asarray(tolerances, dtype=float)
    named = {"size": size, "speed": speed, **some(disagreement)}
    wrong = next((name for name, values in named.items() if np.shape(values) != x.shape or x.ndim != 1), None)
    if wrong is not None:
        raise ValueError(f"{wrong} must have one value for each of the tolerances, shape {x.shape}")
    figure, (left, middle, right) = new_figure(1, 3)
    across = "units removed that are on for at most, % of examples"
    left.plot(x, 100 * np.asarray(size), "o-")
    label(left, "Parameters left", across, "%")
    left.set_ylim(bottom=0)
    middle.plot(x, np.asarray(speed), "o-")
    label(middle, "Speed of one prediction", across, "times the whole network's")
    middle.set_ylim(bottom=0)
    for (name, values), style in zip(disagreement.items(), styles(len(disagreement)), strict=True):
        right.plot(x, 100 * np.asarray(values), f"o{style}", label=name)
    right.axhline(0.1, color="gray", lw=1)
    right.set_yscale("symlog", linthresh=0.1)
    right.set_ylim(bottom=0)
    right.yaxis.set_major_formatter("{x:g}")
    label(right, "Examples given another class", across, "%, linear up to 0.1")
    right.legend()
    return figure
