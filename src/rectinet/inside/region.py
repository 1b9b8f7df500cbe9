"""The region of inputs around one example with the same active units, on which a network is one affine map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.engine import Engine
from rectinet.inside.attribution import check_linear
from rectinet.inside.readout import Readout
from rectinet.network import Layer, Network

Vector = NDArray[np.float64]
UNITS_AT_A_TIME = 256  # number of a layer's units handled together


@dataclass(frozen=True)
class Switch:
    """A hidden unit that becomes active or inactive at the border of a region.

    Attributes
    ----------
    layer, unit : int
        Indices of the layer (0 is the first hidden layer) and of the unit.
    turns_on : bool
        Whether the unit is inactive inside the region and becomes active at its border.
    """

    layer: int
    unit: int
    turns_on: bool


@dataclass(frozen=True)
class InputChange:
    """A change of one input that changes the class within a region.

    Attributes
    ----------
    index : int
        Index of the input.
    change : float
        Amount added to the input: there both classes have the same logit, and just beyond it the class changes.
    label : object
        The new class.
    """

    index: int
    change: float
    label: Any


@dataclass(frozen=True, eq=False)
class Region:
    """The region with the same active hidden units as for one example; everything in float64.

    Attributes
    ----------
    A : ndarray of shape (n_outputs, n_inputs)
    c : ndarray of shape (n_outputs,)
        Within the region, outputs are ``A @ x + c``; outputs as in `Explanation`.
    x : ndarray of shape (n_inputs,)
        The example as the network takes it, encoded and after `scaling`.
    active : tuple of ndarray of bool, shape (n_units,)
        The active units of each hidden layer.
    distance : float
        Euclidean distance from x to the nearest point where a unit switches; infinite if none ever does.
    direction : ndarray of shape (n_inputs,)
        Unit vector from x to that point; zeros if there is none.
    switch : Switch or None
        The unit that switches there.
    limits : ndarray of shape (n_inputs, 2)
        How far each input alone can be lowered (at most 0) and raised (at least 0) before a unit switches.
    change : InputChange or None
        The smallest change of a single input that changes the class within the region; None if there is no such change,
        and for regressors.
    output_names : tuple of str
    input_names : ndarray of str or None
    """

    A: Vector
    c: Vector
    x: Vector
    active: tuple[NDArray[np.bool_], ...]
    distance: float
    direction: Vector
    switch: Switch | None
    limits: Vector
    change: InputChange | None
    output_names: tuple[str, ...]
    input_names: NDArray[Any] | None


def region(
    engine: Engine,
    network: Network,
    readout: Readout,
    x: Vector,
    labels: Sequence[Any] | None = None,
    names: NDArray[Any] | None = None,
) -> Region:
    """The region of one example.

    Parameters
    ----------
    x : ndarray of shape (n_inputs,)
    labels : sequence, optional
        The classes, one for each output of the network.
    names : ndarray of str, optional
        Names of the inputs.

    Raises
    ------
    ValueError
        For units that are not piecewise linear.
    """
    check_linear(network.layers)
    codes = engine.codes(network.hidden, x[np.newaxis].astype(network.dtype))
    z, slopes = x, np.eye(0)
    h, dh = (
        x,
        None,
    )  # of the layer below: values, and their slopes in every input, (n_inputs, n_units); None: themselves
    active: list[NDArray[np.bool_]] = []
    limits = np.tile([-np.inf, np.inf], (len(x), 1))
    nearest, direction, switch = np.inf, np.zeros(len(x)), None
    for k, layer in enumerate(network.hidden):
        z, slopes = _sums(layer, h, dh)
        can_switch = layer.activation.exact_zeros
        on = codes[k][0] != 0 if can_switch else np.ones(layer.n_out, dtype=bool)
        active.append(on)
        if can_switch:
            away = _distances(z, slopes)
            unit = int(away.argmin())
            if away[unit] < nearest:
                nearest, switch = float(away[unit]), Switch(k, unit, not on[unit])
                towards = slopes[:, unit] / np.linalg.norm(slopes[:, unit])
                direction = towards if switch.turns_on else -towards
            _narrow(limits, z, slopes, on)
        scale = on * (1.0 if layer.signs is None else layer.signs.astype(np.float64))
        h, dh = z * scale, slopes * scale
    z, slopes = _sums(network.layers[-1], h, dh)
    A = (slopes @ readout.matrix).T
    outputs = readout.of(z[np.newaxis])[0]
    change = None if labels is None else _smallest_change(z, slopes, limits, labels)
    return Region(
        A, outputs - A @ x, x, tuple(active), nearest, direction, switch, limits, change, readout.names, names
    )


def _sums(layer: Layer, h: Vector, dh: Vector | None) -> tuple[Vector, Vector]:
    """Pre-activations of a layer and their slopes with respect to every input, through the active units below."""
    W = layer.W.astype(np.float64)
    if dh is None:
        return h @ W + layer.b, W
    on = np.flatnonzero(dh.any(axis=0) | (h != 0))
    return h[on] @ W[on] + layer.b, dh[:, on] @ W[on]


def _distances(z: Vector, slopes: Vector) -> Vector:
    """Distances from the example to where each pre-activation is 0; infinite for those that depend on no input."""
    steepness = np.linalg.norm(slopes, axis=0)
    return np.asarray(np.divide(np.abs(z), steepness, out=np.full(len(z), np.inf), where=steepness > 0))


def _narrow(limits: Vector, z: Vector, slopes: Vector, on: NDArray[np.bool_]) -> None:
    """Reduce the limits on each input alone to where it makes one of these pre-activations 0."""
    for start in range(0, len(z), UNITS_AT_A_TIME):
        some = slice(start, start + UNITS_AT_A_TIME)
        slope = slopes[:, some]
        steps = np.abs(np.divide(z[some], slope, out=np.full(slope.shape, np.inf), where=slope != 0))
        raising = (slope > 0) != on[some]  # raising the input, not lowering it, brings the pre-activation to 0
        limits[:, 0] = np.maximum(limits[:, 0], -np.where(raising, np.inf, steps).min(axis=1))
        limits[:, 1] = np.minimum(limits[:, 1], np.where(raising, steps, np.inf).min(axis=1))


def _smallest_change(z: Vector, slopes: Vector, limits: Vector, labels: Sequence[Any]) -> InputChange | None:
    """The smallest change of one input, inside the limits, after which another logit is the highest."""
    best = int(z.argmax())
    behind = z[best] - z  # (n_classes,)
    gain = slopes - slopes[:, [best]]  # (n_inputs, n_classes): how fast each gains on the best
    steps = np.divide(behind, gain, out=np.full(gain.shape, np.inf), where=gain != 0)
    steps[:, best] = np.inf
    inside = (steps > limits[:, :1]) & (steps < limits[:, 1:])
    sizes = np.where(inside, np.abs(steps), np.inf)
    index, label = np.unravel_index(int(sizes.argmin()), sizes.shape)
    if not np.isfinite(sizes[index, label]):
        return None
    return InputChange(int(index), float(steps[index, label]), labels[int(label)])
