"""Small data that every estimator can learn in a moment."""

import signal

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rectinet.runs.layer_task import LayerTask


@pytest.fixture(scope="session")
def digits():
    """X of shape (300, 64) in [0, 1], about half of it zero, and the ten classes; read-only."""
    X, y = load_digits(return_X_y=True)
    X, y = X[:300] / 16, y[:300]
    X.setflags(write=False)
    y.setflags(write=False)
    return X, y


@pytest.fixture(scope="session")
def curve():
    """X of shape (200, 3) and two targets in awkward units."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200, 3))
    Y = np.c_[1000 + 50 * np.maximum(X[:, 0], 0), 1e-3 * (X[:, 1] - X[:, 2])]
    X.setflags(write=False)
    Y.setflags(write=False)
    return X, Y


@pytest.fixture(scope="session")
def same_parameters():
    """Whether two fitted estimators have the same bits."""

    def same(a, b):
        pairs = zip(a.network_.parameters(), b.network_.parameters(), strict=True)
        return all(p.tobytes() == q.tobytes() for (_, p), (_, q) in pairs)

    return same


def interrupt_at(monkeypatch, layer, epoch):
    """Ctrl-C at the end of a block of steps in this epoch of pre-training this hidden layer; both count from 0."""
    healthy = LayerTask.train

    def train(task, steps, totals):
        healthy(task, steps, totals)
        if (task.layer, steps.epoch) == (layer, epoch):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(LayerTask, "train", train)
