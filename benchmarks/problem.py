"""What every contender is given: the same digits, the same initial parameters, the same shape of network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets import Dataset, load

Array = NDArray[Any]  # float32 throughout
Labels = NDArray[np.int64]
Parameters = list[tuple[Array, Array]]  # (W of shape (n_in, n_out), b of shape (n_out,)), from input to output

BATCH_SIZE = 10
N_CLASSES = 10


@cache
def digits() -> Dataset:
    """Real MNIST, 50,000 / 10,000 / 10,000, from the folder named by ``RECTINET_DATA``."""
    return load("mnist")


def initial_parameters(sizes: Sequence[int], seed: int) -> Parameters:
    """W ~ U(+-sqrt(6 / (n_in + n_out))), b = 0 (Glorot et al. 2011, section 4)."""
    rng = np.random.default_rng(seed)
    parameters = []
    for n_in, n_out in pairwise(sizes):
        bound = np.sqrt(6 / (n_in + n_out))
        W = rng.uniform(-bound, bound, size=(n_in, n_out)).astype(np.float32)
        parameters.append((W, np.zeros(n_out, dtype=np.float32)))
    return parameters


def parameters_at_density(sizes: Sequence[int], density: float, seed: int) -> Parameters:
    """Initial parameters whose biases make every hidden rectifier fire on a given fraction of the digits.

    The bias is set between the two inputs that separate this fraction of 2,000 images from the rest; each layer is then
    scaled so that its codes keep a standard deviation of 1.
    """
    H = digits().train.X[:2000]
    parameters = initial_parameters(sizes, seed)
    for W, b in parameters[:-1]:
        ordered = np.sort(H @ W, axis=0)
        first_on = len(H) - round(density * len(H))
        last_off = ordered[first_on - 1] if first_on else ordered[0] - 1
        b[:] = -(ordered[first_on] + last_off) / 2
        H = np.maximum(H @ W + b, 0)
        scale = H.std()
        for values in (W, b, H):
            values /= scale
    return parameters


def save_parameters(path: Path, parameters: Parameters) -> None:
    """As an .npz with the names "0.W", "0.b", "1.W", ..."""
    named = {f"{k}.{name}": p for k, pair in enumerate(parameters) for name, p in zip("Wb", pair, strict=True)}
    np.savez(path, **named)


def load_parameters(path: Path) -> Parameters:
    """What `save_parameters` wrote."""
    with np.load(path) as stored:
        return [(stored[f"{k}.W"], stored[f"{k}.b"]) for k in range(len(stored.files) // 2)]
