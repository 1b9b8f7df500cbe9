"""Images, and contributions of their pixels, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from rectinet.pictures import Pixels, signed


def check_shape(image_shape: Sequence[int], n_inputs: int) -> tuple[int, ...]:
    """Check the shape of images with so many values: (height, width), or (channels, height, width)."""
    shape = tuple(image_shape)
    if len(shape) not in (2, 3) or min(shape) < 1 or prod(shape) != n_inputs:
        wanted = "x".join(map(str, shape))
        raise ValueError(
            f"images of {wanted} have {prod(shape):,} values and the model takes {n_inputs:,}; give height x width, or "
            "channels x height x width, as 28x28"
        )
    return shape


def as_image(values: NDArray[np.float64], image_shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Values as grey levels in [0, 1], shape (height, width); channels are averaged."""
    image = values.reshape(image_shape)
    image = image if image.ndim == 2 else image.mean(axis=0)
    low, high = min(0.0, float(image.min())), max(1.0, float(image.max()))
    return np.asarray((image - low) / (high - low))


def heat(amounts: NDArray[np.float64], image_shape: tuple[int, ...], largest: float | None = None) -> Pixels:
    """Contributions of pixels as colours: blue for, orange against, full colour at `largest`; channels are summed."""
    added = amounts.reshape(image_shape)
    added = added if added.ndim == 2 else added.sum(axis=0)
    return signed(added, float(np.abs(added).max()) if largest is None else largest)
