"""Gaussian noise."""

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
class GaussianNoise:
    """With probability 0.3, N(0, (c / 10)^2) is added to each pixel and the sum clipped to [0, 1].

    Source: Bastien et al. 2010, appendix, "Gaussian Noise".

    Attributes
    ----------
    applied : ndarray of shape (n,), bool
    deviation : ndarray of shape (n,)
    uniform : ndarray of shape (n, 32, 32)
        Made normal only where applied.
    """

    name: ClassVar[str] = "gaussian noise"
    uniforms: ClassVar[int] = 1 + SIDE * SIDE
    probability: ClassVar[float] = 0.3

    applied: NDArray[np.bool_]
    deviation: Floats
    uniform: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        uniform = np.maximum(u[:, 1:], np.float32(2.0**-25)).reshape(len(c), SIDE, SIDE)
        return cls(applied=u[:, 0] < cls.probability, deviation=np.float32(0.1) * c, uniform=uniform)

    def apply(self, images: Floats) -> Floats:
        out, noisy = images.copy(), self.applied
        noise = self.deviation[noisy, None, None] * ndtri(self.uniform[noisy])
        out[noisy] = np.clip(images[noisy] + noise, 0, 1)
        return out
