"""rectinet's native engine alone, with given parameters: skipping zeros, or the dense-fused control.

The control runs the same kernels as if every unit were on, so that fusion and zeros are credited apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, Array, Labels, Parameters
from rectinet.activations import Activation
from rectinet.engine import Steps, Totals, get_engine
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network
from rectinet.problems import Examples, Supervised

VARIANTS = ("skipping", "dense")
UNITS = {"relu": "rectifier", "tanh": "tanh", "softplus": "softplus"}


class RectinetEngine:
    """`Engine.train` called directly: what the kernels cost without the estimator around them."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        self.engine = get_engine("native", n_threads=options.threads, skip_zeros=options.variant == "skipping")
        self.options = options
        self.load(parameters)
        self.totals = Totals()

    def train(self, X: Array, y: Labels) -> None:
        problem = Supervised(self.network, Examples(X, y.astype(np.int32)), "softmax", self.options.activity_l1)
        rates = np.full(-(-len(X) // BATCH_SIZE), self.options.learning_rate)
        self.engine.train(problem, Steps(np.arange(len(X)), BATCH_SIZE, rates), self.totals)

    def predict(self, X: Array) -> Array:
        return self.engine.outputs(self.network, X)

    def load(self, parameters: Parameters) -> None:
        units = [Activation(UNITS[self.options.activation])] * (len(parameters) - 1) + [Activation("linear")]
        self.network = Network(
            tuple(Layer(padded_copy(W), b.copy(), unit) for (W, b), unit in zip(parameters, units, strict=True))
        )

    def parameters(self) -> Parameters:
        return [(layer.W.copy(), layer.b.copy()) for layer in self.network.layers]

    def report(self) -> dict[str, Any]:
        """Density and union of every layer's inputs, the data first, since the last report."""
        totals, self.totals = self.totals, Totals()
        if not totals.steps:
            return {}
        inputs = np.array([layer.n_in for layer in self.network.layers])
        return {
            "density": (totals.active / (totals.examples * inputs)).tolist(),
            "union": (totals.union / (totals.steps * inputs)).tolist(),
        }


if __name__ == "__main__":
    main(RectinetEngine, variants=VARIANTS, description=__doc__)
