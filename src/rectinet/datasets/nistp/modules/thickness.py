"""Thickness: strokes made thinner or thicker by grey-level morphology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
_DIAMOND = np.abs(np.arange(-2, 3))[:, None] + np.abs(np.arange(-2, 3)) <= 2

# Twelve elements, from the smallest; erosion uses the first five at most, dilation the first nine.
ELEMENTS: tuple[NDArray[np.bool_], ...] = (
    np.ones((1, 2), bool),
    np.ones((2, 1), bool),
    np.ones((2, 2), bool),
    _CROSS,
    np.ones((2, 3), bool),
    np.ones((3, 2), bool),
    np.ones((3, 3), bool),
    np.ones((3, 4), bool),
    np.ones((4, 3), bool),
    _DIAMOND,
    np.ones((2, 4), bool),
    np.ones((4, 2), bool),
)


@dataclass(frozen=True)
class Thickness:
    """Grey erosion or dilation by one of the first e = ceil(5 c) or d = ceil(9 c) elements, then the old maximum back.

    P(erosion) = e / (d + e + 1), P(dilation) = d / (d + e + 1); otherwise nothing. An image that erosion would turn
    into one even grey is left as it was (the original pipeline divides zero by zero there).
    Source: Bastien et al. 2010, appendix, "Thickness".

    Attributes
    ----------
    element : ndarray of shape (n,), int
        Index into ELEMENTS.
    operation : ndarray of shape (n,), int
        -1 erosion, 0 nothing, 1 dilation.
    """

    name: ClassVar[str] = "thickness"
    uniforms: ClassVar[int] = 2

    element: NDArray[np.int64]
    operation: NDArray[np.int64]

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        erosions, dilations = np.ceil(5 * c), np.ceil(9 * c)
        position = u[:, 0] * (erosions + dilations + 1)
        operation = np.where(position < erosions, -1, np.where(position < erosions + dilations, 1, 0))
        choices = np.where(operation < 0, erosions, dilations)
        return cls(element=(u[:, 1] * choices).astype(np.int64), operation=operation)

    def apply(self, images: Floats) -> Floats:
        out = images.copy()
        for element in np.unique(self.element):
            footprint = ELEMENTS[element][None]
            for operation, morph in ((-1, ndimage.grey_erosion), (1, ndimage.grey_dilation)):
                chosen = np.flatnonzero((self.element == element) & (self.operation == operation))
                if len(chosen):
                    out[chosen] = _stretched(morph(images[chosen], footprint=footprint), images[chosen])
        return out


def _stretched(changed: Floats, old: Floats) -> Floats:
    """Bring each changed image back to a minimum of 0 and the maximum of the old one."""
    low = changed.min(axis=(1, 2), keepdims=True)
    span = changed.max(axis=(1, 2), keepdims=True) - low
    top = old.max(axis=(1, 2), keepdims=True)
    stretched = (changed - low) * (top / np.where(span > 0, span, 1))
    return np.where(span > 0, stretched, old)
