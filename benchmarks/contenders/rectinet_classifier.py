"""rectinet as people use it: RectifierClassifier, trained by partial_fit, asked through predictor()."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, N_CLASSES, Array, Labels, Parameters
from rectinet import RectifierClassifier

UNITS = {"relu": "rectifier", "tanh": "tanh", "softplus": "softplus"}


class RectinetClassifier:
    """Starts from its own initialisation of the same kind; rows are shuffled, as by default."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        self.model = RectifierClassifier(
            options.sizes[1:-1],
            activation=UNITS[options.activation],
            activity_l1=options.activity_l1,
            learning_rate=options.learning_rate,
            batch_size=BATCH_SIZE,
            early_stopping=False,
            engine="native",
            n_threads=options.threads,
            random_state=options.seed,
        )

    def train(self, X: Array, y: Labels) -> None:
        self.model.partial_fit(X, y, classes=np.arange(N_CLASSES))
        self.predictor = self.model.predictor()

    def predict(self, X: Array) -> Array:
        return self.predictor(X)

    def load(self, parameters: Parameters) -> None:
        raise NotImplementedError("RectifierClassifier draws its own parameters")

    def parameters(self) -> Parameters:
        return [(layer.W.copy(), layer.b.copy()) for layer in self.model.network_.layers]

    def report(self) -> dict[str, Any]:
        """What the history says about the last pass: loss, zeros, density and union per layer."""
        return dict(self.model.history_[-1])


if __name__ == "__main__":
    main(RectinetClassifier, variants=("default",), description=__doc__)
