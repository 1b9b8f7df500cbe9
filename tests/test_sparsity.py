"""Counting what is off."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.engine import Engine, get_engine
from rectinet.inside import sparsity
from rectinet.network import Network, initialise


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(request.param)


@pytest.fixture
def X(global_random_seed: int) -> np.ndarray:
    rng = np.random.default_rng(global_random_seed)
    return (rng.normal(size=(37, 9)) * (rng.random((37, 9)) < 0.5)).astype(np.float32)


def planted(unit: str = "rectifier") -> Network:
    """Units 2 and 5 of the first layer and 0 of the second never fire; unit 1 of the second always does."""
    net = initialise((9, 8, 6, 3), Activation(unit), signs="balanced", rng=np.random.default_rng(0))
    net.layers[0].b[[2, 5]] = -1e3
    net.layers[1].b[[0, 1]] = -1e3, 1e3
    return net


def codes(net: Network, X: np.ndarray) -> list[np.ndarray]:
    H = []
    for layer in net.hidden:
        X = layer.activation.value(X @ layer.W + layer.b) * layer.signs
        H.append(X)
    return H


@pytest.mark.parametrize("chunk", [1, 10, 37, 1024])
@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_counts_are_those_of_the_codes(engine, X, kind, chunk, monkeypatch) -> None:
    monkeypatch.setattr(sparsity, "CHUNK", chunk)
    net = planted()
    first, second = codes(net, X)
    active = sparsity.active_per_example(engine, net, kind(X))
    np.testing.assert_array_equal(active, np.column_stack([(h != 0).sum(axis=1) for h in (first, second)]))
    np.testing.assert_allclose(sparsity.zeros(engine, net, kind(X)), [(first == 0).mean(), (second == 0).mean()])


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_dead_units_are_those_that_never_fire(engine, X, kind) -> None:
    net = planted()
    dead = sparsity.dead_units(engine, net, kind(X))
    for indices, h in zip(dead, codes(net, X), strict=True):
        np.testing.assert_array_equal(indices, np.flatnonzero((h == 0).all(axis=0)))
    assert {2, 5} <= set(dead[0])
    assert 0 in dead[1]
    assert 1 not in dead[1]


def test_a_unit_that_fires_once_in_many_chunks_is_not_dead(engine, X, monkeypatch) -> None:
    monkeypatch.setattr(sparsity, "CHUNK", 5)
    net = planted()
    net.layers[0].W[:, 2] = 0
    net.layers[0].W[0, 2] = 1
    net.layers[0].b[2] = -1
    X[:, 0] = 0
    assert 2 in sparsity.dead_units(engine, net, X)[0]
    X[17, 0] = 2
    assert 2 not in sparsity.dead_units(engine, net, X)[0]


@pytest.mark.parametrize("unit", ["tanh", "softplus"])
def test_dense_units_are_never_off(engine, X, unit) -> None:
    net = initialise((9, 8, 6, 3), Activation(unit), rng=np.random.default_rng(0))
    net.layers[0].b[...] = 0.1
    assert sparsity.zeros(engine, net, X).tolist() == [0, 0]
    assert [d.tolist() for d in sparsity.dead_units(engine, net, X)] == [[], []]


def test_without_hidden_layers_there_is_nothing_to_count(engine, X) -> None:
    net = initialise((9, 3), Activation("rectifier"), rng=np.random.default_rng(0))
    assert sparsity.zeros(engine, net, X).shape == (0,)
    assert sparsity.active_per_example(engine, net, X).shape == (37, 0)
    assert sparsity.dead_units(engine, net, X) == []


def test_no_example_is_an_error(engine, X) -> None:
    for count in (sparsity.zeros, sparsity.active_per_example, sparsity.dead_units):
        with pytest.raises(ValueError, match="X has none"):
            count(engine, planted(), X[:0])
