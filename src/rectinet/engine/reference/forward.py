"""Values of layers as the formulas say, and what is active in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.network import Layer

# A run that diverges is noticed by its loss, not by NumPy's warnings.
quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")


@quiet
def forward(layers: Sequence[Layer], X: Matrix) -> tuple[list[Array], list[Array]]:
    """The values h = signs * f(z) of every layer and their pre-activations z, each of shape (n, n_out)."""
    H: list[Array] = []
    Z: list[Array] = []
    below: Matrix = X
    for layer in layers:
        z = np.asarray(below @ layer.W) + layer.b
        h = layer.activation.value(z)
        below = h if layer.signs is None else h * layer.signs
        Z.append(z)
        H.append(below)
    return H, Z


def active_and_union(inputs: Sequence[Matrix]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of the inputs of each layer: non-zero entries, and inputs that are not 0 for at least one example."""
    on = [_non_zero(h) for h in inputs]
    active = np.array([counts.sum() for counts in on], dtype=np.int64)
    return active, np.array([np.count_nonzero(counts) for counts in on], dtype=np.int64)


def _non_zero(h: Matrix) -> NDArray[np.int64]:
    """For how many examples each input is not 0; shape (n_inputs,)."""
    if isinstance(h, csr_array):
        return np.bincount(h.indices[h.data != 0], minlength=h.shape[1])
    return np.asarray(np.count_nonzero(h, axis=0), dtype=np.int64)
