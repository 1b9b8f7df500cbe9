"""Fixtures of the tests of greedy pre-training."""

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.network import initialise
from rectinet.runs.layers import LayerConfiguration

N, SIZES = 40, (12, 9, 7, 3)  # 4 steps an epoch at batch_size 10; no layer as wide as the one below
PLAIN = LayerConfiguration(epochs=2, learning_rate=0.02)


@pytest.fixture(params=["reference", "native"])
def engine(request):
    return get_engine(request.param)


@pytest.fixture(scope="module")
def X():
    """Shape (40, 12), in [0, 1], about half of it 0; the last input is always 0."""
    rng = np.random.default_rng(0)
    values = np.maximum(rng.normal(size=(N, 3)) @ rng.normal(size=(3, 12)), 0)
    values[:, -1] = 0
    return np.ascontiguousarray(values / values.max())


@pytest.fixture
def one_step_a_block(monkeypatch):
    monkeypatch.setattr("rectinet.runs.loop.BLOCK_SECONDS", 0)


def net_of(unit="rectifier", signs="balanced", dtype=np.float64, sizes=SIZES):
    return initialise(sizes, Activation(unit), signs=signs, rng=np.random.default_rng(1), dtype=dtype)


def codes_of(engine, network, X, k=0):
    """Codes of hidden layer k."""
    return engine.codes(network.layers[: k + 1], X)[-1]


def bits(network):
    return [values.tobytes() for _, values in network.parameters()]


def without_seconds(history):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]
