"""Streams keyed by what they are for."""

import numpy as np
import pytest

from rectinet.randomness import Purpose, root_seed, stream


def test_streams_are_repeatable_and_differ_in_every_part_of_their_key() -> None:
    keys = [
        (seed, purpose, epoch, part)
        for seed in (0, 1, 2**63 - 1)
        for purpose in Purpose
        for epoch in (0, 1, 500)
        for part in (0, 1)
    ]
    first = {key: stream(*key).bytes(32) for key in keys}
    assert first == {key: stream(*key).bytes(32) for key in keys}
    assert len(set(first.values())) == len(keys)


def test_streams_of_neighbouring_epochs_do_not_overlap() -> None:
    """The epoch sits in the high word of the counter: 2**192 numbers lie between two of them."""
    draws = [stream(0, Purpose.NOISE, epoch).integers(2**63, size=1000) for epoch in range(20)]
    assert np.unique(np.concatenate(draws)).size == 20_000


def test_values_are_frozen() -> None:
    """Saved runs are resumed from these numbers: they may never change."""
    assert stream(0, Purpose.SHUFFLING).permutation(8).tolist() == [6, 1, 7, 3, 2, 5, 4, 0]
    words = stream(12345, Purpose.INITIALISATION, 2, 3).integers(2**32, size=3)
    assert words.tolist() == [
        1369353525,
        3896157691,
        2297898476,
    ]
    assert [int(purpose) for purpose in Purpose] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_root_seeds() -> None:
    assert root_seed(17) == root_seed(np.int32(17)) == 17
    assert root_seed(np.random.default_rng(3)) == root_seed(np.random.default_rng(3))
    assert root_seed(np.random.RandomState(3)) == root_seed(np.random.RandomState(3))
    assert root_seed(None) != root_seed(None)
    generator = np.random.default_rng(3)
    assert root_seed(generator) != root_seed(generator)  # a generator moves on, as scikit-learn's users expect


@pytest.mark.parametrize("bad", [-1, 2**63, "0", 1.5, True])
def test_bad_seeds_are_refused(bad) -> None:
    with pytest.raises(ValueError, match="random_state"):
        root_seed(bad)
