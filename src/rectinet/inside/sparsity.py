"""Exact zeros per layer, per unit and per example; dead units and always active units.

A unit is inactive on an example when its output == 0 (so -0.0 counts). Units without exact zeros (tanh, softplus) are
never inactive. Examples are processed in chunks, so that the codes of a large X are never all in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine
from rectinet.network import Network

CHUNK = 1024  # examples


@dataclass(frozen=True, eq=False, repr=False)
class SparsityReport:
    """How often hidden units are active, counted over examples.

    Attributes
    ----------
    n_examples : int
    times_on : tuple of ndarray of int64, shape (n_units,)
        Number of examples on which each unit is active, one array for each hidden layer.
    units_on : ndarray of int64, shape (n_examples, n_hidden_layers)
        Number of active units in each hidden layer, for each example.
    means : tuple of ndarray of float64, shape (n_units,)
        Mean output of each unit over the examples, signs applied.
    """

    n_examples: int
    times_on: tuple[NDArray[np.int64], ...]
    units_on: NDArray[np.int64]
    means: tuple[NDArray[np.float64], ...]

    @property
    def n_units(self) -> tuple[int, ...]:
        """Number of units in every hidden layer."""
        return tuple(map(len, self.times_on))

    @property
    def zeros_by_layer(self) -> NDArray[np.float64]:
        """Share of exact zeros in every hidden layer, shape (n_hidden_layers,)."""
        return np.asarray(1.0 - self.units_on.mean(axis=0) / np.array(self.n_units, dtype=np.int64))

    @property
    def zeros_by_unit(self) -> tuple[NDArray[np.float64], ...]:
        """Share of the examples on which each unit is exactly zero; an array (n_units,) for each hidden layer."""
        return tuple(1.0 - times / self.n_examples for times in self.times_on)

    @property
    def zeros_by_example(self) -> NDArray[np.float64]:
        """Share of exact zeros for each example in every hidden layer, shape (n_examples, n_hidden_layers)."""
        return np.asarray(1.0 - self.units_on / np.array(self.n_units, dtype=np.int64))

    @property
    def dead(self) -> tuple[NDArray[np.int64], ...]:
        """Indices, ascending, of the units that are inactive on every example; an array for each hidden layer."""
        return tuple(np.flatnonzero(times == 0) for times in self.times_on)

    @property
    def always_on(self) -> tuple[NDArray[np.int64], ...]:
        """Indices, ascending, of the units that are active on every example; an array for each hidden layer."""
        return tuple(np.flatnonzero(times == self.n_examples) for times in self.times_on)

    def __repr__(self) -> str:
        if not self.times_on:
            return f"SparsityReport of {self.n_examples:,} examples: no hidden layer"
        lines = [f"SparsityReport of {self.n_examples:,} examples", _ROW.format(*_HEADINGS)]
        facts = zip(self.n_units, self.zeros_by_layer, self.dead, self.always_on, self.units_on.T, strict=True)
        for k, (n, zeros, dead, always, on) in enumerate(facts):
            spread = f"{np.median(on):,.0f} ({on.min():,} to {on.max():,})"
            lines.append(_ROW.format(k + 1, f"{n:,}", f"{zeros:.1%}", f"{len(dead):,}", f"{len(always):,}", spread))
        return "\n".join(lines)


_HEADINGS = ("hidden layer", "units", "zeros", "dead", "always on", "on per example, median (range)")
_ROW = "{:>12}  {:>7}  {:>6}  {:>6}  {:>9}  {:>30}"


def report(engine: Engine, network: Network, X: Matrix) -> SparsityReport:
    """Count zeros by layer, unit and example."""
    _require_examples(X)
    times = [np.zeros(layer.n_out, dtype=np.int64) for layer in network.hidden]
    sums = [np.zeros(layer.n_out) for layer in network.hidden]
    units = np.empty((X.shape[0], len(network.hidden)), dtype=np.int64)
    for rows, codes in in_chunks(engine, network, X):
        for k, h in enumerate(codes):
            on = h != 0
            times[k] += on.sum(axis=0)
            sums[k] += h.sum(axis=0, dtype=np.float64)
            units[rows, k] = on.sum(axis=1)
    n = int(X.shape[0])
    return SparsityReport(n, tuple(times), units, tuple(total / n for total in sums))


def zeros(engine: Engine, network: Network, X: Matrix) -> NDArray[np.float64]:
    """Fraction of inactive units per hidden layer, averaged over the examples; shape (n_hidden_layers,)."""
    return report(engine, network, X).zeros_by_layer


def _require_examples(X: Matrix) -> None:
    if X.shape[0] == 0:
        raise ValueError("which units are off can only be counted over at least one example; X has none")


def in_chunks(engine: Engine, network: Network, X: Matrix) -> Iterator[tuple[slice, list[Array]]]:
    """Codes of all hidden layers, for one chunk of examples at a time."""
    for start in range(0, X.shape[0], CHUNK):
        rows = slice(start, start + CHUNK)
        yield rows, engine.codes(network.hidden, X[rows])
