"""Spatial Gaussian smoothing: some regions of the image blurred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import COLUMNS, ROWS, SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

MOST_CENTRES = 13
_ROOT_2 = np.float32(np.sqrt(2))
_OFFSET = np.arange(SIDE)[:, None] - np.arange(SIDE)


@dataclass(frozen=True)
class SpatialSmoothing:
    """With probability 0.25, the image is mixed with a blurred copy around a few centres.

    Kernel side k = 12 + floor(20 c u) pixels, exp(-r^2 / sigma^2) with sigma = 2 + 6 c u pixels, the blurred copy
    stretched to the image's range; 3 + floor(10 c u) centres, each adding (sqrt(2) - 2 r / k)^5 to a mask M inside a
    square of side k; the result is (image + M blurred) / (1 + M). Each u ~ U(0, 1).
    Source: Bastien et al. 2010, appendix, "Spatial Gaussian Smoothing".

    Attributes
    ----------
    count : ndarray of shape (n,), int
        Centres; 0 leaves the image alone.
    sigma : ndarray of shape (n,), pixels
    side : ndarray of shape (n,), int, pixels
    row, column : ndarray of shape (n, 13), int
        Centres.
    """

    name: ClassVar[str] = "spatial smoothing"
    uniforms: ClassVar[int] = 4 + 2 * MOST_CENTRES
    probability: ClassVar[float] = 0.25

    count: NDArray[np.int64]
    sigma: Floats
    side: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        place = (SIDE * u[:, 4:]).astype(np.int64)
        return cls(
            count=np.where((u[:, 0] < cls.probability) & (c > 0), 3 + np.floor(10 * c * u[:, 1]), 0).astype(np.int64),
            sigma=2 + 6 * c * u[:, 2],
            side=12 + np.floor(20 * c * u[:, 3]).astype(np.int64),
            row=place[:, :MOST_CENTRES],
            column=place[:, MOST_CENTRES:],
        )

    def apply(self, images: Floats) -> Floats:
        chosen = np.flatnonzero(self.count)
        if not len(chosen):
            return images.copy()
        old, mask = images[chosen], self._mask(chosen)
        out = images.copy()
        out[chosen] = (old + mask * self._blurred(old, chosen)) / (1 + mask)
        return out

    def _blurred(self, old: Floats, chosen: NDArray[np.intp]) -> Floats:
        """Blurred copies brought to the range of the images: (m, SIDE, SIDE)."""
        side, sigma = self.side[chosen, None, None], self.sigma[chosen, None, None]
        inside = (_OFFSET + side // 2 >= 0) & (_OFFSET + side // 2 < side)
        kernel = np.where(inside, np.exp(-((_OFFSET / sigma) ** 2)), 0).astype(np.float32)  # (m, SIDE, SIDE)
        blurred: Floats = (kernel @ old @ kernel.swapaxes(1, 2)).astype(np.float32, copy=False)
        low, high = _range(blurred)
        old_low, old_high = _range(old)
        span = np.maximum(high - low, np.float32(1e-20))
        stretched: Floats = old_low + (blurred - low) * ((old_high - old_low) / span)
        return stretched

    def _mask(self, chosen: NDArray[np.intp]) -> Floats:
        """Weight of the blurred copy: (m, SIDE, SIDE), at least 0."""
        mask = np.zeros((len(chosen), SIDE, SIDE), np.float32)
        half = self.side[chosen, None, None] / np.float32(2)
        for centre in range(int(self.count[chosen].max())):
            down = ROWS - self.row[chosen, centre, None, None]
            right = COLUMNS - self.column[chosen, centre, None, None]
            inside = (np.maximum(np.abs(down), np.abs(right)) <= half) & (self.count[chosen, None, None] > centre)
            # Rounding may bring the base below zero in the corners of the window, where it is zero.
            base = np.maximum(_ROOT_2 - np.sqrt(down * down + right * right) / half, 0)
            squared = base * base
            mask += inside * (squared * squared * base)
        return mask


def _range(images: Floats) -> tuple[Floats, Floats]:
    """Minimum and maximum of each image, (m, 1, 1) both."""
    return images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
