"""Background images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply


@dataclass(frozen=True)
class Background:
    """A grey patch behind the character, scaled to max(m - contrast, 0), m being the character's maximum.

    contrast = 1 - c u, u ~ U(0, 1): the character stays brighter than its background by that much. The lighter pixel
    is kept. Source: Bastien et al. 2010, appendix, "Background Image Addition".

    Attributes
    ----------
    contrast : ndarray of shape (n,)
    patch : ndarray of shape (n, 32, 32)
        Each with maximum 1.
    """

    name: ClassVar[str] = "background"
    uniforms: ClassVar[int] = 1 + SIDE * SIDE

    contrast: Floats
    patch: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        return cls(contrast=1 - c * u[:, 0], patch=supply.backgrounds(u[:, 1:]))

    def apply(self, images: Floats) -> Floats:
        brightness = np.maximum(images.max(axis=(1, 2)) - self.contrast, 0)
        behind: Floats = brightness[:, None, None] * self.patch
        return np.maximum(images, behind)
