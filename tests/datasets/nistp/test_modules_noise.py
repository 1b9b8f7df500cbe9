"""The modules that P07 adds, each alone."""

import numpy as np
import pytest

from rectinet.datasets.nistp.modules import (
    Background,
    Contrast,
    GaussianNoise,
    MotionBlur,
    Occlusion,
    PixelPermutation,
    SaltAndPepper,
    Scratches,
    SpatialSmoothing,
)
from rectinet.datasets.nistp.modules.smoothing import MOST_CENTRES


def full(n, value):
    return np.full(n, value, np.float32)


def impulse(row, column):
    image = np.zeros((1, 32, 32), np.float32)
    image[0, row, column] = 1
    return image


def test_motion_blur_is_the_mean_along_a_line():
    right = MotionBlur(length=np.array([2]), angle=np.float32([0])).apply(impulse(10, 20))
    assert np.argwhere(right[0]).tolist() == [[10, 18], [10, 19], [10, 20]]
    assert right.max() == pytest.approx(1 / 3)
    down = MotionBlur(length=np.array([3]), angle=np.float32([np.pi / 2])).apply(impulse(10, 20))
    assert np.argwhere(down[0]).tolist() == [[row, 20] for row in (7, 8, 9, 10)]


def test_motion_blur_leaves_out_what_is_beyond_the_edge():
    even = np.full((1, 32, 32), 0.5, np.float32)
    assert np.array_equal(MotionBlur(length=np.array([6]), angle=np.float32([0.7])).apply(even), even)


def test_motion_blur_of_length_zero_changes_nothing(clean):
    n = len(clean)
    assert np.array_equal(MotionBlur(np.zeros(n, int), full(n, 1)).apply(clean), clean)


def test_motion_blur_lengths_are_rounded_normal(supply):
    """Quantiles of N(0, 2.1^2): 2.10 at 84 %, -3.45 at 5 %, and no infinity at 0."""
    u = np.float32([[0.5, 0], [0.8413447, 0.5], [0.05, 0], [0, 0]])
    drawn = MotionBlur.draw(full(4, 0.7), u, supply)
    assert drawn.length.tolist()[:3] == [0, 2, 3]
    assert 0 < drawn.length[3] < 20
    assert drawn.angle[1] == pytest.approx(np.pi)


def test_scratches_come_by_chance_and_number(supply):
    u = np.full((6, Scratches.uniforms), 0.5, np.float32)
    u[:, 0] = [0.14, 0.14, 0.14, 0.16, 0.0, 0.0]
    u[:, 1] = [0.4, 0.7, 0.9, 0.9, 0.9, 0.9]
    assert Scratches.draw(np.float32([0.5, 0.5, 0.5, 0.5, 0, 0.5]), u, supply).count.tolist() == [1, 2, 3, 0, 0, 3]


def test_a_scratch_is_a_line_of_its_width_and_length():
    three = np.zeros((1, 3), np.float32)
    scratch = Scratches(np.array([1]), three + 16, three + 16, three, three + 12, three + 1)
    out = scratch.apply(np.zeros((1, 32, 32), np.float32))
    assert out[0, 16].tolist() == [0] * 15 + [0.5, 1, 0.5] + [0] * 14
    assert np.flatnonzero(out[0, :, 16] == 1).tolist() == list(range(4, 29))


def test_scratches_never_darken(clean, supply):
    u = np.random.default_rng(0).random((len(clean), Scratches.uniforms), np.float32)
    u[:, 0] = 0
    out = Scratches.draw(full(len(clean), 0.7), u, supply).apply(clean)
    assert (out >= clean).all()
    assert (out > clean).any(axis=(1, 2)).sum() >= 4


def occlusion(place, reach=(1, 2, 3, 4), from_edge=2, from_middle=3, applied=True):
    return Occlusion(
        applied=np.array([applied]),
        reach=np.array([reach]),
        place=np.array([place]),
        from_edge=np.array([from_edge]),
        from_middle=np.array([from_middle]),
        occluder=np.ones((1, 32, 32), np.float32),
    )


