"""The engine `torch` stands in for the engines of the contract tests."""

import os

import numpy as np
import pytest

from rectinet.engine import Engine, get_engine

DEVICE = os.environ.get("RECTINET_TORCH_DEVICE", "cpu")


@pytest.fixture
def engine() -> Engine:
    """On the CPU, or on the device that RECTINET_TORCH_DEVICE names (`scripts/check_gpu.py`)."""
    return get_engine(f"torch:{DEVICE}")


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> type:
    return request.param


@pytest.fixture
def rng(global_random_seed: int) -> np.random.Generator:
    return np.random.default_rng(global_random_seed)
