"""rectinet's native engine trained on bags of words as CSR: skipping zeros, or the dense-fused control."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._ratings import LEARNING_RATE, Problem, main
from benchmarks.problem import BATCH_SIZE, Array
from rectinet.activations import Activation
from rectinet.engine import Steps, Totals, get_engine
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network
from rectinet.problems import Examples, Supervised

VARIANTS = ("skipping", "dense")


class RectinetText:
    """`Engine.train` called directly."""

    def __init__(self, problem: Problem, variant: str) -> None:
        self.engine = get_engine("native", n_threads=problem.threads, skip_zeros=variant == "skipping")
        units = ["rectifier"] * (len(problem.parameters) - 1) + ["linear"]
        self.network = Network(
            tuple(
                Layer(padded_copy(W), b.copy(), Activation(unit))
                for (W, b), unit in zip(problem.parameters, units, strict=True)
            )
        )
        examples = Examples(problem.X, problem.y.astype(np.int32))
        self.problem = Supervised(self.network, examples, "softmax", (0.0,) * len(self.network.hidden))
        self.n_examples = examples.n
        self.totals = Totals()

    def prepare(self, rows: slice) -> Array:
        return np.arange(rows.start, rows.stop)

    def train(self, examples: Array) -> None:
        rates = np.full(-(-len(examples) // BATCH_SIZE), LEARNING_RATE)
        self.engine.train(self.problem, Steps(examples, BATCH_SIZE, rates), self.totals)

    def report(self) -> dict[str, Any]:
        """Loss per example; shares of words and units on, for one example and for any of ten."""
        totals, self.totals = self.totals, Totals()
        widths = np.array([layer.n_in for layer in self.network.layers])
        return {
            "loss": totals.loss / totals.examples,
            "density": (totals.active / (totals.examples * widths)).tolist(),
            "union": (totals.union / (totals.steps * widths)).tolist(),
        }


if __name__ == "__main__":
    main(RectinetText, variants=VARIANTS, description=__doc__)