@pytest.mark.parametrize(
    ("place", "rows", "columns", "brightness"),
    [(-1, (18, 22), (2, 10), 1), (1, (18, 22), (22, 30), 1), (0, (15, 19), (13, 21), 0.5)],
)
def test_an_occluding_piece_lands_where_it_should(place, rows, columns, brightness):
    out = occlusion(place).apply(np.zeros((1, 32, 32), np.float32))
    expected = np.zeros((32, 32))
    expected[rows[0] : rows[1], columns[0] : columns[1]] = brightness
    assert np.array_equal(out[0], expected)


def test_an_occluding_piece_stays_inside_the_image():
    for far in (-40, 40):
        out = occlusion(1, reach=(15, 15, 15, 15), from_edge=30, from_middle=far).apply(
            np.zeros((1, 32, 32), np.float32)
        )
        assert out.sum() == 31 * 31


def test_occlusion_keeps_the_lighter_pixel_and_is_skipped_when_not_drawn(clean):
    assert np.array_equal(occlusion(0, applied=False).apply(clean[:1]), clean[:1])
    assert (occlusion(0).apply(clean[:1]) >= clean[:1]).all()


def test_occlusion_parameters(supply):
    u = np.full((4, Occlusion.uniforms), 0.5, np.float32)
    u[:, 0] = [0.39, 0.41, 0.0, 0.0]
    u[:, 7] = [0.0, 0.5, 0.99, 0.99]
    drawn = Occlusion.draw(np.float32([0.7, 0.7, 0, 0.3]), u, supply)
    assert drawn.applied.tolist() == [True, False, False, True]
    assert drawn.place.tolist() == [-1, 0, 1, 1]
    assert drawn.reach[:, 0].tolist() == [5, 5, 0, 2]  # floor(8 c), the normal number being at its middle
    assert drawn.from_edge.tolist() == drawn.from_middle.tolist() == [0] * 4


def test_permutation_exchanges_a_pixel_with_its_neighbours_in_turn():
    image = np.arange(1024, dtype=np.float32).reshape(1, 32, 32)
    pixels = np.array([[100, 200, 300, 400, 0]])
    out = PixelPermutation(np.pad(pixels, ((0, 0), (0, 1019))), np.array([4])).apply(image).ravel()
    assert [out[99], out[100], out[200], out[201]] == [100, 99, 201, 200]
    assert [out[300], out[268], out[400], out[432]] == [268, 300, 432, 400]
    assert (out != image.ravel()).sum() == 8


def test_permutation_is_one_after_the_other():
    image = np.arange(1024, dtype=np.float32).reshape(1, 32, 32)
    pixels = np.zeros((1, 1024), int)
    pixels[0, :2] = [10, 9]  # 9 and 10 change places, then the new pixel 9 goes right again
    out = PixelPermutation(pixels, np.array([2])).apply(image)
    assert np.array_equal(out, image)


def test_permutation_keeps_every_grey_level_and_the_corners_safe(clean, supply):
    u = np.random.default_rng(0).random((len(clean), PixelPermutation.uniforms), np.float32)
    u[:, 0] = 0
    drawn = PixelPermutation.draw(full(len(clean), 0.7), u, supply)
    assert drawn.count.tolist() == [4 * 59] * len(clean)
    assert all(len(set(row[:count])) == count for row, count in zip(drawn.pixels, drawn.count, strict=True))
    out = drawn.apply(clean)
    assert np.array_equal(np.sort(out.reshape(-1, 1024)), np.sort(clean.reshape(-1, 1024)))
    assert (out != clean).any()


def test_gaussian_noise_has_its_deviation_and_is_clipped(supply):
    u = np.random.default_rng(0).random((50, GaussianNoise.uniforms), np.float32)
    u[:, 0] = np.where(np.arange(50) < 25, 0.29, 0.31)
    drawn = GaussianNoise.draw(full(50, 0.7), u, supply)
    grey = np.full((50, 32, 32), 0.5, np.float32)
    noise = drawn.apply(grey) - grey
    assert noise[:25].std() == pytest.approx(0.07, rel=0.02)
    assert abs(noise[:25].mean()) < 0.002
    assert not noise[25:].any()
    black = drawn.apply(np.zeros_like(grey))
    assert black.min() == 0


