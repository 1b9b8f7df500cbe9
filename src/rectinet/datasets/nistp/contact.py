"""Contact sheets: what the set looks like, and what each deformation does at growing complexity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp._stream import uniforms
from rectinet.datasets.nistp.generator import NISTP
from rectinet.datasets.nistp.modules import apply_modules
from rectinet.datasets.nistp.sources._pillow import Image, ImageDraw

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

COMPLEXITIES = (0.1, 0.3, 0.5, 0.7)
_GAP, _MARGIN, _LEGEND = 2, 20, 120  # pixels
_PAPER = 96  # grey level between the images


def sample_sheet(dataset: NISTP, rows: int = 12, columns: int = 24, start: int = 0) -> Picture:
    """Items start, ..., start + rows * columns - 1 row by row, as a grey picture."""
    images, _ = dataset.images(start, rows * columns)
    return Image.fromarray(_tiled(images.reshape(rows, columns, SIDE, SIDE)))


def module_sheet(dataset: NISTP, n: int = 6) -> Picture:
    """One row for each module of the set: n characters at each of COMPLEXITIES, the module alone and never skipped."""
    clean = dataset.characters(0, n)
    rows = []
    for module in dataset.modules:
        u = uniforms(dataset.seed, dataset.split, f"sheet/{module.name}", 0, n, module.uniforms)
        if hasattr(module, "probability"):
            u[:, 0] = 0  # less than any probability
        drawn = [module.draw(np.full(n, c, np.float32), u, dataset.supply) for c in COMPLEXITIES]
        rows.append(np.concatenate([apply_modules([one], clean) for one in drawn]))
    tiles = _tiled(np.rint(255 * np.stack([np.concatenate([clean] * len(COMPLEXITIES)), *rows])).astype(np.uint8))
    sheet = np.full((tiles.shape[0] + _MARGIN, tiles.shape[1] + _LEGEND), _PAPER, np.uint8)
    sheet[_MARGIN:, _LEGEND:] = tiles
    picture = Image.fromarray(sheet)
    draw = ImageDraw.Draw(picture)
    for k, c in enumerate(COMPLEXITIES):
        draw.text((_LEGEND + k * n * (SIDE + _GAP), 4), f"complexity {c}", fill=255)
    for k, name in enumerate(["as drawn", *(module.name for module in dataset.modules)]):
        draw.text((4, _MARGIN + k * (SIDE + _GAP) + SIDE // 3), name, fill=255)
    return picture


def _tiled(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (rows, columns, SIDE, SIDE) side by side with gaps."""
    rows, columns = images.shape[:2]
    cells = np.full((rows, columns, SIDE + _GAP, SIDE + _GAP), _PAPER, np.uint8)
    cells[:, :, :SIDE, :SIDE] = images
    return cells.transpose(0, 2, 1, 3).reshape(rows * (SIDE + _GAP), columns * (SIDE + _GAP))
