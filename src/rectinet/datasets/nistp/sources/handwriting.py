"""Characters from pen strokes: 62 classes by 55 writers, the EnglishHnd part of Chars74K (de Campos et al. 2009)."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp.sources._glyphs import CHARACTERS, N_CLASSES, Images, fitted
from rectinet.datasets.nistp.sources._pillow import Image, ImageDraw

FILE = "handwriting/strokes.json"  # plain or compressed
_FINE = 4  # drawn this many times larger, then averaged down
_PEN = (1.8, 2.6, 3.4)  # pixels; a writer has one of them

Strokes = list[list[list[float]]]


@lru_cache(maxsize=2)
def load(path: Path) -> Images:
    """Draw the strokes of all writers.

    Parameters
    ----------
    path : Path
        Gzipped JSON: an object with one entry for each of the 62 characters, a list over writers of lists of strokes,
        a stroke being a list of [x, y] in any unit, y downwards.

    Returns
    -------
    ndarray of shape (n_writers, 62, 32, 32), uint8
        Each writer at one scale, so that c and C keep their relation.

    Raises
    ------
    ValueError
        If the file is not of that form; the message names the file.
    """
    strokes = _read(path)
    n_writers = len(strokes[0])
    images = np.zeros((n_writers, N_CLASSES, SIDE, SIDE), np.uint8)
    for writer in range(n_writers):
        points = [np.array([point for stroke in strokes[k][writer] for point in stroke]) for k in range(N_CLASSES)]
        low = np.array([p.min(axis=0) for p in points])
        high = np.array([p.max(axis=0) for p in points])
        pen = _PEN[writer % len(_PEN)]
        # Ink is wider than its strokes by the pen; a dot has no extent at all, hence the floor.
        scales = fitted(np.maximum((high - low)[:, ::-1], 1e-3 * (high - low).max())) * (1 - pen / SIDE)
        for k in range(N_CLASSES):
            images[writer, k] = _draw(strokes[k][writer], (low[k] + high[k]) / 2, scales[k], pen)
    return images


def _read(path: Path) -> list[list[Strokes]]:
    """Strokes by class and writer, checked."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            content = json.load(file)
        strokes: list[list[Strokes]] = [content[character] for character in CHARACTERS]
        numbers: list[NDArray[np.float64]] = [
            np.array([point for stroke in writer for point in stroke], np.float64)
            for character in strokes
            for writer in character
        ]
    except (ValueError, TypeError, KeyError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is not a file of pen strokes: {type(error).__name__}: {error}") from error
    if len({len(character) for character in strokes}) != 1 or not numbers:
        raise ValueError(f"{path}: the 62 characters do not have the same number of writers")
    if any(p.ndim != 2 or p.shape[1] != 2 or not np.isfinite(p).all() for p in numbers):
        raise ValueError(f"{path}: a character without a stroke, or a point that is not [x, y]")
    return strokes


def _draw(strokes: Strokes, centre: NDArray[np.float64], scale: float, pen: float) -> Images:
    """One character, (32, 32)."""
    image = Image.new("L", (SIDE * _FINE, SIDE * _FINE))
    draw = ImageDraw.Draw(image)
    radius = pen * _FINE / 2
    for stroke in strokes:
        points = ((np.array(stroke) - centre) * scale + SIDE / 2) * _FINE
        draw.line([tuple(point) for point in points.tolist()], fill=255, width=round(2 * radius), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image.reduce(_FINE))
