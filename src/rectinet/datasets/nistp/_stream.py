"""Random numbers of an item, whatever the order, process or batch it is made in.

Item i of a stream owns the blocks [i * b, (i + 1) * b) of the Philox counter sequence (Salmon et al. 2011) whose key
is (seed, SHA-256 of "split/purpose"). A batch of consecutive items is therefore one contiguous draw, and the same
numbers come out for an item drawn alone.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_NUMBERS_PER_BLOCK = 8  # a Philox block is 4 x 64 bits; a float32 uniform takes 32 of them
LAST_ITEM = 2**40  # keeps item * blocks inside the first counter word


def uniforms(seed: int, split: str, purpose: str, start: int, n: int, count: int) -> Floats:
    """Uniform numbers of the items start, ..., start + n - 1.

    Parameters
    ----------
    seed : int
        0 <= seed < 2**64.
    split, purpose : str
        Name the stream; streams of different names are independent.
    start, n : int
        First item and number of items, 0 <= start, start + n <= LAST_ITEM.
    count : int
        Numbers an item needs.

    Returns
    -------
    ndarray of shape (n, count), float32 in [0, 1), 24 bits each
    """
    name = hashlib.sha256(f"{split}/{purpose}".encode()).digest()
    key = np.array([seed, int.from_bytes(name[:8], "little")], np.uint64)
    blocks = -(-count // _NUMBERS_PER_BLOCK)
    generator = np.random.Philox(key=key, counter=[start * blocks, 0, 0, 0])
    raw = generator.random_raw(4 * blocks * n).astype("<u8", copy=False).view("<u4")
    words = raw.reshape(n, blocks * _NUMBERS_PER_BLOCK)[:, :count]
    return (words >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)
