"""Motion blur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply


@dataclass(frozen=True)
class MotionBlur:
    """Mean of the length + 1 pixels from each pixel on in one direction; pixels outside the image are left out.

    length = |round(N(0, (3 c)^2))| pixels, angle ~ U(0, 2 pi).
    Source: the linear motion blur of GIMP (Bastien et al. 2010, appendix, "Motion Blur").

    Attributes
    ----------
    length : ndarray of shape (n,), int, pixels
    angle : ndarray of shape (n,), radians
    """

    name: ClassVar[str] = "motion blur"
    uniforms: ClassVar[int] = 2

    length: NDArray[np.int64]
    angle: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        normal = ndtri(np.maximum(u[:, 0], np.float32(2.0**-25)))
        return cls(length=np.abs(np.rint(3 * c * normal)).astype(np.int64), angle=np.float32(2 * np.pi) * u[:, 1])

    def apply(self, images: Floats) -> Floats:
        total, seen = images.copy(), np.ones_like(images)
        pixel = np.arange(SIDE)
        for step in range(1, int(self.length.max(initial=0)) + 1):
            blurred = np.flatnonzero(self.length >= step)
            down = np.rint(step * np.sin(self.angle[blurred])).astype(np.int64)
            right = np.rint(step * np.cos(self.angle[blurred])).astype(np.int64)
            rows, columns = pixel + down[:, None], pixel + right[:, None]  # (m, SIDE)
            inside = (rows >= 0) & (rows < SIDE)
            inside_column = (columns >= 0) & (columns < SIDE)
            valid = inside[:, :, None] & inside_column[:, None, :]
            rows, columns = rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)
            values = images[blurred[:, None, None], rows[:, :, None], columns[:, None, :]]
            total[blurred] += values * valid
            seen[blurred] += valid
        return total / seen
