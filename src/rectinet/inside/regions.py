"""Which examples lie in the same region: the same hidden units are active, so they share an affine map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine
from rectinet.inside.sparsity import in_chunks
from rectinet.network import Network


@dataclass(frozen=True, eq=False)
class Regions:
    """The regions of some examples.

    Attributes
    ----------
    index : ndarray of shape (n_samples,)
        The region of each example, numbered in order of first appearance.
    sizes : ndarray of shape (n_regions,)
        Number of examples in each region.
    purity : float or None
        Among examples that share a region with others, the share whose class is the most frequent one there; None
        without classes, NaN if no two examples share a region.
    """

    index: NDArray[np.int64]
    sizes: NDArray[np.int64]
    purity: float | None = None

    @property
    def n_regions(self) -> int:
        return len(self.sizes)

    @property
    def n_sharing(self) -> int:
        """Number of examples that are not alone in their region."""
        return int(self.sizes[self.sizes > 1].sum())


def regions(engine: Engine, network: Network, X: Matrix, y: NDArray[np.int64] | None = None) -> Regions:
    """Which of these examples lie in the same region.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), optional
        Classes as whole numbers.
    """
    patterns = [_patterns(codes) for _, codes in in_chunks(engine, network, X)] if network.hidden else [_alike(X)]
    _, first, index, sizes = np.unique(
        np.concatenate(patterns), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    index, sizes = number[index.ravel()], sizes[order]
    return Regions(index, sizes, None if y is None else _purity(index, sizes, y))


def _patterns(codes: list[Array]) -> NDArray[np.uint8]:
    """The active units as bits, shape (n, n_bytes)."""
    return np.packbits(np.concatenate([h != 0 for h in codes], axis=1), axis=1)


def _alike(X: Matrix) -> NDArray[np.uint8]:
    return np.zeros((X.shape[0], 1), dtype=np.uint8)


def _purity(index: NDArray[np.int64], sizes: NDArray[np.int64], y: NDArray[np.int64]) -> float:
    shared = sizes[index] > 1
    if not shared.any():
        return float("nan")
    pairs, counts = np.unique(np.stack([index[shared], y[shared]]), axis=1, return_counts=True)
    most = np.zeros(len(sizes), dtype=np.int64)
    np.maximum.at(most, pairs[0], counts)
    return float(most.sum() / shared.sum())
