"""Pixel permutation: pixels exchanged with a neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_PIXELS = SIDE * SIDE
_NEIGHBOURS = (-1, 1, -SIDE, SIDE)  # left, right, up, down in row-major order


@dataclass(frozen=True)
class PixelPermutation:
    """With probability 0.2, 4 floor(256 c / 3) different pixels are exchanged, one after the other, with a neighbour.

    The neighbour is left, right, up, down in turn. Source: Bastien et al. 2010, appendix, "Pixel Permutation"; the
    turn-taking is the original pipeline's.

    Attributes
    ----------
    pixels : ndarray of shape (n, 1024), int
        Positions in row-major order, in the order of exchange; zeros where count is 0.
    count : ndarray of shape (n,), int
        How many of them are exchanged.
    """

    name: ClassVar[str] = "pixel permutation"
    uniforms: ClassVar[int] = 1 + _PIXELS
    probability: ClassVar[float] = 0.2

    pixels: NDArray[np.int64]
    count: NDArray[np.int64]

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        count = np.where(u[:, 0] < cls.probability, 4 * np.floor(256 * c / 3), 0).astype(np.int64)
        pixels, applied = np.zeros((len(c), _PIXELS), np.int64), np.flatnonzero(count)
        pixels[applied] = np.argsort(u[applied, 1:], axis=1, kind="stable")
        return cls(pixels=pixels, count=count)

    def apply(self, images: Floats) -> Floats:
        out = images.reshape(len(images), _PIXELS).copy()
        for step in range(int(self.count.max(initial=0))):
            image = np.flatnonzero(self.count > step)
            here = self.pixels[image, step]
            there = here + _NEIGHBOURS[step % 4]
            inside = (there >= 0) & (there < _PIXELS)
            image, here, there = image[inside], here[inside], there[inside]
            out[image, here], out[image, there] = out[image, there], out[image, here]
        return out.reshape(images.shape)
