"""Slant: rows shifted in proportion to their height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply


@dataclass(frozen=True)
class Slant:
    """Cyclic shift of row i by round(shear * i) columns, recentred; shear ~ U(0, c) with a random sign.

    Source: Bastien et al. 2010, appendix, "Slant". Whole pixels are shifted, so nothing is interpolated.

    Attributes
    ----------
    shear : ndarray of shape (n,)
        Columns to the right for each row down.
    """

    name: ClassVar[str] = "slant"
    uniforms: ClassVar[int] = 2

    shear: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        sign = np.where(u[:, 1] < 0.5, np.float32(-1), np.float32(1))
        return cls(shear=sign * c * u[:, 0])

    def apply(self, images: Floats) -> Floats:
        rows = np.arange(SIDE)
        shift = np.rint(self.shear[:, None] * rows) - np.rint(self.shear * SIDE / 2)[:, None]  # (n, SIDE)
        columns = (rows - shift.astype(np.intp)[:, :, None]) % SIDE  # (n, SIDE, SIDE)
        return np.take_along_axis(images, columns, axis=2)
