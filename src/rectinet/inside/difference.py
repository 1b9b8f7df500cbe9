"""What changed an output between two inputs: the exact path integral along the straight line.

Along the line the network is piecewise linear, and its pieces are found layer by layer: between two knots the
pre-activations of a layer are linear; units switch where these are 0, which gives the knots of the next layer. The
integral of the slopes is then a sum over the pieces: there is no number of steps to choose, and the result is complete
up to rounding. (Integrated gradients, Sundararajan et al. 2017, evaluated exactly.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.engine import Engine
from rectinet.inside.attribution import TOLERANCES, check_finite, check_linear, in_float64
from rectinet.inside.explanation import Explanation
from rectinet.inside.readout import Readout
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network

Vector = NDArray[np.float64]
PIECES_BYTES = 50_000_000  # memory for the affine maps of pieces at one time


@dataclass(frozen=True, eq=False)
class Difference(Explanation):
    """Contributions of every input to the difference between a baseline and an example: one sample, in float64.

    Contributions and constants sum to the outputs, as in any `Explanation`; here the constants are the outputs for the
    baseline.

    Attributes
    ----------
    breaks : ndarray of shape (n_pieces - 1,)
        Points on the line from the baseline (0) to the example (1) where a hidden unit becomes active or inactive,
        ascending.
    """

    breaks: Vector = field(default_factory=lambda: np.zeros(0))


def explain_difference(
    engine: Engine,
    network: Network,
    readout: Readout,
    x: Vector,
    baseline: Vector,
    names: NDArray[Any] | None = None,
) -> Difference:
    """The exact path integral from a baseline to an example.

    Parameters
    ----------
    x, baseline : ndarray of shape (n_inputs,)
    names : ndarray of str, optional
        Names of the inputs.

    Raises
    ------
    ValueError
        For units that are not piecewise linear, and outputs that are not finite.
    ArithmeticError
        When contributions and constants do not sum to the output.
    """
    check_linear(network.layers)
    used = np.flatnonzero((x != 0) | (baseline != 0))
    first, *rest = network.layers
    layers = in_float64((replace(first, W=padded_copy(first.W[used])), *rest)) if len(used) else ()
    contributions = np.zeros((1, len(readout.names), len(x)))
    knots = np.array([0.0, 1.0])
    if layers:
        start, step = baseline[used], x[used] - baseline[used]
        knots = _knots(engine, layers, start, step)
        contributions[0][:, used] = _integral(engine, layers, readout.matrix, start, step, knots)
    exact = Network(in_float64(network.layers))
    values = engine.outputs(exact, np.stack([x, baseline]))
    check_finite(values)
    outputs = readout.of(values)
    found = Difference(
        contributions,
        outputs[1:],
        outputs[:1],
        x[np.newaxis],
        readout.names,
        names,
        readout.quantity,
        breaks=knots[1:-1],
    )
    size = np.abs(contributions).sum(axis=2) + np.abs(found.constants) + np.abs(found.outputs)
    if (np.abs(found.errors) > TOLERANCES["float64"] * size).any():
        raise ArithmeticError(
            f"the contributions from the baseline to x do not sum up to the difference of the outputs: they are off by "
            f"{np.abs(found.errors).max():.3g}. The parameters differ too much in size: fit anew with scaled features"
        )
    return found


def _knots(engine: Engine, layers: Sequence[Layer], start: Vector, step: Vector) -> Vector:
    """Points on the line, from 0 to 1, between which no unit switches."""
    knots = np.array([0.0, 1.0])
    H: Array = start + knots[:, np.newaxis] * step  # (n_knots, n_units) of the layer below
    for layer in layers[:-1]:
        Z = engine.outputs(Network((replace(layer, activation=layers[-1].activation, signs=None),)), H)
        if layer.activation.exact_zeros:
            knots, Z = _refined(knots, Z)
        h = layer.activation.value(Z)
        H = h if layer.signs is None else h * layer.signs
    return knots


def _refined(knots: Vector, Z: Array) -> tuple[Vector, Array]:
    """The knots plus those where a pre-activation crosses 0, and all pre-activations; linear between old knots."""
    before, after = Z[:-1], Z[1:]
    piece, unit = np.nonzero(((before < 0) & (after > 0)) | ((before > 0) & (after < 0)))
    share = before[piece, unit] / (before[piece, unit] - after[piece, unit])
    crossings = knots[piece] + share * (knots[piece + 1] - knots[piece])
    refined = np.unique(np.concatenate([knots, crossings]))
    at = np.clip(np.searchsorted(knots, refined, side="right") - 1, 0, len(knots) - 2)
    along = ((refined - knots[at]) / (knots[at + 1] - knots[at]))[:, np.newaxis]
    return refined, (1 - along) * Z[at] + along * Z[at + 1]


def _integral(
    engine: Engine, layers: Sequence[Layer], readout: Vector, start: Vector, step: Vector, knots: Vector
) -> Vector:
    """Slopes with respect to every input, integrated over all pieces, times the step; shape (n_outputs, n_inputs).

    Each piece is evaluated at its midpoint, where every unit has one state: a unit whose pre-activation is exactly 0 at
    a knot counts as it does on the piece ahead.
    """
    lengths, middles = np.diff(knots), (knots[:-1] + knots[1:]) / 2
    together = max(1, PIECES_BYTES // (8 * readout.shape[1] * len(step)))
    total = np.zeros((readout.shape[1], len(step)))
    for first in range(0, len(lengths), together):
        some = slice(first, first + together)
        maps = engine.affine_maps(layers, readout, start + middles[some, np.newaxis] * step)
        total += np.tensordot(lengths[some], maps.slopes, axes=1)
    return total * step
