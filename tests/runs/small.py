"""Small data, runs of a few steps on them, and a task that needs none."""

from __future__ import annotations

from typing import Any

import numpy as np

from rectinet.engine import Totals
from rectinet.losses import Score
from rectinet.network import Network
from rectinet.runs import Configuration

N = 60
SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "learning_rate": 0.1, "max_epochs": 4, "random_state": 3}
PRETRAINED: dict[str, Any] = {**SMALL, "pretrain_epochs": 2, "max_epochs": 2, "pretrain_learning_rate": 0.05}


def draw(n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """X of shape (n, 8) in [0, 1], half of it zero, and three classes."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, 8)) * (rng.random((n, 8)) < 0.5)
    return X.astype(np.float32), (3 * X[:, 0] + 2 * X[:, 1]).astype(int).clip(0, 2)


X, Y = draw()
X_VAL, Y_VAL = draw(30, seed=1)
X_TEST, Y_TEST = draw(20, seed=2)
MORE, _ = draw(25, seed=4)
WEIGHT = np.linspace(0.5, 2, N)


def bits(network: Network) -> list[bytes]:
    return [values.tobytes() for _, values in network.parameters()]


def classify(**wishes: Any) -> Configuration:
    return Configuration(**SMALL | wishes)


class Scripted:
    """A task whose validation errors are written down beforehand; its one parameter counts the epochs."""

    n_examples, block_steps = 4, None

    def __init__(self, *scores: tuple[float, float]) -> None:
        self.scores = list(scores)
        self.counter = np.zeros(1)
        self.visited: list[np.ndarray] = []

    def parameters(self):
        return [("counter", self.counter)]

    def train(self, steps, totals):
        self.visited.append(steps.order.copy())
        self.counter[...] = steps.epoch + 1
        totals.add(Totals(steps=1, examples=len(steps.order)))

    def validate(self):
        return Score(*self.scores[int(self.counter[0]) - 1])

    def summary(self, totals):
        return {}