def test_a_background_is_darker_than_the_character_by_the_contrast(supply):
    images = np.zeros((3, 32, 32), np.float32)
    images[:, 8:24, 8:24] = 0.9
    drawn = Background.draw(full(3, 0.6), np.float32([[0], [0.5], [1]]) * np.ones((3, 1025), np.float32), supply)
    assert drawn.contrast == pytest.approx([1, 0.7, 0.4])
    out = drawn.apply(images)
    assert np.array_equal(out[0], images[0])
    assert out[1, :, 31] == pytest.approx(0.2)
    assert out[2, :, 31] == pytest.approx(0.5)
    assert np.array_equal(out[:, 8:24, 8:24], images[:, 8:24, 8:24])


def test_salt_and_pepper_replaces_exactly_its_share(supply):
    u = np.random.default_rng(0).random((4, SaltAndPepper.uniforms), np.float32)
    u[:, 0] = [0.24, 0.24, 0.24, 0.26]
    drawn = SaltAndPepper.draw(np.float32([0.7, 0.1, 0.004, 0.7]), u, supply)
    assert drawn.changed.sum(axis=(1, 2)).tolist() == [143, 20, 0, 0]
    out = drawn.apply(np.full((4, 32, 32), 2, np.float32))
    assert np.array_equal(out != 2, drawn.changed)
    assert out[out != 2].max() < 1
    assert out[out != 2].std() == pytest.approx(12**-0.5, abs=0.05)


def test_smoothing_mixes_with_a_blurred_copy_by_the_formula(clean):
    row, column = np.zeros((2, 1, MOST_CENTRES), int)
    row[0, :3], column[0, :3] = [5, 16, 30], [9, 16, 2]
    side, sigma = 15, 3.5
    out = SpatialSmoothing(np.array([3]), np.float32([sigma]), np.array([side]), row, column).apply(clean[:1])[0]
    image, blurred, mask = clean[0].astype(float), np.zeros((32, 32)), np.zeros((32, 32))
    for r in range(32):
        for c in range(32):
            for i in range(max(r - 7, 0), min(r + 8, 32)):
                for j in range(max(c - 7, 0), min(c + 8, 32)):
                    blurred[r, c] += image[i, j] * np.exp(-((r - i) ** 2 + (c - j) ** 2) / sigma**2)
            for i, j in ((5, 9), (16, 16), (30, 2)):
                if max(abs(r - i), abs(c - j)) <= side / 2:
                    mask[r, c] += (np.sqrt(2) - np.hypot(r - i, c - j) / (side / 2)) ** 5
    blurred = image.min() + (blurred - blurred.min()) / (blurred.max() - blurred.min()) * (image.max() - image.min())
    assert np.abs(out - (image + mask * blurred) / (1 + mask)).max() < 1e-4


def test_smoothing_parameters(supply):
    u = np.full((3, SpatialSmoothing.uniforms), 0.999, np.float32)
    u[:, 0] = [0.24, 0.26, 0.24]
    drawn = SpatialSmoothing.draw(np.float32([0.7, 0.7, 0]), u, supply)
    assert drawn.count.tolist() == [9, 0, 0]
    assert drawn.side[0] == 25
    assert drawn.sigma[0] == pytest.approx(6.2, abs=0.01)


def test_contrast_squeezes_the_grey_levels_and_exchanges_them(supply):
    image = np.tile(np.linspace(0, 1, 32, dtype=np.float32), (3, 32, 1))
    drawn = Contrast.draw(full(3, 0.5), np.float32([[0, 0.9], [1, 0.9], [1, 0.1]]), supply)
    assert drawn.contrast == pytest.approx([1, 0.575, 0.575])
    out = drawn.apply(image)
    assert np.array_equal(out[0], image[0])
    assert [out[1].min(), out[1].max()] == pytest.approx([0.2125, 0.7875])
    assert np.abs(out[2] - (1 - out[1])).max() < 1e-6
