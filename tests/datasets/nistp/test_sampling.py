"""Bilinear reading, and maps composed before it."""

from dataclasses import dataclass

import numpy as np
import pytest

from rectinet.datasets.nistp._sampling import COLUMNS, ROWS, Bilinear, padded
from rectinet.datasets.nistp.modules import Affine, Contrast, Elastic, apply_modules


@dataclass(frozen=True)
class Shift:
    """Everything moves down and right by whole or broken pixels."""

    down: float
    right: float

    def pull(self, rows, columns):
        return rows - np.float32(self.down), columns - np.float32(self.right)


@dataclass(frozen=True)
class Transposition:
    """Rows become columns."""

    def pull(self, rows, columns):
        return columns, rows


def read(image, rows, columns):
    """One value by the definition: four neighbours, zero outside."""
    total = 0.0
    for r in (int(np.floor(rows)), int(np.floor(rows)) + 1):
        for c in (int(np.floor(columns)), int(np.floor(columns)) + 1):
            if 0 <= r < 32 and 0 <= c < 32:
                total += (1 - abs(rows - r)) * (1 - abs(columns - c)) * image[r, c]
    return total


def test_reading_agrees_with_the_definition_inside_and_outside():
    rng = np.random.default_rng(0)
    images = rng.random((3, 32, 32), np.float32)
    rows, columns = rng.uniform(-3, 35, (2, 3, 32, 32)).astype(np.float32)
    expected = [
        [[read(images[i], rows[i, r, c], columns[i, r, c]) for c in range(32)] for r in range(32)] for i in range(3)
    ]
    assert np.abs(Bilinear(rows, columns).read(padded(images)) - expected).max() < 1e-5


def test_pixel_centres_come_back_exactly(clean):
    rows, columns = np.broadcast_to(ROWS, clean.shape), np.broadcast_to(COLUMNS, clean.shape)
    assert np.array_equal(Bilinear(rows, columns).read(padded(clean)), clean)


def test_no_module_changes_nothing(clean):
    assert apply_modules([], clean) is clean


def test_whole_pixel_maps_composed_equal_maps_applied_one_by_one(clean):
    maps = [Shift(3, -2), Transposition(), Shift(0, 5)]
    one_by_one = clean
    for single in maps:
        one_by_one = apply_modules([single], one_by_one)
    assert np.array_equal(apply_modules(maps, clean), one_by_one)


def test_composed_maps_are_interpolated_once(clean):
    """Two half-pixel shifts are one whole shift, without the blur that reading twice would add."""
    shifted = apply_modules([Shift(0.5, 0), Shift(0.5, 0)], clean)
    assert np.abs(shifted - apply_modules([Shift(1, 0)], clean)).max() < 1e-6


def test_a_pixel_operation_between_two_maps_sees_the_first_one_done(clean):
    n = len(clean)
    invert = Contrast(contrast=np.ones(n, np.float32), inverted=np.ones(n, bool))
    out = apply_modules([Shift(4, 0), invert, Shift(4, 0)], clean)
    # The first shift brings black rows in, which become white; the second brings in rows that stay black.
    assert np.array_equal(out[:, :4], np.zeros((n, 4, 32)))
    assert np.array_equal(out[:, 4:8], np.ones((n, 4, 32)))
    assert np.array_equal(out[:, 8:], 1 - clean[:, :24])


@pytest.mark.parametrize("order", [1, -1])
def test_the_last_module_acts_on_the_result_of_the_first(clean, order):
    """A shift, then an enlargement about the corner, moves by enlarged pixels; the other way round it does not."""
    double = Affine(np.tile(np.float32([0.5, 0, 0, 0, 0.5, 0]), (1, 1)))
    image = np.zeros((1, 32, 32), np.float32)
    image[0, 2:4, 2:4] = 1
    out = apply_modules([Shift(2, 2), double][::order], image)
    centre = (out[0] * ROWS).sum() / out[0].sum() + 0.5
    assert centre == pytest.approx(2 * (3 + 2) if order == 1 else 2 * 3 + 2, abs=0.05)


def test_an_elastic_field_is_read_where_the_later_map_looks():
    """Composition reads the field between its pixels, as reading an elastically deformed image would."""
    field = np.tile(np.arange(34, dtype=np.float32), (1, 34, 1)) * np.float32(0.1)
    elastic = Elastic(down=np.zeros((1, 34, 34), np.float32), right=field)
    shift = Shift(0, 0.5)
    rows, columns = elastic.pull(*shift.pull(ROWS[None], COLUMNS[None]))
    expected = COLUMNS - 0.5 + 0.1 * (COLUMNS - 0.5 + 1)
    assert np.abs(columns - expected)[0].max() < 1e-5
    assert np.array_equal(rows[0], ROWS)
