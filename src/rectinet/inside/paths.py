"""The active path of one input: the units that are on, and what each gives to an output (section 3, Figure 2).

Once the set of active rectifiers is known, the network is linear: every output is a sum over the units of a layer, each
contributing its own value times the slope of the output in it, and of what biases above add. That is exact.
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
    """What one output of a network is made of, for one input; everything in float64.

    Attributes
    ----------
    output : int
        Which output.
    value : float
        Of the output, before any softmax and any scaling of targets.
    codes : tuple of ndarray of shape (n_units,)
        The input, then the output of every hidden layer; a unit is on where it is not 0.
    slopes : tuple of ndarray of shape (n_units,)
        Derivative of the output in each of these values.
    weights : tuple of ndarray of shape (n_units, n_units_above)
        From each of these values to those of the layer above, signs and slopes of the units above included; the last
        are those to the output, of shape (n_units, 1).
    """

    output: int
    value: float
    codes: tuple[NDArray[np.float64], ...]
    slopes: tuple[NDArray[np.float64], ...]
    weights: tuple[NDArray[np.float64], ...]

    @property
    def active(self) -> tuple[NDArray[np.int64], ...]:
        """Indices, ascending, of the inputs that are not 0 and of the units that are on in each hidden layer."""
        return tuple(np.flatnonzero(h) for h in self.codes)

    @property
    def contributions(self) -> tuple[NDArray[np.float64], ...]:
        """What each input and each hidden unit adds to the output; those of units that are off are 0."""
        return tuple(h * slope for h, slope in zip(self.codes, self.slopes, strict=True))

    @property
    def biases(self) -> tuple[float, ...]:
        """What the biases above each layer add: with the contributions of that layer the sum is `value`."""
        return tuple(self.value - float(found.sum()) for found in self.contributions)

    def edges(self, level: int) -> NDArray[np.float64]:
        """What goes from every unit of a level (0: the inputs) over every unit above it to the output.

        A row sums to the contribution of its unit.
        """
        above = (*self.slopes[1:], np.ones(1))[level]
        return self.codes[level][:, None] * self.weights[level] * above


def active_path(network: Network, x: ArrayLike, output: int | None = None) -> ActivePath:
    """The path of one input.

    Parameters
    ----------
    x : array-like of shape (n_inputs,)
    output : int, optional
        Default: the one with the highest value.

    Raises
    ------
    ValueError
        When x has another length or is not finite, there is no such output, or the units are not linear pieces through
        0 (tanh, logistic, softplus), which have no such path.
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

    A path goes from an input that is not 0 through one unit that is on in every hidden layer to an output: their number
    is the product of what is on, the same for every output. Without one it is 0, whose logarithm is -inf.
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
    """Outputs of a layer, and the slope of each unit's output in its own sum: 0 where it is off."""
    z = below @ layer.W.astype(np.float64) + layer.b
    signs = np.ones(layer.n_out) if layer.signs is None else layer.signs.astype(np.float64)
    slope = signs * layer.activation.derivative(z)
    return signs * layer.activation.value(z), slope
