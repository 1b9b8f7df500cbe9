"""What a deformation module is, and how drawn modules are applied to a batch.

A module is a frozen dataclass holding the parameters drawn for each of n images. Two kinds: one changes pixels
(`apply`), the other says from where each pixel is read (`pull`). Neighbouring modules of the second kind are
composed and the images are read once, so that a chain of maps does not blur once per map.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from rectinet.datasets.nistp._sampling import COLUMNS, ROWS, Bilinear, padded
from rectinet.datasets.nistp._stream import Floats


class Supply(Protocol):
    """Material that some modules put into an image."""

    def characters(self, u: Floats) -> Floats:
        """Clean characters chosen by u of shape (n, 3): (n, 32, 32) in [0, 1]."""
        ...

    def backgrounds(self, u: Floats) -> Floats:
        """Grey background patches chosen by u of shape (n, 1024): (n, 32, 32) in [0, 1], each with maximum 1."""
        ...


@runtime_checkable
class PixelOperation(Protocol):
    """Makes new images out of the old ones."""

    def apply(self, images: Floats) -> Floats:
        """(n, 32, 32) in [0, 1] -> (n, 32, 32) in [0, 1]; the argument is not changed."""
        ...


@runtime_checkable
class CoordinateMap(Protocol):
    """Moves pixels: says where the pixel at a place is read from."""

    def pull(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        """Coordinates (n, 32, 32) in the module's output -> coordinates in its input, pixels."""
        ...


class Module(Protocol):
    """How the parameters of either kind are drawn.

    A module that is applied by chance also has a `probability`, with which it compares the first of its numbers.
    """

    name: ClassVar[str]
    uniforms: ClassVar[int]  # numbers one image needs, its complexity not counted

    @classmethod
    def draw(cls, c: Floats, u: Floats, supply: Supply) -> PixelOperation | CoordinateMap:
        """Parameters for n images.

        Parameters
        ----------
        c : ndarray of shape (n,)
            Complexity of each image in [0, 1]. At 0 a module leaves the image as it is; Contrast may still exchange
            black and white.
        u : ndarray of shape (n, uniforms)
            Uniform numbers in [0, 1).
        supply : Supply
            Occluding characters and backgrounds.
        """
        ...


def apply_modules(drawn: Iterable[PixelOperation | CoordinateMap], images: Floats) -> Floats:
    """Apply drawn modules in their order; neighbouring maps are composed and interpolated once."""
    maps: list[CoordinateMap] = []
    for module in drawn:
        if isinstance(module, CoordinateMap):
            maps.append(module)
        else:
            images = module.apply(_warp(maps, images))
            maps = []
    return _warp(maps, images)


def _warp(maps: list[CoordinateMap], images: Floats) -> Floats:
    """Read the images through the composition of maps, the last map being the nearest to the result."""
    if not maps:
        return images
    rows: Floats = np.broadcast_to(ROWS, images.shape)
    columns: Floats = np.broadcast_to(COLUMNS, images.shape)
    for module in reversed(maps):
        rows, columns = module.pull(rows, columns)
    return Bilinear(rows, columns).read(padded(images))
