"""Characters from pen strokes: 62 classes by 55 writers, the EnglishHnd part of Chars74K (de Campos et al. 2009)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._files import opened
from rectinet.datasets.errors import BadRecordError
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
        JSON, plain or compressed: an object with one entry for each of the 62 characters, a list over writers of lists
        of strokes, a stroke being a list of [x, y] in any unit, y downwards.

    Returns
    -------
    ndarray of shape (n_writers, 62, 32, 32), uint8
        Each writer at one scale, so that c and C keep their relation.

    Raises
    ------
    BadRecordError
        If the content is not of that form.
    CorruptGzipError, MissingFileError, UnreadableFileError
        As `rectinet.datasets._files.opened`.
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
    with opened(path) as file:
        try:
            content = json.load(file)
        except ValueError as error:
            raise BadRecordError(f"{path}: is not JSON ({error}); fetch or copy it again") from error
    if not isinstance(content, dict) or (lacking := [c for c in CHARACTERS if not isinstance(content.get(c), list)]):
        found = f"lacks {''.join(lacking)}" if isinstance(content, dict) else f"holds a {type(content).__name__}"
        raise BadRecordError(f"{path}: must be an object with a list of writers for each of 62 characters; it {found}")
    strokes: list[list[Strokes]] = [content[character] for character in CHARACTERS]
    numbers = {len(writers) for writers in strokes}
    if len(numbers) != 1 or 0 in numbers:
        raise BadRecordError(f"{path}: every character needs the same number of writers, 1 or more; found {numbers}")
    for character, writers in zip(CHARACTERS, strokes, strict=True):
        for writer, drawing in enumerate(writers):
            if not _is_drawing(drawing):
                raise BadRecordError(
                    f"{path}: {character!r} of writer {writer} is not a list of strokes, each a list of points [x, y]"
                )
    return strokes


def _is_drawing(drawing: object) -> bool:
    """Whether this is one stroke or more, each of one finite point or more."""
    if not isinstance(drawing, list) or not drawing:
        return False
    try:
        strokes = [np.asarray(stroke, np.float64) for stroke in drawing]
    except (TypeError, ValueError):
        return False
    return all(s.ndim == 2 and s.shape[1] == 2 and len(s) > 0 and bool(np.isfinite(s).all()) for s in strokes)


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
