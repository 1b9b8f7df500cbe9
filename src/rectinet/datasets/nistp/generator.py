"""The endless set: item i of a seed and split is always the same image and label."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._files import Home
from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import LAST_ITEM, Floats, uniforms
from rectinet.datasets.nistp._supply import MixtureSupply
from rectinet.datasets.nistp.modules import NISTP_MODULES, P07_MODULES, Module, Pinch, apply_modules
from rectinet.datasets.nistp.sources import CHARACTERS, mixture
from rectinet.datasets.nistp.sources.fonts import Fonts

Split = Literal["train", "valid", "test"]
Kind = Literal["nistp", "p07"]
Holdout = Literal["writers-and-fonts"]

_CHUNK = 128  # images made at a time: the arrays of one step then stay in the processor's cache
_MODULES: dict[str, tuple[type[Module], ...]] = {"nistp": NISTP_MODULES, "p07": P07_MODULES}


class NISTP:
    """Characters of 62 classes (0-9, A-Z, a-z), deformed at random: 32 x 32, white on black, generated as asked for.

    ``ds[i]`` is one image and its label, ``ds.batch(start, n)`` what a classifier takes; there is no last item. Item i
    depends on the seed, the split, the arguments and the fonts and files found, never on the order, process or thread.

    Parameters
    ----------
    seed : int, default 0
        0 <= seed < 2**64.
    split : {"train", "valid", "test"}, default "train"
        Three independent streams of items.
    modules : {"nistp", "p07"}, default "nistp"
        "nistp": slant, thickness, affine, elastic, pinch. "p07": these and nine more, that add noise.
    pinch : bool, default True
        Whether to pinch. One revision of the original pipeline did not for NISTP.
    sources : mapping of str to float, optional
        Shares of "fonts", "captcha", "handwriting", "nist", "emnist", "mnist", divided by their sum. By default fonts
        0.10, captcha 0.25 and 0.40 for the first of EMNIST, NIST SD19 and handwriting whose files are there.
    complexity : float, default 0.7
        Every module draws its complexity from U(0, complexity) for every image; 0 to 1.
    fonts : folder, list of files, or None
        None: those fontconfig knows.
    data_home : path, optional
        Folder that holds handwriting/, emnist/, by_class/ and mnist/; by default as for `rectinet.datasets.load`.
    holdout : {"writers-and-fonts"} or None
        Give the splits different font families and writers (80 / 10 / 10 %), to test on hands never seen.
    backgrounds : ndarray of shape (m, height, width), uint8, optional
        Grey pictures of at least 32 x 32 for P07's backgrounds; by default random clouds.

    Attributes
    ----------
    shares : dict of str to float
        Sources in use.
    class_names : tuple of str
        Name of class k at place k.
    modules : tuple of module classes
        Deformations in their order.
    supply : MixtureSupply
        Where P07's occluding characters and backgrounds come from.

    Raises
    ------
    ValueError
        For an argument outside what is said above.
    NoFontsError, MissingFileError
        If a source that has a share is not there; the message says what to install or where to put it.

    References
    ----------
    F. Bastien et al., "Deep Self-Taught Learning for Handwritten Character Recognition", 2010, arXiv:1009.3589.
    """

    class_names = tuple(CHARACTERS)

    def __init__(
        self,
        seed: int = 0,
        split: Split = "train",
        modules: Kind = "nistp",
        pinch: bool = True,
        sources: Mapping[str, float] | None = None,
        complexity: float = 0.7,
        fonts: Fonts = None,
        data_home: Home = None,
        holdout: Holdout | None = None,
        backgrounds: NDArray[np.uint8] | None = None,
    ) -> None:
        seed = operator.index(seed)
        if not 0 <= seed < 2**64:
            raise ValueError(f"seed must lie in [0, 2**64); got {seed}")
        if split not in get_args(Split):
            raise ValueError(f"split must be one of {', '.join(get_args(Split))}; got {split!r}")
        if modules not in _MODULES:
            raise ValueError(f"modules must be one of {', '.join(_MODULES)}; got {modules!r}")
        if not 0 <= complexity <= 1:
            raise ValueError(f"complexity must lie in [0, 1]; got {complexity}")
        if holdout not in (None, *get_args(Holdout)):
            raise ValueError(f"holdout must be None or {get_args(Holdout)[0]!r}; got {holdout!r}")
        if backgrounds is not None:
            _check_backgrounds(backgrounds)
        self.seed, self.split, self.complexity = seed, split, float(complexity)
        self.modules = tuple(module for module in _MODULES[modules] if pinch or module is not Pinch)
        self._mixture = mixture(
            sources, split=split, font_files=fonts, holdout=holdout is not None, data_home=data_home
        )
        self.supply = MixtureSupply(self._mixture, backgrounds)
        names = (source.name for source in self._mixture.sources)
        self.shares = dict(zip(names, self._mixture.shares, strict=True))

    def __repr__(self) -> str:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
        return f"NISTP(seed={self.seed}, split={self.split!r}, {len(self.modules)} modules; {shares})"

    def __getitem__(self, i: int) -> tuple[NDArray[np.uint8], int]:
        """Item i: image (32, 32) and class."""
        images, labels = self.images(operator.index(i), 1)
        return images[0], int(labels[0])

    def __iter__(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Items 0, 1, 2, ... without end."""
        for start in range(0, LAST_ITEM, _CHUNK):
            images, labels = self.images(start, _CHUNK)
            yield from zip(images, labels.tolist(), strict=True)

    def images(self, start: int, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Items start, ..., start + n - 1: images (n, 32, 32) and classes (n,).

        Raises
        ------
        IndexError
            If start or n is negative, or the last item is beyond 2**40.
        """
        if start < 0 or n < 0 or start + n > LAST_ITEM:
            raise IndexError(f"items must lie in [0, 2**40); asked for {n} from {start}")
        images, labels = np.empty((n, SIDE, SIDE), np.uint8), np.empty(n, np.int64)
        for first in range(0, n, _CHUNK):
            part = slice(first, min(first + _CHUNK, n))
            images[part], labels[part] = self._make(start + first, part.stop - first)
        return images, labels

    def batch(self, start: int, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Items start, ..., start + n - 1 as examples: X (n, 1024), float32 in [0, 1], and y (n,)."""
        images, labels = self.images(start, n)
        X = images.reshape(n, SIDE * SIDE).astype(np.float32)
        X /= 255
        return X, labels

    def characters(self, start: int, n: int) -> Floats:
        """Items start, ..., start + n - 1 before any deformation: (n, 32, 32) in [0, 1]."""
        return self._clean(start, n)[0]

    def _clean(self, start: int, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Characters as their source has them, in [0, 1], and classes."""
        u = uniforms(self.seed, self.split, "source", start, n, self._mixture.uniforms)
        images, labels = self._mixture.draw(u)
        return images * np.float32(1 / 255), labels

    def _make(self, start: int, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """One chunk of items."""
        clean, labels = self._clean(start, n)
        drawn = []
        for module in self.modules:
            u = uniforms(self.seed, self.split, module.name, start, n, 1 + module.uniforms)
            drawn.append(module.draw(np.float32(self.complexity) * u[:, 0], u[:, 1:], self.supply))
        images = apply_modules(drawn, clean)
        return np.rint(images * 255).astype(np.uint8), labels


def _check_backgrounds(backgrounds: NDArray[np.uint8]) -> None:
    if (
        backgrounds.dtype != np.uint8
        or backgrounds.ndim != 3
        or not len(backgrounds)
        or min(backgrounds.shape[1:]) < SIDE
    ):
        raise ValueError(
            "backgrounds must be grey pictures of type uint8 and of shape (m, height, width), at least one, at least "
            f"32 x 32; got {backgrounds.dtype} of shape {backgrounds.shape}"
        )
