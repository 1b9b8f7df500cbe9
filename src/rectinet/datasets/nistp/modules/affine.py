"""Affine transformation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_HALF = np.float32(0.5)  # coordinates are measured from the corner of the image, pixel centres lie at halves
_SCALE = np.array([0.8, 0.8, 9.0, 0.8, 0.8, 9.0], np.float32)
_IDENTITY = np.array([1, 0, 0, 0, 1, 0], np.float32)


@dataclass(frozen=True)
class Affine:
    """The pixel at (x, y) is read at (a x + b y + c, d x + e y + f), the origin being the upper left corner.

    a, e = 1 + 0.8 c u, b, d = 0.8 c u, c, f = 9 c u pixels, each u ~ U(-1/2, 1/2).
    Source: Bastien et al. 2010, appendix, "Affine Transformations"; ranges of the original pipeline.

    Attributes
    ----------
    coefficients : ndarray of shape (n, 6)
        a, b, c, d, e, f.
    """

    name: ClassVar[str] = "affine"
    uniforms: ClassVar[int] = 6

    coefficients: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        return cls(coefficients=_IDENTITY + _SCALE * c[:, None] * (u - _HALF))

    def pull(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        a, b, c, d, e, f = self.coefficients.T[:, :, None, None]
        x, y = columns + _HALF, rows + _HALF
        return d * x + e * y + (f - _HALF), a * x + b * y + (c - _HALF)
