"""The modules of NISTP, each alone: slant, thickness, affine, elastic, pinch."""

import numpy as np
import pytest
from scipy import ndimage, signal

from rectinet.datasets.nistp._sampling import COLUMNS, ROWS
from rectinet.datasets.nistp.modules import Affine, Elastic, Pinch, Slant, Thickness, apply_modules
from rectinet.datasets.nistp.modules.thickness import ELEMENTS


def full(n, value):
    return np.full(n, value, np.float32)


def test_slant_shifts_a_row_by_shear_times_its_height_and_recentres():
    image = np.zeros((1, 32, 32), np.float32)
    image[0, :, 16] = 1
    out = Slant(shear=np.float32([0.5])).apply(image)
    assert out[0].argmax(axis=1).tolist() == [16 + round(0.5 * row) - 8 for row in range(32)]


def test_slant_is_cyclic_so_no_ink_is_lost(clean):
    out = Slant(shear=np.linspace(-1, 1, len(clean), dtype=np.float32)).apply(clean)
    assert np.array_equal(np.sort(out, axis=2), np.sort(clean, axis=2))


def test_slant_angles_reach_the_complexity_with_either_sign(supply):
    u = np.float32([[0, 0], [0.5, 0], [1, 0.49], [1, 0.5]])
    assert Slant.draw(full(4, 0.6), u, supply).shear == pytest.approx([0, -0.3, -0.6, 0.6])


def test_thickness_equals_grey_morphology_with_the_maximum_restored():
    rng = np.random.default_rng(0)
    images = rng.random((24, 32, 32), np.float32)
    element, operation = np.tile(np.arange(12), 2), np.repeat([-1, 1], 12)
    out = Thickness(element, operation).apply(images)
    for i in range(24):
        morph = ndimage.grey_erosion if operation[i] < 0 else ndimage.grey_dilation
        expected = morph(images[i], footprint=ELEMENTS[element[i]])
        expected = (expected - expected.min()) / (expected.max() - expected.min()) * images[i].max()
        assert np.abs(out[i] - expected).max() < 1e-6


def test_thickness_thins_and_thickens_a_bar():
    image = np.zeros((2, 32, 32), np.float32)
    image[:, 8:24, 14:18] = 1
    out = Thickness(np.array([6, 6]), np.array([-1, 1])).apply(image)
    assert out[0].sum() == 14 * 2
    assert out[1].sum() == 18 * 6


def test_erosion_never_makes_an_image_vanish():
    image = np.zeros((1, 32, 32), np.float32)
    image[0, 10:20, 16] = 0.8
    assert np.array_equal(Thickness(np.array([6]), np.array([-1])).apply(image), image)


def test_thickness_probabilities_follow_the_numbers_of_elements(supply):
    """c = 0.7: e = 4 erosions and d = 7 dilations, so 4/12, 7/12 and 1/12."""
    u = np.stack([(np.arange(1200) + 0.5) / 1200, np.tile((np.arange(12) + 0.5) / 12, 100)], axis=1).astype(np.float32)
    drawn = Thickness.draw(full(1200, 0.7), u, supply)
    assert [(drawn.operation == operation).sum() for operation in (-1, 1, 0)] == [400, 700, 100]
    assert set(drawn.element[drawn.operation < 0]) == set(range(4))
    assert set(drawn.element[drawn.operation > 0]) == set(range(7))


def test_there_are_twelve_elements_from_small_to_large_for_erosion():
    assert [int(element.sum()) for element in ELEMENTS] == [2, 2, 4, 5, 6, 6, 9, 12, 12, 13, 8, 8]


def test_affine_reads_where_the_coefficients_say():
    image = np.zeros((2, 32, 32), np.float32)
    image[:, 10, 20] = 1
    coefficients = np.float32([[1, 0, 3, 0, 1, -2], [0, 1, 0, 1, 0, 0]])
    out = apply_modules([Affine(coefficients)], image)
    assert np.argwhere(out[0]).tolist() == [[12, 17]]  # x -> x + 3 moves the ink 3 to the left
    assert np.argwhere(out[1]).tolist() == [[20, 10]]


def test_affine_ranges(supply):
    u = np.stack([np.zeros(6), np.ones(6)]).astype(np.float32)
    low, high = Affine.draw(full(2, 0.5), u, supply).coefficients
    assert low == pytest.approx([0.8, -0.2, -2.25, -0.2, 0.8, -2.25])
    assert high == pytest.approx([1.2, 0.2, 2.25, 0.2, 1.2, 2.25])


def test_elastic_fields_are_smoothed_noise(supply):
    """Against a plain two-dimensional convolution with the kernel of the docstring."""
    c = np.float32([0.05, 0.3, 0.7, 1.0])
    u = np.random.default_rng(0).random((4, Elastic.uniforms), np.float32)
    drawn = Elastic.draw(c, u, supply)
    for i in range(4):
        alpha, sigma = 10 * np.cbrt(c[i]), 10 - 7 * np.cbrt(c[i])
        place = np.arange(np.ceil(np.float32(1.5) * np.float32(sigma)))
        taps = np.exp(-(((place - place.mean()) / sigma) ** 2))
        kernel = np.outer(taps, taps) / np.outer(taps, taps).sum()
        noise = 2 * u[i].reshape(2, 48, 48) - 1
        for field, part in ((drawn.down[i], noise[0]), (drawn.right[i], noise[1])):
            expected = alpha * signal.correlate2d(part, kernel, mode="valid")[:34, :34]
            assert np.abs(field - expected).max() < 1e-4


def test_elastic_displacement_grows_with_complexity_and_stays_within_pixels(supply):
    u = np.random.default_rng(1).random((100, Elastic.uniforms), np.float32)
    size = [np.abs(Elastic.draw(full(100, c), u, supply).down).mean() for c in (0, 0.1, 0.4, 0.7)]
    assert size[0] == 0
    assert size[0] < size[1] < size[2] < size[3] < 2


def test_pinch_reads_at_the_distance_of_the_formula():
    rows, columns = Pinch(np.float32([0.4, -0.6])).pull(*(np.tile(x, (2, 1, 1)) for x in (ROWS, COLUMNS)))
    for i, pinch in enumerate((0.4, -0.6)):
        for row, column in ((15, 15), (4, 20), (16, 31), (12, 9)):
            d1 = np.hypot(row - 15.5, column - 15.5)
            d2 = np.sin(np.pi * d1 / 32) ** -pinch * d1
            assert rows[i, row, column] - 15.5 == pytest.approx((row - 15.5) * d2 / d1, abs=1e-4)
            assert columns[i, row, column] - 15.5 == pytest.approx((column - 15.5) * d2 / d1, abs=1e-4)


def test_pinch_leaves_what_is_outside_its_circle():
    rows, columns = Pinch(np.float32([0.49])).pull(ROWS[None], COLUMNS[None])
    outside = np.hypot(ROWS - 15.5, COLUMNS - 15.5) >= 16
    assert outside.sum() > 100
    assert np.abs(rows[0] - ROWS)[outside].max() < 1e-5
    assert np.abs(columns[0] - COLUMNS)[outside].max() < 1e-5


def test_pinch_range(supply):
    assert Pinch.draw(full(2, 0.5), np.float32([[0], [1]]), supply).pinch == pytest.approx([-0.5, 0.35])
