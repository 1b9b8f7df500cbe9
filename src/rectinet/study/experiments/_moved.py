"""Pictures slanted and shifted a little: changes that leave the class as it is."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import ndimage

from rectinet.arrays import Array

MOVES: Final = ("slant", "shift")
SLANT: Final = 0.2  # columns for every row away from the middle, an angle of 11 degrees
SHIFT: Final = 1 / 14  # of the side, to the right: two pixels of 28; at least one


def moved(X: Array, move: str) -> Array:
    """Square pictures of one or more channels after a move; what comes in at the border is background.

    Parameters
    ----------
    X : ndarray of shape (n, channels * side * side)
    move : {"slant", "shift"}

    Raises
    ------
    ValueError
        When rows are no square pictures.
    """
    side = next((s for c in (1, 2, 3) if c * (s := round((X.shape[1] / c) ** 0.5)) ** 2 == X.shape[1]), None)
    if side is None:
        raise ValueError(f"rows of {X.shape[1]} values are no square pictures of 1 to 3 channels")
    pictures = X.reshape(-1, side, side)  # (n * channels, side, side)
    slant, shift = (SLANT, 0) if move == "slant" else (0.0, max(1, round(SHIFT * side)))
    # Each place asks for the value at: its picture, its row, its column - shift + slant * (row - middle).
    matrix = np.array([[1, 0, 0], [0, 1, 0], [0, slant, 1]], dtype=np.float64)
    offset = (0, 0, -shift - slant * (side - 1) / 2)
    found = ndimage.affine_transform(pictures, matrix, offset, order=1, mode="constant", cval=_background(X))
    return np.ascontiguousarray(found.reshape(X.shape), dtype=X.dtype)


def _background(X: Array) -> float:
    """The commonest value."""
    values, counts = np.unique(X, return_counts=True)
    return float(values[counts.argmax()])
