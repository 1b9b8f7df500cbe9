"""Random numbers depend on the item alone."""

import numpy as np
import pytest

from rectinet.datasets.nistp._stream import uniforms


@pytest.mark.parametrize("count", [1, 8, 9, 100])
def test_an_item_has_the_same_numbers_in_any_batch(count):
    together = uniforms(3, "train", "slant", 5, 40, count)
    alone = np.concatenate([uniforms(3, "train", "slant", i, 1, count) for i in range(5, 45)])
    assert together.shape == (40, count)
    assert np.array_equal(together, alone)


def test_numbers_are_uniform_float32_below_one():
    u = uniforms(0, "train", "slant", 0, 1000, 100)
    assert u.dtype == np.float32
    assert u.min() >= 0
    assert u.max() < 1
    assert np.abs(np.histogram(u, bins=10, range=(0, 1))[0] / 1e5 - 0.1).max() < 0.005
    assert abs(np.corrcoef(u[:, 0], u[:, 1])[0, 1]) < 0.15


def test_seed_split_purpose_and_item_each_make_another_stream():
    streams = [
        (0, "train", "a", 0),
        (1, "train", "a", 0),
        (0, "test", "a", 0),
        (0, "train", "b", 0),
        (0, "train", "a", 1),
    ]
    drawn = [uniforms(seed, split, purpose, item, 1, 32).tobytes() for seed, split, purpose, item in streams]
    assert len(set(drawn)) == len(streams)


def test_the_stream_is_the_one_of_the_first_release():
    """These numbers were printed by version 0.1.0; another result would change every item of every seed."""
    assert (uniforms(7, "valid", "elastic", 2**39, 1, 3) * 2**24).astype(int).tolist() == [[15821582, 333095, 5385719]]


def test_the_largest_number_picks_the_last_of_any_list():
    """Items are picked by floor(u * n) in float32, which must not round up to n."""
    n = np.concatenate([np.arange(1, 100_000), 2 ** np.arange(24), 2 ** np.arange(2, 24) + 1]).astype(np.float32)
    assert np.array_equal((np.float32(1 - 2**-24) * n).astype(np.int64), n.astype(np.int64) - 1)


def test_the_largest_seed_is_a_seed():
    assert uniforms(2**64 - 1, "train", "a", 0, 1, 4).shape == (1, 4)
