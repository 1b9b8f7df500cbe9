"""Salt and pepper noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class SaltAndPepper:
    """With probability 0.25, floor(1024 c / 5) pixels are replaced by grey levels ~ U(0, 1).

    Source: Bastien et al. 2010, appendix, "Salt and Pepper Noise".

    Attributes
    ----------
    changed : ndarray of shape (n, 32, 32), bool
    grey : ndarray of shape (n, 32, 32)
    """

    name: ClassVar[str] = "salt and pepper"
    uniforms: ClassVar[int] = 1 + 2 * _PIXELS
    probability: ClassVar[float] = 0.25

    changed: NDArray[np.bool_]
    grey: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        n = len(c)
        count = np.where(u[:, 0] < cls.probability, np.floor(_PIXELS * c / 5), 0).astype(np.int64)
        changed, applied = np.zeros((n, _PIXELS), bool), np.flatnonzero(count)
        order = np.argsort(u[applied, 1 : 1 + _PIXELS], axis=1, kind="stable")
        chosen = np.zeros(order.shape, bool)
        np.put_along_axis(chosen, order, np.arange(_PIXELS) < count[applied, None], axis=1)
        changed[applied] = chosen
        return cls(changed=changed.reshape(n, SIDE, SIDE), grey=u[:, 1 + _PIXELS :].reshape(n, SIDE, SIDE))

    def apply(self, images: Floats) -> Floats:
        return np.where(self.changed, self.grey, images)
