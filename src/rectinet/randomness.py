"""Random numbers keyed by (seed, purpose, epoch, ...): the same bits however a run is cut into pieces.

One system, the counter-based generator Philox, in two widths: `stream` gives a NumPy generator where numbers are drawn
in order (initial weights, the order of examples); `EntryWords` gives every entry of a matrix a word of its own, which
the kernels compute again wherever they need it (noise).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]


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
    TRIALS = 9


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


@dataclass(frozen=True)
class EntryWords:
    """The 32-bit words of one seed, purpose and epoch: one for every input of every example.

    The word of input j of example e is word j % 4 of

        Philox4x32-10(counter = (j // 4, e mod 2^32, epoch, e div 2^32 + 2^24 purpose),
                      key = (seed mod 2^32, seed div 2^32))

    (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). The compiled kernels draw the same.
    """

    seed: int
    purpose: int
    epoch: int

    def __post_init__(self) -> None:
        for name, bits in (("seed", 64), ("purpose", 8), ("epoch", 32)):
            if not 0 <= getattr(self, name) < 2**bits:
                raise ValueError(f"{name} of the noise must lie in [0, 2**{bits}); got {getattr(self, name)}")

    def words(self, examples: NDArray[np.int64], n_inputs: int) -> Words:
        """The words of all inputs of some examples, shape (n, n_inputs)."""
        blocks = np.arange(-(-n_inputs // 4))
        four = self._blocks(examples[:, None], blocks[None, :])  # (n, n_blocks, 4)
        return four.reshape(len(examples), 4 * len(blocks))[:, :n_inputs]

    def words_at(self, examples: NDArray[np.int64], inputs: NDArray[np.integer]) -> Words:
        """The words of single entries, shape (n_entries,)."""
        four = self._blocks(examples, inputs // 4)
        return np.take_along_axis(four, inputs[:, None].astype(np.int64) % 4, axis=1)[:, 0]

    def _blocks(self, examples: NDArray[np.int64], blocks: NDArray[np.integer]) -> Words:
        e = examples.astype(np.uint64)
        top = (e >> np.uint64(32)) | np.uint64(self.purpose << 24)
        counter = (blocks.astype(np.uint64), e & _LOW, np.uint64(self.epoch), top)
        return philox(counter, (self.seed & 0xFFFF_FFFF, self.seed >> 32))


_LOW: Final = np.uint64(0xFFFF_FFFF)
_32: Final = np.uint64(32)


def philox(counter: Sequence[NDArray[np.uint64] | np.uint64], key: tuple[int, int]) -> Words:
    """Philox4x32 with 10 rounds (Salmon et al. 2011, section 3.3).

    Parameters
    ----------
    counter : four uint64 arrays, broadcast together
        Values below 2^32.
    key : two ints below 2^32

    Returns
    -------
    ndarray of uint32, shape (..., 4)
    """
    c0, c1, c2, c3 = np.broadcast_arrays(*counter)
    k0, k1 = key
    for _ in range(10):
        product0 = c0 * np.uint64(0xD251_1F53)
        product1 = c2 * np.uint64(0xCD9E_8D57)
        c0, c1, c2, c3 = (
            (product1 >> _32) ^ c1 ^ np.uint64(k0),
            product1 & _LOW,
            (product0 >> _32) ^ c3 ^ np.uint64(k1),
            product0 & _LOW,
        )
        k0, k1 = (k0 + 0x9E37_79B9) & 0xFFFF_FFFF, (k1 + 0xBB67_AE85) & 0xFFFF_FFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)
