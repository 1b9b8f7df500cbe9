"""Removal of hidden units that are rarely active.

An inactive unit contributes nothing to the layer above, so removing it leaves the output unchanged on every example on
which it is inactive; the native engine, which adds only active units, in ascending order, gives the same bits. A unit
that is active now and then is replaced by its mean output, added to the biases above: docs/pruning.md measures the
effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.autoencoder import Autoencoder
from rectinet.inside.sparsity import SparsityReport
from rectinet.layout import padded_copy
from rectinet.network import Network

Kept = tuple[NDArray[np.int64], ...]  # indices, ascending, of the units kept in each hidden layer
Means = tuple[NDArray[np.float64], ...]  # mean output of every unit of each hidden layer over some examples


@dataclass(frozen=True)
class Comparison:
    """Predictions of a network before and after some of its units were removed.

    Attributes
    ----------
    n_examples : int
    disagreement : float or None
        For classifiers: share of examples whose predicted class changed.
    rms_change : float or None
        For ratings and regressors: root mean squared change of the prediction, in the target's unit.
    score_before, score_after : float or None
        Result of `score`, if targets were given.
    """

    n_examples: int
    disagreement: float | None = None
    rms_change: float | None = None
    score_before: float | None = None
    score_after: float | None = None

    def __str__(self) -> str:
        said = []
        if self.disagreement is not None:
            said.append(f"another class for {self.disagreement:.3%} of them")
        if self.rms_change is not None:
            said.append(f"predictions change by {self.rms_change:.3g} (root mean square)")
        if self.score_before is not None:
            said.append(f"score {self.score_before:.4f} before, {self.score_after:.4f} after")
        return f"{self.n_examples:,} examples: {'; '.join(said)}"


@dataclass(frozen=True, eq=False, repr=False)
class Pruning:
    """What was removed from a network, and the effect.

    Attributes
    ----------
    tolerance : float
        Units active on at most this share of the examples were removed.
    n_units : tuple of int
        Number of units in every hidden layer before pruning.
    kept : tuple of ndarray of int64
        Indices, ascending, of the units kept in each hidden layer.
    n_parameters : tuple of int
        Number of weights and biases before and after.
    seen : Comparison
        Comparison on the examples used for pruning.
    held_out : Comparison or None
        Comparison on held-out examples, if given.
    """

    tolerance: float
    n_units: tuple[int, ...]
    kept: Kept
    n_parameters: tuple[int, int]
    seen: Comparison
    held_out: Comparison | None = None

    def __repr__(self) -> str:
        before, after = self.n_parameters
        lines = [f"Pruning of units on for at most {100 * self.tolerance:.4g}% of {self.seen.n_examples:,} examples"]
        for k, (n, kept) in enumerate(zip(self.n_units, self.kept, strict=True)):
            lines.append(f"  hidden layer {k + 1}: {len(kept):,} of {n:,} units kept")
        lines.append(f"  parameters: {after:,} of {before:,} kept ({after / before:.1%})")
        lines.append(f"  seen: {self.seen}")
        if self.held_out is not None:
            lines.append(f"  held out: {self.held_out}")
        return "\n".join(lines)


def check_tolerance(tolerance: float) -> float:
    """A share of the examples below 1, or an error."""
    if isinstance(tolerance, (bool, np.bool_)) or not isinstance(tolerance, Real) or not 0 <= tolerance < 1:
        raise ValueError(
            f"tolerance must be a number in [0, 1), the share of the examples for which a unit may be on and still be "
            f"removed; got {tolerance!r}"
        )
    return float(tolerance)


def require_zeros(network: Network) -> None:
    """Refuse units that are never exactly zero, and networks without hidden layers."""
    if not network.hidden:
        raise ValueError("this network has no hidden layer, so there is no unit to remove")
    dense = next((layer.activation.name for layer in network.hidden if not layer.activation.exact_zeros), None)
    if dense is not None:
        raise ValueError(f"{dense} units are never exactly 0: only rectifiers can be removed for being off")


def choose(report: SparsityReport, tolerance: float) -> tuple[Kept, list[int]]:
    """The units to keep, and the hidden layers (0 is the first) that would have lost all units.

    Such a layer keeps its most often active unit (the first, if several are equal).
    """
    kept, emptied = [], []
    for k, times in enumerate(report.times_on):
        stay = np.flatnonzero(times / report.n_examples > tolerance)
        if not len(stay):
            stay = np.array([times.argmax()])
            emptied.append(k)
        kept.append(stay.astype(np.int64))
    return tuple(kept), emptied


def without(network: Network, kept: Kept, means: Means | None = None) -> Network:
    """A copy of the network with only these units in its hidden layers.

    Parameters
    ----------
    kept : tuple of ndarray
        Indices, ascending, of the units to keep in each hidden layer.
    means : tuple of ndarray of shape (n_units,), optional
        Outputs of the units of each hidden layer, which replace the removed ones; default: 0.
    """
    layers = []
    for k, (layer, rows, columns) in enumerate(zip(network.layers, *_sides(network, kept), strict=True)):
        signs = None if layer.signs is None else layer.signs[columns]
        W = padded_copy(layer.W[np.ix_(rows, columns)])
        b = layer.b if k == 0 or means is None else _with_constants(layer.b, layer.W, rows, means[k - 1])
        layers.append(replace(layer, W=W, b=b[columns], signs=signs))
    return Network(tuple(layers))


def decoders_without(
    autoencoders: Sequence[Autoencoder], pruned: Network, kept: Kept, means: Means
) -> tuple[Autoencoder, ...]:
    """Auto-encoders whose encoders are the hidden layers of the `pruned` network; tied ones stay tied."""
    found: list[Autoencoder] = []
    for k, one in enumerate(autoencoders):
        units, encoder = kept[k], pruned.layers[k]
        inputs = kept[k - 1] if k else np.arange(one.n_in)
        rows, columns = (inputs, units) if one.by_output else (units, inputs)
        V = encoder.W if one.tied else padded_copy(one.V[np.ix_(rows, columns)])
        c = _with_constants(one.c, one.V.T if one.by_output else one.V, units, means[k])
        found.append(replace(one, encoder=encoder, V=V, c=c[inputs]))
    return tuple(found)


def _with_constants(b: Array, W: Array, kept: NDArray[np.int64], means: NDArray[np.float64]) -> Array:
    """Biases plus the mean contributions of removed rows of W; bit for bit unchanged if these are 0."""
    gone = np.setdiff1d(np.flatnonzero(means), kept)
    if not len(gone):
        return b
    return np.asarray(b + means[gone] @ W[gone].astype(np.float64), dtype=b.dtype)


def _sides(network: Network, kept: Kept) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """Rows and columns to keep in the weights of every layer."""
    rows = [np.arange(network.n_inputs), *kept]
    return rows, [*kept, np.arange(network.n_outputs)]
