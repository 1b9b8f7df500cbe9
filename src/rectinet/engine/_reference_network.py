"""The reference's networks: values, cost and gradient, as the formulas say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.engine import Array, Examples, Matrix, Objective, Totals
from rectinet.network import Layer, Network

Gradients = list[tuple[Array, Array]]  # (dW, db) of every layer, shaped as W and b

# A run that diverges is noticed by its loss, not by NumPy's warnings.
quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")


def gradients(network: Network, examples: Examples, objective: Objective) -> tuple[float, Gradients]:
    """Cost of one minibatch, the formula of `rectinet.engine`, and its derivatives.

    Returns
    -------
    cost : float
        Mean over the examples of the weighted loss plus the weighted activity L1.
    gradients : list of (dW, db)
        One pair for each layer, shaped as its W and b.
    """
    totals, pairs = cost_and_gradients(network, examples, objective)
    return (totals.loss + totals.penalty) / totals.examples, pairs


@quiet
def forward(layers: tuple[Layer, ...], X: Matrix) -> tuple[list[Array], list[Array]]:
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


@quiet
def cost_and_gradients(network: Network, examples: Examples, objective: Objective) -> tuple[Totals, Gradients]:
    """The one place that knows the cost and its gradient; the totals are sums over examples, the gradient a mean."""
    H, Z = forward(network.layers, examples.X)
    inputs: list[Matrix] = [examples.X, *H[:-1]]
    share = np.ones(examples.n, network.dtype) if examples.weight is None else examples.weight
    weight = share[:, None] / examples.n  # (n, 1)

    losses, errors, dH = (_softmax if objective.loss == "softmax" else _squared)(H[-1], examples.Y)
    penalties = np.zeros(examples.n)
    for l1, h in zip(objective.activity_l1, H[:-1], strict=True):
        penalties += l1 * np.abs(h).sum(axis=1, dtype=np.float64)
    active, union = active_and_union(inputs)
    totals = Totals(
        steps=1,
        examples=examples.n,
        loss=float(share @ losses),
        penalty=float(share @ penalties),
        errors=float(errors.sum()),
        active=active,
        union=union,
    )

    pairs: Gradients = []
    dH = dH * weight  # d cost / d h of the output layer, (n, n_outputs)
    for k in reversed(range(len(network.layers))):
        layer = network.layers[k]
        dZ = dH * layer.activation.derivative(Z[k])
        if layer.signs is not None:
            dZ *= layer.signs
        pairs.append((np.asarray(inputs[k].T @ dZ), dZ.sum(axis=0)))
        if k > 0:
            dH = dZ @ layer.W.T + objective.activity_l1[k - 1] * np.sign(H[k - 1]) * weight
    return totals, pairs[::-1]


def _softmax(outputs: Array, Y: NDArray[np.generic]) -> tuple[Array, Array, Array]:
    """-log p_y of every example in float64, whether it is misclassified, and p - onehot(y) of shape (n, n_outputs)."""
    rows = np.arange(len(outputs))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1, keepdims=True)
    losses = np.log(total[:, 0].astype(np.float64)) - shifted[rows, Y]
    errors = (outputs.argmax(axis=1) != Y).astype(np.float64)
    p /= total
    p[rows, Y] -= 1
    return losses, errors, p


def _squared(outputs: Array, Y: NDArray[np.generic]) -> tuple[Array, Array, Array]:
    """sum_k (y_k - o_k)^2 of every example in float64, twice, and 2 (o - y) of shape (n, n_outputs)."""
    difference = outputs - np.asarray(Y, dtype=outputs.dtype)
    losses = np.square(difference.astype(np.float64)).sum(axis=1)
    return losses, losses, 2 * difference


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
