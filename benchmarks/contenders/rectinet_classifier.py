"""rectinet as people use it: RectifierClassifier, trained by partial_fit, asked through predictor()."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, N_CLASSES, Array, Labels, Parameters, digits
from rectinet import RectifierClassifier
from rectinet.estimators.predictor import Predictor

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
        self.predictor: Predictor | None = None

    def train(self, X: Array, y: Labels) -> None:
        self.model.partial_fit(X, y, classes=np.arange(N_CLASSES))
        self.predictor = None

    def predict(self, X: Array) -> Array:
        if len(X) > 1:
            return self.model.decision_function(X)
        if self.predictor is None:
            self.predictor = self.model.predictor()
        return self.predictor(X[0])[np.newaxis]

    def load(self, parameters: Parameters) -> None:
        for layer, (W, b) in zip(self.model.network_.layers, parameters, strict=True):
            layer.W[...], layer.b[...] = W, b
        self.predictor = None

    def parameters(self) -> Parameters:
        return [(layer.W.copy(), layer.b.copy()) for layer in self.model.network_.layers]

    def report(self) -> dict[str, Any]:
        """What the history says about the last pass (loss, density, union ...), and the zeros on test images."""
        test_zeros = self.model.sparsity(digits().test.X)
        return {**self.model.history_[-1], "test_zeros": [float(share) for share in test_zeros]}


if __name__ == "__main__":
    main(RectinetClassifier, variants=("default",), description=__doc__)
