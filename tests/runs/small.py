"""Small data, and runs of a few steps on them."""

from __future__ import annotations

from typing import Any

import numpy as np

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
