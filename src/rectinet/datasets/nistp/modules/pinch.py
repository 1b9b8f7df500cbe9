"""Pinch: the image drawn towards its centre, or away from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_CENTRE = np.float32((SIDE - 1) / 2)
_RADIUS = np.float32(SIDE / 2)


@dataclass(frozen=True)
class Pinch:
    """A pixel at distance d1 < r from the centre is read at d2 = sin(pi d1 / 2r)^(-pinch) d1; pinch ~ U(-c, 0.7 c).

    Source: the "whirl and pinch" filter of GIMP without whirl, r = 16 pixels (Bastien et al. 2010, appendix, "Pinch").

    Attributes
    ----------
    pinch : ndarray of shape (n,)
        Positive draws inwards, negative bulges.
    """

    name: ClassVar[str] = "pinch"
    uniforms: ClassVar[int] = 1

    pinch: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        return cls(pinch=c * (np.float32(1.7) * u[:, 0] - 1))

    def pull(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        down, right = rows - _CENTRE, columns - _CENTRE
        distance = np.sqrt(down * down + right * right)
        # 1e-6 keeps the power finite at the centre, where the factor is multiplied by a distance of zero anyway.
        sine = np.sin(np.clip(distance * (np.pi / 2 / _RADIUS), 1e-6, np.pi / 2))
        factor = np.exp(-self.pinch[:, None, None] * np.log(sine))
        return _CENTRE + factor * down, _CENTRE + factor * right
