"""scikit-learn's MLPClassifier as plain SGD: no momentum, no penalty, constant rate, minibatches of 10."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import BATCH_SIZE, N_CLASSES, Array, Labels, Parameters, digits


class SklearnMLP:
    """`partial_fit` is one pass over the rows it is given. float32 stays float32."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        if options.activation == "softplus":
            raise SystemExit("sklearn_mlp has no softplus; take --activation relu or tanh")
        self.model = MLPClassifier(
            options.sizes[1:-1],
            activation=options.activation,
            solver="sgd",
            alpha=0.0,
            batch_size=BATCH_SIZE,
            learning_rate="constant",
            learning_rate_init=options.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
            random_state=options.seed,
        )
        warnings.filterwarnings("ignore", module="sklearn.neural_network")  # one pass never "converges"
        train = digits().train
        self.model.partial_fit(train.X[:BATCH_SIZE], train.y[:BATCH_SIZE], classes=np.arange(N_CLASSES))
        self.load(parameters)

    def train(self, X: Array, y: Labels) -> None:
        self.model.partial_fit(X, y)

    def predict(self, X: Array) -> Array:
        return self.model.predict_proba(X)  # scikit-learn has no way to the outputs before the softmax

    def load(self, parameters: Parameters) -> None:
        for k, (W, b) in enumerate(parameters):  # in place: the optimiser holds these arrays
            self.model.coefs_[k][...] = W
            self.model.intercepts_[k][...] = b

    def parameters(self) -> Parameters:
        return [(W.copy(), b.copy()) for W, b in zip(self.model.coefs_, self.model.intercepts_, strict=True)]

    def report(self) -> dict[str, Any]:
        return {}


if __name__ == "__main__":
    main(SklearnMLP, variants=("sgd",), description=__doc__)
