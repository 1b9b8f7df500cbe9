"""Banks of characters drawn once, and the sources that pick from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nist import CHARACTERS as CHARACTERS  # class k is CHARACTERS[k]
from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats

N_CLASSES = len(CHARACTERS)

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

USUAL_HEIGHT = 24  # pixels: nine characters in ten of a face or writer are at most this high
LARGEST = 29  # pixels: no character is larger than this


class Source(Protocol):
    """Where clean characters come from."""

    @property
    def name(self) -> str: ...

    @property
    def uniforms(self) -> int:
        """Numbers one image needs."""
        ...

    def draw(self, u: Floats) -> tuple[Images, Labels]:
        """Characters chosen by u of shape (n, uniforms): images (n, 32, 32), white on black, and classes (n,)."""
        ...


@dataclass(frozen=True)
class GlyphSource:
    """Every class and every hand or face equally likely.

    Attributes
    ----------
    name : str
    images : ndarray of shape (n_hands, 62, 32, 32), uint8
    """

    name: str
    images: Images
    uniforms: int = 2

    def draw(self, u: Floats) -> tuple[Images, Labels]:
        labels = (u[:, 0] * N_CLASSES).astype(np.int64)
        hands = (u[:, 1] * len(self.images)).astype(np.int64)
        return self.images[hands, labels], labels


@dataclass(frozen=True)
class ArraySource:
    """Images as somebody collected them, each equally likely; classes are as frequent as in the collection.

    Attributes
    ----------
    name : str
    images : ndarray of shape (n, height, width), uint8, white on black
        At most 32 x 32; smaller ones get a black margin.
    labels : ndarray of shape (n,), int
        0 to 61 in the order of CHARACTERS.
    """

    name: str
    images: Images
    labels: Labels
    uniforms: int = 1

    def draw(self, u: Floats) -> tuple[Images, Labels]:
        items = (u[:, 0] * len(self.images)).astype(np.int64)
        _, height, width = self.images.shape
        out = np.zeros((len(items), SIDE, SIDE), np.uint8)
        top, left = (SIDE - height) // 2, (SIDE - width) // 2
        out[:, top : top + height, left : left + width] = self.images[items]
        return out, self.labels[items].astype(np.int64)


def held_out(names: Sequence[str], split: str) -> NDArray[np.intp]:
    """Indices of the names that belong to a split: of the different names 80 % train, 10 % valid, 10 % test.

    Equal names (the faces of one family) stay together. The order is that of SHA-256, so it does not depend on the
    order of the arguments. valid and test each get one name at least.

    Raises
    ------
    ValueError
        If there are fewer than three different names.
    """
    different = sorted(set(names), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    if len(different) < 3:
        raise ValueError(
            f"holdout needs three different families or writers at least, one for each split; found {len(different)}: "
            f"{different}. Give more fonts, or holdout=None."
        )
    each = max(1, round(0.1 * len(different)))
    bounds = {"train": (2 * each, None), "valid": (each, 2 * each), "test": (0, each)}
    first, last = bounds[split]
    chosen = set(different[first:last])
    return np.array([i for i, name in enumerate(names) if name in chosen], np.intp)


def fitted(extents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Enlargement of each character of one face or writer, relative sizes kept.

    Parameters
    ----------
    extents : ndarray of shape (n, 2)
        Height and width of the ink, in any unit, greater than 0.

    Returns
    -------
    ndarray of shape (n,)
        Pixels per unit: one value for all, smaller for those that would become larger than LARGEST.
    """
    common = USUAL_HEIGHT / np.quantile(extents[:, 0], 0.9)
    largest: NDArray[np.float64] = extents.max(axis=1)
    return np.minimum(common, LARGEST / largest)
