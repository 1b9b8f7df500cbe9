"""A contact sheet: the first few images of every class, with the classes' names, in one PNG."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset
from rectinet.datasets.errors import FormatError

if TYPE_CHECKING:
    from PIL.Image import Image

ROWS = 21  # classes in one column of the sheet
GAP_PIXELS, MIN_TILE_PIXELS = 2, 28
LETTER_PIXELS = 7


def write_contact_sheet(data: Dataset, path: Path) -> Path:
    """Write the sheet of the training part to `path`, replacing it only when the new one is complete.

    Raises
    ------
    FormatError
        If the data set holds no images, or Pillow is not installed.
    """
    sheet = contact_sheet(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            sheet.save(file, format="PNG")
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
    return path


def contact_sheet(data: Dataset) -> Image:
    """One row of tiles for each class: 10 of them, or 5 where there are many classes."""
    if data.image_shape is None or not isinstance(data.train.X, np.ndarray):
        raise FormatError(f"{data.name} holds bags of words, not pictures; there is nothing to draw")
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise FormatError("drawing a contact sheet takes Pillow: pip install Pillow") from error

    per_class = 10 if len(data.class_names) <= ROWS else 5
    rows = [np.flatnonzero(data.train.y == label)[:per_class] for label in range(len(data.class_names))]
    X = data.train.X[np.concatenate(rows)]
    low = -1.0 if X.min() < 0 else 0.0
    tiles = iter(((X - low) / (1 - low) * 255).clip(0, 255).astype(np.uint8))

    tile_size = _as_picture(X[0].astype(np.uint8), data.image_shape).shape[1::-1]  # width, height
    scale = max(1, -(-MIN_TILE_PIXELS // tile_size[1]))
    width, height = (scale * pixels + GAP_PIXELS for pixels in tile_size)
    n_columns = -(-len(rows) // ROWS)
    name_width = 6 + LETTER_PIXELS * max(map(len, data.class_names), default=0)
    column_width = name_width + per_class * width
    sheet = Image.new(
        "RGB", (n_columns * column_width + GAP_PIXELS, min(len(rows), ROWS) * height + GAP_PIXELS), "white"
    )
    draw = ImageDraw.Draw(sheet)
    for k, (name, examples) in enumerate(zip(data.class_names, rows, strict=True)):
        left, top = k // ROWS * column_width + GAP_PIXELS, k % ROWS * height + GAP_PIXELS
        draw.text((left + 2, top + height // 2 - 7), name, fill="black")
        for place in range(len(examples)):
            tile = Image.fromarray(_as_picture(next(tiles), data.image_shape))
            tile = tile.resize((width - GAP_PIXELS, height - GAP_PIXELS), Image.Resampling.NEAREST)
            sheet.paste(tile, (left + name_width + place * width, top))
    return sheet


def _as_picture(row: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """(height, width) grey or (height, width, 3) colour; the two views of a stereo pair side by side."""
    if len(shape) == 2:
        return row.reshape(shape)
    planes = row.reshape(shape)
    return planes.transpose(1, 2, 0) if shape[0] == 3 else np.concatenate(list(planes), axis=1)
