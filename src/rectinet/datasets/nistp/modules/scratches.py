"""Scratches: white lines across the character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from rectinet.datasets.nistp._sampling import COLUMNS, ROWS, SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

MOST_SCRATCHES = 3


@dataclass(frozen=True)
class Scratches:
    """With probability 0.15, one, two or three lines (probabilities 0.5, 0.3, 0.2), combined by the maximum.

    The original lays eroded, enlarged and rotated images of the digit 1 over the character; here the line itself is
    drawn: 24 to 50 pixels long (the enlarged 1), turned from the vertical by N(0, (100 c)^2) degrees, 1, 2 or 3 pixels
    wide for c up to 0.25, 0.5 and above (the original erodes less as c grows), fading out over one pixel.
    Source: Bastien et al. 2010, appendix, "Scratches".

    Attributes
    ----------
    count : ndarray of shape (n,), int
        Lines to draw, 0 to 3.
    row, column, angle, half_length, half_width : ndarray of shape (n, 3)
        Middle of each line, pixels; angle from the vertical, radians; half its length and width, pixels.
    """

    name: ClassVar[str] = "scratches"
    uniforms: ClassVar[int] = 2 + 4 * MOST_SCRATCHES
    probability: ClassVar[float] = 0.15

    count: NDArray[np.int64]
    row: Floats
    column: Floats
    angle: Floats
    half_length: Floats
    half_width: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        count = 1 + (u[:, 1] >= 0.5).astype(np.int64) + (u[:, 1] >= 0.8)
        line = u[:, 2:].reshape(len(c), 4, MOST_SCRATCHES)
        turn = ndtri(np.maximum(line[:, 2], np.float32(2.0**-25))) * np.deg2rad(100) * c[:, None]
        width = 1 + (c > 0.25) + (c > 0.5)
        return cls(
            count=np.where((u[:, 0] < cls.probability) & (c > 0), count, 0),
            row=SIDE * line[:, 0],
            column=SIDE * line[:, 1],
            angle=turn.astype(np.float32),
            half_length=12 + 13 * line[:, 3],
            half_width=np.repeat(width[:, None] / np.float32(2), MOST_SCRATCHES, axis=1).astype(np.float32),
        )

    def apply(self, images: Floats) -> Floats:
        out = images.copy()
        for line in range(MOST_SCRATCHES):
            drawn = np.flatnonzero(self.count > line)
            if len(drawn):
                out[drawn] = np.maximum(out[drawn], self._line(drawn, line))
        return out

    def _line(self, drawn: NDArray[np.intp], line: int) -> Floats:
        """Brightness of one line in each of m images: (m, SIDE, SIDE)."""
        row, column, angle, half_length, half_width = (
            part[drawn, line, None, None]
            for part in (self.row, self.column, self.angle, self.half_length, self.half_width)
        )
        down, right = ROWS - row, COLUMNS - column
        along = np.abs(down * np.cos(angle) + right * np.sin(angle))
        across = right * np.cos(angle) - down * np.sin(angle)
        beyond = np.maximum(along - half_length, 0)
        brightness: Floats = np.clip(half_width + 0.5 - np.sqrt(across * across + beyond * beyond), 0, 1)
        return brightness.astype(np.float32)
