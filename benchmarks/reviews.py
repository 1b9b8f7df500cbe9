"""Real bags of words for the contenders: IMDB, counted once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, load_npz, save_npz

from benchmarks.problem import Array
from rectinet.datasets import load

KEPT = Path("build/bench-data")  # every contender is a process: counting the words of 75,000 reviews once is enough
PARTS = ("unlabeled", "train", "test")


@dataclass(frozen=True)
class Bags:
    """Binary bags of the 5,000 most frequent words, each a csr_array of float32, shape (n, 5000).

    Attributes
    ----------
    unlabeled, train, test : csr_array
        About 50,000, 10,000 and 10,000 reviews.
    stars : ndarray of float64, shape (n_train,)
        1 to 4 and 7 to 10.
    """

    unlabeled: csr_array
    train: csr_array
    test: csr_array
    stars: Array

    @property
    def density(self) -> float:
        """Share of the words that are in an unlabelled review."""
        return float(self.unlabeled.nnz / np.prod(self.unlabeled.shape))

    @property
    def frequency(self) -> Array:
        """Share of the unlabelled reviews that each word is in, within (0, 1): float64 of shape (5000,)."""
        n = self.unlabeled.shape[0]
        return (np.asarray(self.unlabeled.sum(axis=0), dtype=np.float64).ravel() + 0.5) / (n + 1)


@cache
def bags() -> Bags:
    """IMDB from the folder named by ``RECTINET_DATA``."""
    if not (KEPT / "stars.npy").exists():
        _keep()
    parts = {name: csr_array(load_npz(KEPT / f"{name}.npz")) for name in PARTS}
    return Bags(**parts, stars=np.load(KEPT / "stars.npy"))


def _keep() -> None:
    """Write the parts, the stars last and in one move: they say that all is there."""
    data = load("imdb")
    KEPT.mkdir(parents=True, exist_ok=True)
    for name, X in zip(PARTS, (data.unlabeled, data.train.X, data.test.X), strict=True):
        save_npz(KEPT / f"{name}.npz", csr_array(X, dtype=np.float32))
    np.save(KEPT / "unfinished.npy", data.train.y)
    (KEPT / "unfinished.npy").replace(KEPT / "stars.npy")
