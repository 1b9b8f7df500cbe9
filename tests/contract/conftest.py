"""Every contract test runs on every engine, in single and double precision."""

import numpy as np
import pytest

from rectinet.engine import Engine, get_engine

ENGINES = {
    "reference": {"name": "reference"},
    "native": {"name": "native"},
    "native-unskipped": {"name": "native", "skip_zeros": False},
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(**ENGINES[request.param])


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> type:
    return request.param


@pytest.fixture
def rng(global_random_seed: int) -> np.random.Generator:
    return np.random.default_rng(global_random_seed)
