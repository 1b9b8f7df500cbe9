"""Occlusion: a piece of another character in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_MIDDLE = SIDE // 2
_OPACITY = np.float32(0.5)  # of a piece laid over the middle


@dataclass(frozen=True)
class Occlusion:
    """With probability 0.4, a rectangle of another character near the left or right edge, or paler in the middle.

    The rectangle reaches |N(floor(8 c), 2^2)| pixels, 15 at most, up, down, left and right from the middle of the other
    character. It lands |N(0, 2^2)| pixels from the edge and N(0, 3^2) from mid-height, kept inside; left, middle and
    right are equally likely, and the middle one has half the brightness. The lighter pixel is kept.
    Source: Bastien et al. 2010, appendix, "Occlusion".

    Attributes
    ----------
    applied : ndarray of shape (n,), bool
    reach : ndarray of shape (n, 4), int, pixels
        Up, down, left, right.
    place : ndarray of shape (n,), int
        -1 left, 0 middle, 1 right.
    from_edge, from_middle : ndarray of shape (n,), int, pixels
    occluder : ndarray of shape (n, 32, 32)
        Characters the pieces come from.
    """

    name: ClassVar[str] = "occlusion"
    uniforms: ClassVar[int] = 11
    probability: ClassVar[float] = 0.4

    applied: NDArray[np.bool_]
    reach: NDArray[np.int64]
    place: NDArray[np.int64]
    from_edge: NDArray[np.int64]
    from_middle: NDArray[np.int64]
    occluder: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        normal = ndtri(np.maximum(u[:, 1:7], np.float32(2.0**-25)))
        reach = np.minimum(np.abs(np.floor(8 * c)[:, None] + 2 * normal[:, :4]).astype(np.int64), _MIDDLE - 1)
        return cls(
            applied=(u[:, 0] < cls.probability) & (c > 0),
            reach=reach,
            place=(3 * u[:, 7]).astype(np.int64) - 1,
            from_edge=np.abs(2 * normal[:, 4]).astype(np.int64),
            from_middle=(3 * normal[:, 5]).astype(np.int64),
            occluder=supply.characters(u[:, 8:11]),
        )

    def apply(self, images: Floats) -> Floats:
        out = images.copy()
        for i in np.flatnonzero(self.applied):
            up, down, left, right = (int(pixels) for pixels in self.reach[i])
            piece = self.occluder[i, _MIDDLE - up : _MIDDLE + down + 1, _MIDDLE - left : _MIDDLE + right + 1]
            height, width = piece.shape
            if self.place[i] == 0:
                piece, top, start = _OPACITY * piece, _MIDDLE - up, _MIDDLE - left
            else:
                top = min(max(_MIDDLE + int(self.from_middle[i]) - up, 0), SIDE - height)
                edge = min(int(self.from_edge[i]), SIDE - width)
                start = edge if self.place[i] < 0 else SIDE - width - edge
            region = out[i, top : top + height, start : start + width]
            np.maximum(region, piece, out=region)
        return out
