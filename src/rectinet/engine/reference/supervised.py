"""Supervised problems: cost and gradient, as the formulas say."""

from __future__ import annotations

import numpy as np

from rectinet.arrays import Array, Matrix, Rows
from rectinet.engine.protocol import Totals
from rectinet.engine.reference.forward import active_and_union, forward, quiet
from rectinet.problems import Supervised
from rectinet.problems.supervised import LOSSES


@quiet
def cost_and_gradients(problem: Supervised, rows: Rows) -> tuple[Totals, dict[str, Array]]:
    """The one place that knows the cost and its gradient; the totals are sums over examples, the gradient a mean."""
    network, loss, examples = problem.network, LOSSES[problem.loss], problem.examples.take(rows)
    H, Z = forward(network.layers, examples.X)
    inputs: list[Matrix] = [examples.X, *H[:-1]]
    share = np.ones(examples.n, network.dtype) if examples.weight is None else examples.weight
    weight = share[:, None] / examples.n  # (n, 1)

    penalties = np.zeros(examples.n)
    for l1, h in zip(problem.activity_l1, H[:-1], strict=True):
        penalties += l1 * np.abs(h).sum(axis=1, dtype=np.float64)
    active, union = active_and_union(inputs)
    totals = Totals(
        steps=1,
        examples=examples.n,
        loss=float(share @ loss.value(H[-1], examples.Y).sum(axis=1)),
        penalty=float(share @ penalties),
        error=float(loss.error(H[-1], examples.Y).sum()),
        active=active,
        union=union,
    )

    gradients: dict[str, Array] = {}
    dH = loss.gradient(H[-1], examples.Y) * weight  # d cost / d h of the output layer, (n, n_outputs)
    for k in reversed(range(len(network.layers))):
        layer = network.layers[k]
        dZ = dH * layer.activation.derivative(Z[k])
        if layer.signs is not None:
            dZ *= layer.signs
        gradients |= {f"{k}.W": np.asarray(inputs[k].T @ dZ), f"{k}.b": dZ.sum(axis=0)}
        if k > 0:
            dH = dZ @ layer.W.T + problem.activity_l1[k - 1] * np.sign(H[k - 1]) * weight
    return totals, gradients
