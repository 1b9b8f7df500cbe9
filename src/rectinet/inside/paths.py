"""The active path of one input: its active units, and the contribution of each to an output (section 3, Figure 2).

Given the set of active rectifiers, the network is linear: for every layer, an output is the sum of the contributions of
its units (the unit's value times the slope of the output with respect to it) and of the biases above. This is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine
from rectinet.inside.sparsity import in_chunks
from rectinet.network import Layer, Network


@dataclass(frozen=True)
class ActivePath:
    """The composition of one output of a network for one input; everything in float64.

    Attributes
    ----------
    output : int
        Index of the output.
    value : float
        Value of the output, before any softmax and any scaling of targets.
    codes : tuple of ndarray of shape (n_units,)
        The input, then the output of every hidden layer; a unit is active where it is not 0.
    slopes : tuple of ndarray of shape (n_units,)
        Derivative of the output with respect to each of these values.
    weights : tuple of ndarray of shape (n_units, n_units_above)
        Weights from each of these values to those of the layer above, including signs and slopes of the units above;
        the last lead to the output and have shape (n_units, 1).
    """

    output: int
    value: float
    codes: tuple[NDArray[np.float64], ...]
    slopes: tuple[NDArray[np.float64], ...]
    weights: tuple[NDArray[np.float64], ...]

    @property
    def active(self) -> tuple[NDArray[np.int64], ...]:
        """Indices, ascending, of the non-zero inputs and of the active units in each hidden layer."""
        return tuple(np.flatnonzero(h) for h in self.codes)

    @property
    def contributions(self) -> tuple[NDArray[np.float64], ...]:
        """Contribution of each input and each hidden unit to the output; 0 for inactive units."""
        return tuple(h * slope for h, slope in zip(self.codes, self.slopes, strict=True))

    @property
    def biases(self) -> tuple[float, ...]:
        """Contribution of the biases above each layer: with the contributions of that layer they sum to `value`."""
        return tuple(self.value - float(found.sum()) for found in self.contributions)

    def edges(self, level: int) -> NDArray[np.float64]:
        """Contributions of every unit of a level (0: the inputs) to the output through each unit above it.

        Each row sums to the contribution of its unit.
        """
        above = (*self.slopes[1:], np.ones(1))[level]
        return self.codes[level][:, None] * self.weights[level] * above


def active_path(network: Network, x: ArrayLike, output: int | None = None) -> ActivePath:
    """The active path of one input.

    Parameters
    ----------
    x : array-like of shape (n_inputs,)
    output : int, optional
        Default: the output with the highest value.

    Raises
    ------
    ValueError
        When x has another length or is not finite, the output does not exist, or units are not linear pieces through 0
        (tanh, logistic, softplus) and so have no such path.
    """
    point = np.asarray(x, dtype=np.float64)
    needed = f"an active path needs one input of {network.n_inputs} finite values; got"
    if point.shape != (network.n_inputs,):
        raise ValueError(f"{needed} an array of shape {point.shape}")
    if not np.isfinite(point).all():
        bad = int(np.flatnonzero(~np.isfinite(point))[0])
        raise ValueError(f"{needed} {point[bad]} at {bad}")
    curved = next((layer.activation.name for layer in network.layers if not layer.activation.homogeneous), None)
    if curved is not None:
        raise ValueError(f"{curved} units are not linear where they are on: only rectifiers have an active path")
    if output is not None and not 0 <= output < network.n_outputs:
        raise ValueError(f"output must be in 0..{network.n_outputs - 1}; got {output}")
    codes, weights = [point], []
    for layer in network.layers:
        value, slope = _on(layer, codes[-1])
        codes.append(value)
        weights.append(layer.W.astype(np.float64) * slope)
    outputs = codes.pop()
    asked = int(outputs.argmax()) if output is None else output
    weights[-1] = weights[-1][:, [asked]]
    slopes = [np.ones(1)]
    for each in reversed(weights):
        slopes.insert(0, each @ slopes[0])
    return ActivePath(asked, float(outputs[asked]), tuple(codes), tuple(slopes[:-1]), tuple(weights))


def log_n_paths(engine: Engine, network: Network, X: Matrix) -> NDArray[np.float64]:
    """Natural logarithm of the number of active linear paths of each example, shape (n_samples,).

    A path leads from a non-zero input through one active unit of every hidden layer to an output. The number of paths
    is the product of the numbers of non-zero inputs and active units, the same for every output. If it is 0, the
    logarithm is -inf.
    """
    counts = np.empty((X.shape[0], 1 + len(network.hidden)))
    if isinstance(X, csr_array):
        counts[:, 0] = np.diff(np.append(0, np.cumsum(X.data != 0))[X.indptr])
    else:
        counts[:, 0] = np.count_nonzero(X, axis=1)
    for rows, codes in in_chunks(engine, network, X):
        for k, h in enumerate(codes):
            counts[rows, k + 1] = np.count_nonzero(h, axis=1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(counts).sum(axis=1))


def _on(layer: Layer, below: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outputs of a layer, and the slope of each with respect to its own pre-activation: 0 if the unit is inactive."""
    z = below @ layer.W.astype(np.float64) + layer.b
    signs = np.ones(layer.n_out) if layer.signs is None else layer.signs.astype(np.float64)
    slope = signs * layer.activation.derivative(z)
    return signs * layer.activation.value(z), slope
