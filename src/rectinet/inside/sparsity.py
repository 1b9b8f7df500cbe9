"""What is off: exact zeros per layer, active units per example, dead units.

A unit is off for an example when its output == 0 (so -0.0 counts). Units without exact zeros (tanh, softplus) are
simply never off. Examples are taken in chunks, so that the codes of a large X are never held at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine
from rectinet.network import Network

CHUNK = 1024  # examples


def zeros(engine: Engine, network: Network, X: Matrix) -> NDArray[np.float64]:
    """Fraction of hidden units that are off, per hidden layer, averaged over the examples; shape (n_hidden_layers,)."""
    widths = np.array([layer.n_out for layer in network.hidden], dtype=np.int64)
    return np.asarray(1.0 - active_per_example(engine, network, X).mean(axis=0) / widths)


def active_per_example(engine: Engine, network: Network, X: Matrix) -> NDArray[np.int64]:
    """How many units of each hidden layer are on for each example; shape (n, n_hidden_layers)."""
    _require_examples(X)
    active = np.empty((X.shape[0], len(network.hidden)), dtype=np.int64)
    for rows, codes in _chunks(engine, network, X):
        for k, h in enumerate(codes):
            active[rows, k] = np.count_nonzero(h, axis=1)
    return active


def dead_units(engine: Engine, network: Network, X: Matrix) -> list[NDArray[np.int64]]:
    """Indices, ascending, of the units that are off for every example; one array for each hidden layer."""
    _require_examples(X)
    fires = [np.zeros(layer.n_out, dtype=bool) for layer in network.hidden]
    for _, codes in _chunks(engine, network, X):
        for seen, h in zip(fires, codes, strict=True):
            seen |= (h != 0).any(axis=0)
    return [np.flatnonzero(~seen) for seen in fires]


def _require_examples(X: Matrix) -> None:
    if X.shape[0] == 0:
        raise ValueError("which units are off can only be counted over at least one example; X has none")


def _chunks(engine: Engine, network: Network, X: Matrix) -> Iterator[tuple[slice, list[Array]]]:
    """Codes of all hidden layers, a slice of the examples at a time."""
    for start in range(0, X.shape[0], CHUNK):
        rows = slice(start, start + CHUNK)
        yield rows, engine.codes(network.hidden, X[rows])
