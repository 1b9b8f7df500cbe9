"""Local elastic deformation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rectinet.datasets.nistp._sampling import PADDED, Bilinear
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.modules._module import Supply

_TAPS = 15  # ceil(1.5 * sigma) for the widest kernel, sigma = 10
_NOISE = PADDED + _TAPS - 1

# Entry (i, j) of the smoothing matrix is tap j - i; outside the kernel it is tap _TAPS, which is always zero.
_offset = np.arange(_NOISE) - np.arange(PADDED)[:, None]
_TAP_INDEX = np.where((_offset >= 0) & (_offset < _TAPS), _offset, _TAPS)


@dataclass(frozen=True)
class Elastic:
    """Each pixel is read at its place plus a smooth random displacement.

    The two fields are uniform noise in [-1, 1] smoothed by a kernel exp(-(x / sigma)^2 - (y / sigma)^2) on a window of
    1.5 sigma pixels with sum 1, times alpha; alpha = 10 c^(1/3), sigma = 10 - 7 c^(1/3) pixels.
    Source: Simard et al. 2003; ranges and kernel window of the original pipeline (Bastien et al. 2010, appendix,
    "Local Elastic Deformations").

    Attributes
    ----------
    down, right : ndarray of shape (n, 34, 34), pixels
        Displacements on the image and one pixel around it.
    """

    name: ClassVar[str] = "elastic"
    uniforms: ClassVar[int] = 2 * _NOISE * _NOISE

    down: Floats
    right: Floats

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> Self:
        n = len(c)
        root: Floats = np.cbrt(c)
        noise: Floats = 2 * u.reshape(n, 2, _NOISE, _NOISE) - 1
        smoothing = _smoothing(10 - 7 * root)[:, None]  # (n, 1, PADDED, _NOISE)
        fields: Floats = (smoothing @ noise @ smoothing.swapaxes(2, 3)).astype(
            np.float32, copy=False
        )  # (n, 2, PADDED, PADDED)
        fields *= (10 * root)[:, None, None, None]
        return cls(down=fields[:, 0], right=fields[:, 1])

    def pull(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        places = Bilinear(rows, columns)
        return rows + places.read(self.down), columns + places.read(self.right)


def _smoothing(sigma: Floats) -> Floats:
    """Matrices (n, PADDED, _NOISE) that smooth one axis by the kernel of width sigma, pixels."""
    length = np.ceil(np.float32(1.5) * sigma)[:, None]
    tap = np.arange(_TAPS + 1, dtype=np.float32)
    weight = np.exp(-(((tap - (length - 1) / 2) / sigma[:, None]) ** 2)) * (tap < length)
    weight[:, _TAPS] = 0
    weight /= weight.sum(axis=1, keepdims=True)
    return np.take(weight, _TAP_INDEX, axis=1)
