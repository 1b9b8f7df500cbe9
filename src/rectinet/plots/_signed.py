"""Images of signed values: blue above 0, orange below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.plots._figure import ADDS, TAKES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def as_picture(values: Array, image_shape: Sequence[int]) -> NDArray[np.float64]:
    """A row of X as (height, width), or (height, width, channels)."""
    picture = np.asarray(values, dtype=np.float64).reshape(tuple(image_shape))
    return picture if picture.ndim == 2 else np.moveaxis(picture, 0, -1)


def draw_signed(ax: Axes, picture: NDArray[np.float64], largest: float | None = None) -> None:
    """Draw values, in full colour where their size reaches `largest`; three channels become a colour around grey."""
    from matplotlib.colors import LinearSegmentedColormap

    top = float(np.abs(picture).max()) if largest is None else largest
    top = top or 1.0
    if picture.ndim == 3:
        ax.imshow(np.clip(0.5 + 0.5 * picture / top, 0, 1), interpolation="nearest")
    else:
        colours = LinearSegmentedColormap.from_list("signed", [TAKES, "white", ADDS])
        ax.imshow(picture, cmap=colours, vmin=-top, vmax=top, interpolation="nearest")
