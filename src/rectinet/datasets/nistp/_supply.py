"""What the modules of P07 put into an image: pieces of other characters, and backgrounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.sources import Mixture

_GRIDS = (3, 5, 9, 17)  # knots a side of the octaves of a cloud


@dataclass(frozen=True)
class MixtureSupply:
    """Characters of the data set's own sources, captchas undistorted; backgrounds of the user, or clouds.

    A cloud is a sum of smooth random fields, each half as wide and half as strong as the one before: its amplitude
    spectrum falls about as 1 / frequency, as that of natural images does (Field 1987).

    Attributes
    ----------
    mixture : Mixture
    pictures : ndarray of shape (m, height, width), uint8, or None
        Grey pictures of at least 32 x 32 pixels; a random 32 x 32 piece of a random one becomes a background.
    """

    mixture: Mixture
    pictures: NDArray[np.uint8] | None = None

    def characters(self, u: Floats) -> Floats:
        """Clean characters chosen by u of shape (n, 3)."""
        images, _ = self.mixture.undistorted().draw(u)
        return images * np.float32(1 / 255)

    def backgrounds(self, u: Floats) -> Floats:
        """Backgrounds chosen by u of shape (n, 1024), each with maximum 1."""
        patches = _clouds(u) if self.pictures is None else _pieces(self.pictures, u)
        highest = patches.max(axis=(1, 2), keepdims=True)
        scaled: Floats = patches / np.maximum(highest, np.float32(1e-20))
        return scaled


def _interpolation(knots: int) -> Floats:
    """Matrix (SIDE, knots) that spreads values at evenly spaced knots linearly over the pixels."""
    place = np.linspace(0, knots - 1, SIDE)[:, None]
    spread: Floats = np.maximum(1 - np.abs(place - np.arange(knots)), 0).astype(np.float32)
    return spread


_SPREAD = tuple(_interpolation(knots) for knots in _GRIDS)


def _clouds(u: Floats) -> Floats:
    """Random fields (n, SIDE, SIDE), each from 0 on."""
    clouds: Floats = np.zeros((len(u), SIDE, SIDE), np.float32)
    used = 0
    for octave, (knots, spread) in enumerate(zip(_GRIDS, _SPREAD, strict=True)):
        values = u[:, used : used + knots * knots].reshape(-1, knots, knots)
        clouds += spread @ values @ spread.T * np.float32(0.5**octave)
        used += knots * knots
    lowest: Floats = clouds.min(axis=(1, 2), keepdims=True)
    return clouds - lowest


def _pieces(pictures: NDArray[np.uint8], u: Floats) -> Floats:
    """Pieces (n, SIDE, SIDE) of random pictures."""
    m, height, width = pictures.shape
    picture = (u[:, 0] * m).astype(np.int64)
    top = (u[:, 1] * (height - SIDE + 1)).astype(np.int64)
    left = (u[:, 2] * (width - SIDE + 1)).astype(np.int64)
    pixel = np.arange(SIDE)
    rows, columns = (top[:, None] + pixel)[:, :, None], (left[:, None] + pixel)[:, None, :]
    pieces: NDArray[np.uint8] = pictures[picture[:, None, None], rows, columns]
    return pieces * np.float32(1 / 255)
