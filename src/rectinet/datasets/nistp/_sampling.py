"""Reading a batch of images at fractional coordinates, linearly between the four nearest pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._stream import Floats

SIDE = 32  # pixels; every image of NISTP is SIDE x SIDE (Bastien et al. 2010, section 3)
PADDED = SIDE + 2

_row, _column = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32), indexing="ij")
ROWS: Floats = _row  # (SIDE, SIDE), the row of each pixel
COLUMNS: Floats = _column  # (SIDE, SIDE), the column of each pixel


def padded(images: Floats) -> Floats:
    """Put one black pixel around each image: (n, SIDE, SIDE) -> (n, PADDED, PADDED)."""
    out = np.zeros((len(images), PADDED, PADDED), np.float32)
    out[:, 1:-1, 1:-1] = images
    return out


class Bilinear:
    """Where to read and with which weights; made once, used for every array to be read at the same places.

    Parameters
    ----------
    rows, columns : ndarray of shape (n, SIDE, SIDE), pixels
        Image coordinates: (0, 0) is the centre of the first pixel. Beyond one pixel outside they are clipped, so an
        array padded with zeros reads as zero there.
    """

    def __init__(self, rows: Floats, columns: Floats) -> None:
        n = len(rows)
        row = np.clip(rows + np.float32(1), 0, PADDED - 1)
        column = np.clip(columns + np.float32(1), 0, PADDED - 1)
        top = np.minimum(row.astype(np.int32), PADDED - 2)  # truncation is floor: row >= 0
        left = np.minimum(column.astype(np.int32), PADDED - 2)
        first = np.arange(n, dtype=np.int32)[:, None, None] * np.int32(PADDED * PADDED)
        self._corner: NDArray[np.intp] = (first + top * np.int32(PADDED) + left).astype(np.intp)
        self._down: Floats = row - top
        self._right: Floats = column - left

    def read(self, arrays: Floats) -> Floats:
        """Values of padded arrays (n, PADDED, PADDED) at the places: (n, SIDE, SIDE)."""
        flat = arrays.ravel()
        corner, right = self._corner, self._right
        upper = flat[corner]
        upper += right * (flat[1:][corner] - upper)
        lower = flat[PADDED:][corner]
        lower += right * (flat[PADDED + 1 :][corner] - lower)
        lower -= upper
        lower *= self._down
        upper += lower
        return upper
