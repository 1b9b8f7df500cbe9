"""A source made of sources, each with its share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rectinet.datasets._files import Home, find, locate
from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import Floats
from rectinet.datasets.nistp.sources import collections, fonts, handwriting
from rectinet.datasets.nistp.sources._glyphs import GlyphSource, Images, Labels, Source, held_out
from rectinet.datasets.nistp.sources.captcha import CaptchaSource

# Of the original: fonts 10 %, captcha 25 %, OCR 25 %, NIST 40 % (Bastien et al. 2010, section 3). There is no OCR
# source here; NIST's share goes to EMNIST, which is NIST SD19 made smaller, to SD19 itself, or to the pen strokes.
ORIGINAL_SHARES = {"fonts": 0.10, "captcha": 0.25, "ocr": 0.25, "nist": 0.40}
NAMES = ("fonts", "captcha", "handwriting", *collections.LOADERS)


@dataclass(frozen=True)
class Mixture:
    """Sources and their shares, which sum to 1.

    Attributes
    ----------
    sources : tuple of Source
    shares : tuple of float
    """

    sources: tuple[Source, ...]
    shares: tuple[float, ...]

    @property
    def uniforms(self) -> int:
        """Numbers one image needs."""
        return 1 + max(source.uniforms for source in self.sources)

    def undistorted(self) -> Mixture:
        """The same with the captchas' plain characters, which take two numbers an image."""
        plain: list[Source] = [s.glyphs if isinstance(s, CaptchaSource) else s for s in self.sources]
        return Mixture(tuple(plain), self.shares)

    def draw(self, u: Floats) -> tuple[Images, Labels]:
        """Characters chosen by u of shape (n, uniforms): images (n, 32, 32), classes (n,)."""
        images, labels = np.zeros((len(u), SIDE, SIDE), np.uint8), np.zeros(len(u), np.int64)
        which = np.searchsorted(np.cumsum(self.shares)[:-1], u[:, 0], side="right")
        for k, source in enumerate(self.sources):
            chosen = np.flatnonzero(which == k)
            if len(chosen):
                images[chosen], labels[chosen] = source.draw(u[chosen, 1 : 1 + source.uniforms])
        return images, labels


def default_shares(data_home: Home = None) -> dict[str, float]:
    """Shares of the sources that are there, in the original's proportions; not yet summing to 1."""
    shares = {"fonts": ORIGINAL_SHARES["fonts"], "captcha": ORIGINAL_SHARES["captcha"]}
    by_hand = {**collections.FOUND_BY, "handwriting": handwriting.FILE}
    there = [name for name, file in by_hand.items() if locate(file, data_home)]
    return shares | dict.fromkeys(there[:1], ORIGINAL_SHARES["nist"])


def mixture(
    shares: Mapping[str, float] | None,
    *,
    split: str,
    font_files: fonts.Fonts = None,
    holdout: bool = False,
    data_home: Home = None,
) -> Mixture:
    """The sources of a split.

    Parameters
    ----------
    shares : mapping of str to float, or None
        Share of each of NAMES, 0 or absent meaning none; they are divided by their sum. None: `default_shares`.
    split : {"train", "valid", "test"}
    font_files : folder, files or None
        See `fonts.find`.
    holdout : bool
        Whether the splits have different font families and different writers. NIST, EMNIST and MNIST always
        follow their own parts.
    data_home : path, optional
        Folder of the data sets.

    Raises
    ------
    ValueError
        For an unknown name or a share that is not a number from 0 on.
    NoFontsError, MissingFileError
        If a source that has a share is not there.
    """
    shares = default_shares(data_home) if shares is None else dict(shares)
    for name, share in shares.items():
        if name not in NAMES:
            raise ValueError(f"there is no source {name!r}; the names are {', '.join(NAMES)}")
        if not (np.isfinite(share) and share >= 0):
            raise ValueError(f"the share of source {name!r} must be a number from 0 on; got {share!r}")
    total = sum(shares.values())
    if not total > 0:
        raise ValueError(f"one source at least needs a share greater than 0; got {shares}")
    wanted = [name for name in NAMES if shares.get(name, 0) > 0]
    built: dict[str, Source] = {}
    if "fonts" in wanted or "captcha" in wanted:
        faces = fonts.load(fonts.find(font_files))
        chosen = held_out(faces.families, split) if holdout else slice(None)
        built["fonts"] = GlyphSource("fonts", faces.images[chosen])
        built["captcha"] = CaptchaSource(GlyphSource("fonts", faces.images[chosen]))
    if "handwriting" in wanted:
        hint = "It holds the pen strokes of Chars74K's EnglishHnd part; put it there, or leave this source out."
        writers = handwriting.load(find(handwriting.FILE, data_home, hint=hint))
        chosen = held_out([str(writer) for writer in range(len(writers))], split) if holdout else slice(None)
        built["handwriting"] = GlyphSource("handwriting", writers[chosen])
    built |= {name: load(split, data_home) for name, load in collections.LOADERS.items() if name in wanted}
    return Mixture(tuple(built[name] for name in wanted), tuple(shares[name] / total for name in wanted))
