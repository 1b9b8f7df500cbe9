"""rectinet's native engine training one denoising auto-encoder: dense or sampled reconstruction, and their controls.

A control runs the same kernels as if every unit were on. The decoder of "sampled" is stored by output.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._denoising import ZEROS, Parameters, Problem, main
from benchmarks.problem import BATCH_SIZE, Array
from rectinet.activations import Activation
from rectinet.autoencoder import Autoencoder, NoiseKey, Sampling, Unlabelled
from rectinet.engine import Totals, get_engine
from rectinet.network import Layer, padded_copy
from rectinet.randomness import Purpose

VARIANTS = ("dense", "sampled", "dense-control", "sampled-control")


class RectinetAutoencoder:
    """`Engine.train_autoencoder` called directly."""

    def __init__(self, problem: Problem, start: Parameters, variant: str) -> None:
        self.problem = problem
        self.n_examples = problem.X.shape[0]
        self.engine = get_engine("native", n_threads=problem.threads, skip_zeros=not variant.endswith("control"))
        sampled = variant.startswith("sampled")
        mean = np.asarray(problem.X.mean(axis=0)).ravel()
        self.sampling = Sampling(ZEROS).by_frequency(mean) if sampled else None
        self.autoencoder = Autoencoder(
            Layer(padded_copy(start.W), start.b.copy(), Activation("rectifier")),
            padded_copy(start.V.T if sampled else start.V),
            start.c.copy(),
            "sigmoid" if problem.loss == "cross_entropy" else "softplus",
            by_output=sampled,
        )
        self.examples = Unlabelled(problem.X, None, np.arange(self.n_examples))
        self.totals = Totals()

    def prepare(self, rows: slice) -> Array:
        return np.arange(rows.start, rows.stop)

    def train(self, examples: Array) -> None:
        self.totals = self.engine.train_autoencoder(
            self.autoencoder,
            self.examples,
            self.problem.corruption,
            NoiseKey(self.problem.seed, 0, int(Purpose.NOISE)),
            activity_l1=0.0,
            order=examples,
            batch_size=BATCH_SIZE,
            learning_rates=np.full(-(-len(examples) // BATCH_SIZE), self.problem.learning_rate),
            sampling=self.sampling,
            totals=self.totals,
        )

    def report(self) -> dict[str, Any]:
        """Loss per example; shares of inputs and units on, for one example and for any of ten; the sampling ratio."""
        totals, self.totals = self.totals, Totals()
        widths = np.array(self.autoencoder.encoder.W.shape)
        return {
            "loss": totals.loss / totals.examples,
            "density": (totals.active / (totals.examples * widths)).tolist(),
            "union": (totals.union / (totals.steps * widths)).tolist(),
            "sampling_ratio": totals.errors / (totals.examples * self.autoencoder.n_in),
        }


if __name__ == "__main__":
    main(RectinetAutoencoder, variants=VARIANTS, description=__doc__)
