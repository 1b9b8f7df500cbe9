"""Small pictures as PNG data URIs, written with the standard library so that the page needs no imaging package.

Strength is opacity and zero is fully transparent, so one picture suits a light and a dark page.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

POSITIVE: Final = (46, 128, 240)  # blue
NEGATIVE: Final = (232, 106, 16)  # orange: told apart from blue with every common colour blindness
INACTIVE: Final = (128, 128, 128, 44)  # grey
FAINTEST: Final = 40  # opacity of the weakest active unit, out of 255: active or not must show, not only how strong


def png(pixels: Pixels) -> bytes:
    """Encode pixels of shape (height, width, 4), RGBA, as a PNG file (ISO/IEC 15948)."""
    height, width, channels = pixels.shape
    if channels != 4 or pixels.dtype != np.uint8:
        raise ValueError(f"pixels must be uint8 of shape (height, width, 4); got {pixels.dtype} {pixels.shape}")
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits a channel, RGBA
    rows = np.zeros((height, 1 + 4 * width), dtype=np.uint8)  # every row begins with its filter type: 0, none
    rows[:, 1:] = pixels.reshape(height, 4 * width)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def data_uri(pixels: Pixels) -> str:
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode("ascii")


def ink(image: NDArray[np.floating]) -> Pixels:
    """A digit of shape (height, width), values in [0, 1], white on black."""
    grey = np.rint(255 * np.clip(image, 0, 1)).astype(np.uint8)
    return np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)


def signed(values: NDArray[np.floating], scale: float) -> Pixels:
    """Values of shape (height, width): blue above 0, orange below, full strength at `scale`, nothing at exactly 0."""
    strength = np.clip(np.abs(values) / max(scale, np.finfo(np.float64).tiny), 0, 1)
    pixels = np.empty((*values.shape, 4), dtype=np.uint8)
    pixels[..., :3] = np.where(values[..., None] < 0, NEGATIVE, POSITIVE)
    pixels[..., 3] = np.where(values == 0, 0, np.rint(FAINTEST + (255 - FAINTEST) * strength))
    return pixels


def unit_grid(code: NDArray[np.floating], places: NDArray[np.intp], scale: float) -> Pixels:
    """The units of one layer for one example: places of shape (height, width) say which unit stands where, or -1."""
    there = places >= 0
    values = np.where(there, code[places], 0.0)
    pixels = signed(values, scale)
    pixels[there & (values == 0)] = INACTIVE
    return pixels
