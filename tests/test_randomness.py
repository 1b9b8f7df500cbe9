"""Streams keyed by what they are for, and the words of single entries."""

import numpy as np
import pytest

from rectinet.randomness import EntryWords, Purpose, philox, root_seed, stream


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
    assert [int(purpose) for purpose in Purpose] == [1, 2, 3, 4, 5, 6, 7, 8, 9]


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


# -- words of entries --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_known_answers_of_random123(counter, key, expected) -> None:
    k0, k1 = (int(word, 16) for word in key.split())
    words = philox([np.uint64(int(word, 16)) for word in counter.split()], (k0, k1))
    assert [f"{word:08x}" for word in words] == expected.split()


def test_the_word_of_an_entry_is_what_the_definition_says() -> None:
    seed, purpose, epoch, e, j = 0x0123_4567_89AB_CDEF, 0xA5, 77, (0x12_3456 << 32) | 0x89AB_CDEF, 4 * 1000 + 3
    counter = [np.uint64(c) for c in (1000, 0x89AB_CDEF, 77, 0xA512_3456)]
    expected = philox(counter, (0x89AB_CDEF, 0x0123_4567))[3]
    stream = EntryWords(seed, purpose, epoch)
    assert stream.words(np.array([e]), 4004)[0, j] == expected
    assert stream.words_at(np.array([e]), np.array([j]))[0] == expected


def test_words_differ_in_every_part_of_the_key() -> None:
    keys = [
        (seed, purpose, epoch, e)
        for seed in (0, 1, 2**32, 2**63)
        for purpose in (0, 1, 255)
        for epoch in (0, 1, 2**32 - 1)
        for e in (0, 1, 2**32, 2**56 - 1)
    ]
    drawn = {EntryWords(*key).words(np.array([e]), 8).tobytes() for *key, e in keys}
    assert len(drawn) == len(keys)


GOLDEN_WORDS = [
    ["bc993abf", "d5b1ef56", "66475bc8", "8cf827d4", "db6557b6", "4a4ff180"],
    ["bf43b7ba", "c4582936", "71093214", "2e71a493", "d847db62", "24a61de2"],
]


def test_words_are_frozen() -> None:
    """Saved runs are resumed from these bits, and the compiled kernels draw them too."""
    words = EntryWords(2**40 + 5, 4, 3).words(np.array([0, 2**32 + 7]), 6)
    assert [[f"{word:08x}" for word in row] for row in words] == GOLDEN_WORDS
