"""The oracle: networks computed and trained in plain NumPy, as the formulas say and no faster."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rectinet.autoencoder import Autoencoder, NoiseKey, Sampling, Unlabelled
from rectinet.engine import Array, Examples, Matrix, Objective, Totals
from rectinet.engine import _reference_autoencoder as denoising
from rectinet.engine._reference_autoencoder import autoencoder_gradients as autoencoder_gradients
from rectinet.engine._reference_network import cost_and_gradients, forward, quiet
from rectinet.engine._reference_network import gradients as gradients
from rectinet.network import Network
from rectinet.noise import Corruption


@dataclass(frozen=True)
class ReferenceEngine:
    """Computes in the network's dtype and skips nothing: the one engine that honours derivative_at_zero=1."""

    name: str = field(default="reference", init=False)

    def outputs(self, network: Network, X: Matrix) -> Array:
        return forward(network.layers, X)[0][-1]

    def hidden(self, network: Network, X: Matrix, layer: int) -> Array:
        return forward(network.layers[: range(len(network.hidden))[layer] + 1], X)[0][-1]

    def train(
        self,
        network: Network,
        examples: Examples,
        objective: Objective,
        *,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        totals: Totals | None = None,
    ) -> Totals:
        totals = Totals() if totals is None else totals
        for step, rate in enumerate(learning_rates.astype(network.dtype)):
            minibatch = _rows(examples, order[step * batch_size : (step + 1) * batch_size])
            before, step_gradients = cost_and_gradients(network, minibatch, objective)
            totals.add(before)
            for layer, (dW, db) in zip(network.layers, step_gradients, strict=True):
                _descend(layer.W, dW, rate)
                _descend(layer.b, db, rate)
        return totals

    def train_autoencoder(
        self,
        autoencoder: Autoencoder,
        examples: Unlabelled,
        corruption: Corruption,
        key: NoiseKey,
        *,
        activity_l1: float,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        sampling: Sampling | None = None,
        totals: Totals | None = None,
    ) -> Totals:
        totals = Totals() if totals is None else totals
        for step, rate in enumerate(learning_rates.astype(autoencoder.c.dtype)):
            rows = order[step * batch_size : (step + 1) * batch_size]
            targets = None if examples.targets is None else examples.targets[rows]
            minibatch = denoising.prepare(
                autoencoder, Unlabelled(examples.X[rows], targets, examples.ids[rows]), corruption, key, sampling
            )
            before, step_gradients = denoising.cost_and_gradients(autoencoder, minibatch, activity_l1)
            totals.add(before)
            for name, values in autoencoder.parameters():
                _descend(values, step_gradients[name], rate)
        return totals


def _rows(examples: Examples, rows: NDArray[np.int64]) -> Examples:
    weight = None if examples.weight is None else examples.weight[rows]
    return Examples(examples.X[rows], examples.Y[rows], weight)


@quiet
def _descend(values: Array, gradient: Array, rate: np.floating) -> None:
    values -= rate * gradient
