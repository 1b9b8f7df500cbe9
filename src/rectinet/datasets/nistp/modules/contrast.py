"""Grey level and contrast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply


@dataclass(frozen=True)
class Contrast:
    """Grey levels squeezed into [(1 - C) / 2, (1 + C) / 2], C ~ U(1 - 0.85 c, 1); then perhaps black for white.

    The exchange has probability 1/2, whatever c.
    Source: Bastien et al. 2010, appendix, "Grey Level and Contrast Changes".

    Attributes
    ----------
    contrast : ndarray of shape (n,)
        C.
    inverted : ndarray of shape (n,), bool
    """

    name: ClassVar[str] = "contrast"
    uniforms: ClassVar[int] = 2

    contrast: Floats
    inverted: NDArray[np.bool_]

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        return cls(contrast=1 - np.float32(0.85) * c * u[:, 0], inverted=u[:, 1] < 0.5)

    def apply(self, images: Floats) -> Floats:
        contrast = self.contrast[:, None, None]
        grey = (1 - contrast) / 2 + contrast * images
        return np.where(self.inverted[:, None, None], 1 - grey, grey)
