"""Streams of random numbers keyed by (seed, purpose, epoch): the same bits however a run is cut into pieces."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; two purposes never share numbers. Values are part of every saved run: never reuse one."""

    INITIALISATION = 1
    SHUFFLING = 2
    VALIDATION_SPLIT = 3
    NOISE = 4
    SAMPLED_OUTPUTS = 5
    HELD_OUT_NOISE = 6
    PRETRAINING_SHUFFLING = 7
    PRETRAINING_INITIALISATION = 8


def stream(seed: int, purpose: Purpose, epoch: int = 0, part: int = 0) -> np.random.Generator:
    """The generator of one purpose, epoch and part (for example a layer)."""
    key = np.array([seed & 0xFFFF_FFFF_FFFF_FFFF, int(purpose)], dtype=np.uint64)
    counter = np.array([0, 0, part, epoch], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def root_seed(random_state: object) -> int:
    """A 63-bit seed from what scikit-learn calls random_state: an int, None, or a numpy generator of either kind."""
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool):
        if not 0 <= int(random_state) < 2**63:
            raise ValueError(f"random_state must lie in [0, 2**63); got {random_state}")
        return int(random_state)
    if random_state is None:
        return int(np.random.default_rng().integers(2**63))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    raise ValueError(f"random_state must be None, an int or a numpy generator; got {random_state!r}")
