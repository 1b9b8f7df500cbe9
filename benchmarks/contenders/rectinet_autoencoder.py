"""rectinet's native engine training one denoising auto-encoder: dense or sampled reconstruction, and their controls.

A control runs the same kernels as if every unit were on. The decoder of "sampled" is stored by output.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._denoising import ZEROS, Parameters, Problem, main
from benchmarks.problem import BATCH_SIZE, Array
from rectinet.activations import Activation
from rectinet.autoencoder import Autoencoder
from rectinet.engine import Steps, Totals, get_engine
from rectinet.layout import padded_copy
from rectinet.network import Layer
from rectinet.problems import Denoising, Sampling, Unlabelled

VARIANTS = ("dense", "sampled", "dense-control", "sampled-control")


class RectinetAutoencoder:
    """`Engine.train` called directly."""

    def __init__(self, problem: Problem, start: Parameters, variant: str) -> None:
        self.n_examples, self.rate = problem.X.shape[0], problem.learning_rate
        self.engine = get_engine("native", n_threads=problem.threads, skip_zeros=not variant.endswith("control"))
        sampled = variant.startswith("sampled")
        mean = np.asarray(problem.X.mean(axis=0)).ravel()
        self.autoencoder = Autoencoder(
            Layer(padded_copy(start.W), start.b.copy(), Activation("rectifier")),
            padded_copy(start.V.T if sampled else start.V),
            start.c.copy(),
            "sigmoid" if problem.loss == "cross_entropy" else "softplus",
            by_output=sampled,
        )
        self.problem = Denoising(
            self.autoencoder,
            Unlabelled(problem.X, None, np.arange(self.n_examples)),
            problem.corruption,
            activity_l1=0.0,
            seed=problem.seed,
            sampling=Sampling(ZEROS).by_frequency(mean) if sampled else None,
        )
        self.totals = Totals()

    def prepare(self, rows: slice) -> Array:
        return np.arange(rows.start, rows.stop)

    def train(self, examples: Array) -> None:
        rates = np.full(-(-len(examples) // BATCH_SIZE), self.rate)
        self.engine.train(self.problem, Steps(examples, BATCH_SIZE, rates), self.totals)

    def report(self) -> dict[str, Any]:
        """Loss per example; shares of inputs and units on, for one example and for any of ten; the sampling ratio."""
        totals, self.totals = self.totals, Totals()
        widths = np.array(self.autoencoder.encoder.W.shape)
        return {
            "loss": totals.loss / totals.examples,
            "density": (totals.active / (totals.examples * widths)).tolist(),
            "union": (totals.union / (totals.steps * widths)).tolist(),
            "sampling_ratio": totals.reconstructed / (totals.examples * self.autoencoder.n_in),
        }


if __name__ == "__main__":
    main(RectinetAutoencoder, variants=VARIANTS, description=__doc__)
