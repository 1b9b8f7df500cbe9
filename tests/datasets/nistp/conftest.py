"""Characters for the tests: made-up pen strokes and made-up fonts, so that nothing depends on this computer's fonts."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from rectinet.datasets.nistp import NISTP
from rectinet.datasets.nistp.sources import CHARACTERS

N_WRITERS = 10


def strokes_of(k: int, writer: int) -> list[list[list[float]]]:
    """Two strokes that tell class and writer: a zigzag whose turns are the bits of k, and a bar."""
    zigzag = [[20.0 * (k >> bit & 1) + writer, 15.0 * bit] for bit in range(7)]
    return [zigzag, [[0.0, 10.0 + writer], [40.0, 100.0]]]


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder that holds handwriting/strokes.json.gz and nothing else."""
    home = tmp_path_factory.mktemp("data")
    (home / "handwriting").mkdir()
    strokes = {c: [strokes_of(k, writer) for writer in range(N_WRITERS)] for k, c in enumerate(CHARACTERS)}
    (home / "handwriting" / "strokes.json.gz").write_bytes(gzip.compress(json.dumps(strokes).encode()))
    return home


@pytest.fixture
def handwritten(data_home: Path) -> Callable[..., NISTP]:
    """Return NISTP with the made-up handwriting as its only source."""

    def make(**arguments: object) -> NISTP:
        return NISTP(**{"sources": {"handwriting": 1}, "data_home": data_home, **arguments})

    return make


def write_font(
    path: Path, *, characters: str = CHARACTERS, shapes: list[int] | None = None, width: int = 250, family: str = "Made"
) -> Path:
    """A font whose k-th character is a 2 x 3 pattern of blocks, the bits of shapes[k]; 0 draws nothing at all."""
    shapes = list(range(1, len(characters) + 1)) if shapes is None else shapes
    glyphs = {".notdef": _blocks(0b111111, 300)}
    glyphs |= {f"g{k}": _blocks(shape, width) for k, shape in enumerate(shapes)}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(character): f"g{k}" for k, character in enumerate(characters)})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (700, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


def _blocks(shape: int, width: int):
    """Blocks of width x 250 units, and a dot in each of two corners so that every shape has the same extent."""
    pen = TTGlyphPen(None)
    if shape:
        corners = [(0, 0, 20, 20), (2 * width - 20, 730, 2 * width, 750)]
        blocks = [
            (width * (bit % 2), 250 * (bit // 2), width * (bit % 2 + 1), 250 * (bit // 2 + 1))
            for bit in range(6)
            if shape >> bit & 1
        ]
        for left, bottom, right, top in corners + blocks:
            pen.moveTo((left, bottom))
            for point in ((left, top), (right, top), (right, bottom)):
                pen.lineTo(point)
            pen.closePath()
    return pen.glyph()


@pytest.fixture(scope="session")
def font_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three families, one of them in two files."""
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "deeper").mkdir()
    for name, family, width in (
        ("a.ttf", "First", 200),
        ("b.ttf", "Second", 240),
        ("deeper/c.ttf", "Third", 280),
        ("deeper/d.ttf", "Third", 300),
    ):
        write_font(folder / name, family=family, width=width)
    return folder


@pytest.fixture
def clean() -> np.ndarray:
    """Return six soft-edged characters, (6, 32, 32) in [0, 1]."""
    rows, columns = np.mgrid[:32, :32].astype(np.float32)
    rings = [np.clip(2 - np.abs(np.hypot(rows - 15.5, columns - 15.5) - radius), 0, 1) for radius in (4, 7, 10)]
    bars = [np.clip(3 - np.abs(columns - 15 - slope * (rows - 16)), 0, 1) for slope in (-0.3, 0, 0.5)]
    return np.stack(rings + bars).astype(np.float32)


class FixedSupply:
    """Occluders all white, backgrounds a ramp from 0 to 1."""

    def characters(self, u: np.ndarray) -> np.ndarray:
        return np.ones((len(u), 32, 32), np.float32)

    def backgrounds(self, u: np.ndarray) -> np.ndarray:
        return np.tile(np.linspace(0, 1, 32, dtype=np.float32), (len(u), 32, 1))


@pytest.fixture
def supply() -> FixedSupply:
    """Return material that is easy to recognise."""
    return FixedSupply()
