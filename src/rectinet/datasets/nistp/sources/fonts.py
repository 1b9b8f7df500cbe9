"""Characters drawn in the fonts of this computer or of a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from rectinet.datasets._files import is_hidden
from rectinet.datasets.errors import MissingFileError
from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp.sources._glyphs import CHARACTERS, N_CLASSES, Images, fitted
from rectinet.datasets.nistp.sources._pillow import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SUFFIXES = (".ttf", ".otf", ".ttc")
MOST_ALIKE = 8  # characters of a face that may look exactly like another one (I and l, say)
LEAST_RECOGNISED = 1 / 3  # share of a face's characters that must look most like the average of their own class
_FACES_TO_JUDGE = 20  # fewer faces than this give no average to compare with
_BOX = 12  # pixels a side, to compare characters
_EM = 48  # pixels: size at which a face is drawn, before it is fitted
_MISSING = "\U0010ffff"  # no font has it: what is drawn is the face's sign for a missing character

_ADVICE = (
    "Install some (on Debian or Ubuntu: apt-get install fontconfig fonts-dejavu fonts-liberation2 fonts-urw-base35 "
    "fonts-freefont-ttf fonts-dkg-handwriting fonts-aenigma), or give a folder of .ttf or .otf files: "
    "NISTP(fonts='FOLDER')."
)


Fonts = str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | None


class NoFontsError(MissingFileError):
    """No usable font was found."""


@dataclass(frozen=True)
class Faces:
    """Faces that can be used, and why others cannot.

    Attributes
    ----------
    files, families : tuple of str
        File name and family of each face.
    images : ndarray of shape (n_faces, 62, 32, 32), uint8
    left_out : dict of str to str
        File name of each face left out, and the reason.
    """

    files: tuple[str, ...]
    families: tuple[str, ...]
    images: Images
    left_out: dict[str, str]


def find(fonts: Fonts = None) -> tuple[Path, ...]:
    """Font files: those fontconfig knows (None), those in a folder and below it, or the given files.

    Returns
    -------
    tuple of Path, sorted by file name

    Raises
    ------
    NoFontsError
        If there are none.
    """
    if fonts is None:
        if shutil.which("fc-list") is None:
            raise NoFontsError(f"fontconfig's fc-list, which lists the system's fonts, is not installed. {_ADVICE}")
        listed = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=True)
        paths: Iterable[Path] = {Path(line) for line in listed.stdout.splitlines()}
        where = "among those that fc-list names"
    elif isinstance(fonts, str | os.PathLike):
        paths = (path for path in Path(fonts).rglob("*") if not is_hidden(path))
        where = f"in {os.fspath(fonts)!r}"
    else:
        paths = [Path(file) for file in fonts]
        where = "among the files given"
    found = sorted((path for path in paths if path.suffix.lower() in SUFFIXES), key=lambda path: (path.name, path))
    if not found:
        raise NoFontsError(f"no font file ({', '.join(SUFFIXES)}) {where}. {_ADVICE}")
    return tuple(found)


@lru_cache(maxsize=4)
def load(files: tuple[Path, ...]) -> Faces:
    """Draw all characters of all faces, and leave out the unusable ones.

    Left out are files Pillow cannot read, faces without ink or with the sign for a missing character for one of the 62,
    faces in which more than MOST_ALIKE characters look like another, and, where there are enough faces for an average,
    those that resemble the alphabet too little (picture fonts, ornaments): fewer than LEAST_RECOGNISED of their
    characters are nearest to the average image of their own class, upper and lower case counting as one.

    Raises
    ------
    NoFontsError
        If no face is left.
    """
    left_out: dict[str, str] = {}
    drawn: list[tuple[str, str, Images]] = []
    for path in files:
        try:
            family, images = _draw(path)
        except (OSError, ValueError) as error:
            left_out[path.name] = str(error)
            continue
        alike = N_CLASSES - len({image.tobytes() for image in images})
        if alike > MOST_ALIKE:
            left_out[path.name] = f"{alike} of its {N_CLASSES} characters look like another one"
        else:
            drawn.append((path.name, family, images))
    if drawn and len(drawn) >= _FACES_TO_JUDGE:
        recognised = _recognised(np.stack([images for _, _, images in drawn]))
        alphabets = []
        for face, share in zip(drawn, recognised, strict=True):
            if share < LEAST_RECOGNISED:
                left_out[face[0]] = f"only {share:.0%} of its characters resemble their class"
            else:
                alphabets.append(face)
        drawn = alphabets
    if not drawn:
        first = next(iter(left_out.items()))
        raise NoFontsError(f"none of {len(files)} fonts can be used ({first[0]}: {first[1]}). {_ADVICE}")
    return Faces(
        files=tuple(name for name, _, _ in drawn),
        families=tuple(family for _, family, _ in drawn),
        images=np.stack([images for _, _, images in drawn]),
        left_out=left_out,
    )


def _draw(path: Path) -> tuple[str, Images]:
    """Family and images (62, 32, 32) of one face; ValueError if it lacks a character."""
    font = ImageFont.truetype(path, _EM, layout_engine=ImageFont.Layout.BASIC)
    missing = _ink(font, _MISSING)
    inks = [_ink(font, character) for character in CHARACTERS]
    for character, ink in zip(CHARACTERS, inks, strict=True):
        if ink is None:
            raise ValueError(f"draws nothing for {character!r}")
        if ink == missing:
            raise ValueError(f"has no {character!r}")
    drawn = [ink for ink in inks if ink is not None]
    images = np.empty((N_CLASSES, SIDE, SIDE), np.uint8)
    for k, scale in enumerate(fitted(np.array([(ink.height, ink.width) for ink in drawn], np.float64))):
        height, width = (max(round(scale * side), 1) for side in (drawn[k].height, drawn[k].width))
        small = drawn[k].resize((width, height), Image.Resampling.BILINEAR)  # averages over the pixels that it merges
        image = Image.new("L", (SIDE, SIDE))
        image.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
        images[k] = np.asarray(image)
    return str(font.getname()[0]), images


def _ink(font: ImageFont.FreeTypeFont, character: str) -> Picture | None:
    """The character at _EM pixels an em without any margin, or None if it draws nothing."""
    image = Image.new("L", (4 * _EM, 4 * _EM))  # room for swashes that leave the em square on any side
    ImageDraw.Draw(image).text((3 * _EM // 2, 5 * _EM // 2), character, fill=255, font=font, anchor="ls")
    box = image.getbbox()
    return image.crop(box) if box else None


def _recognised(images: Images) -> NDArray[np.float64]:
    """Share of each face's characters nearest to their class's average over all faces, (n_faces,).

    Characters are compared with their ink stretched to one box and softened, so that wide, narrow, slanted and bold
    faces are judged by their shapes.
    """
    n = len(images)
    boxes = np.zeros((n, N_CLASSES, _BOX, _BOX), np.float32)
    for face, k in np.ndindex(n, N_CLASSES):
        image = Image.fromarray(images[face, k])
        boxes[face, k] = np.asarray(image.resize((_BOX, _BOX), Image.Resampling.BILINEAR, box=image.getbbox()))
    flat = ndimage.gaussian_filter(boxes, sigma=(0, 0, 1, 1)).reshape(n, N_CLASSES, -1)
    flat -= flat.mean(axis=2, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=2, keepdims=True), 1e-6)
    average = flat.mean(axis=0)
    average /= np.linalg.norm(average, axis=1, keepdims=True)
    nearest = (flat @ average.T).argmax(axis=2)  # (n_faces, 62)
    caseless = np.array([CHARACTERS.index(character.upper()) for character in CHARACTERS])
    return np.asarray((caseless[nearest] == caseless).mean(axis=1))
