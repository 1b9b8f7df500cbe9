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
    report = sparsity.report(engine, net, kind(X))
    assert (report.n_examples, report.n_units) == (37, (8, 6))
    np.testing.assert_array_equal(report.units_on, np.column_stack([(h != 0).sum(axis=1) for h in (first, second)]))
    for k, h in enumerate((first, second)):
        np.testing.assert_array_equal(report.times_on[k], (h != 0).sum(axis=0))
        np.testing.assert_allclose(report.zeros_by_unit[k], (h == 0).mean(axis=0))
        np.testing.assert_allclose(report.zeros_by_example[:, k], (h == 0).mean(axis=1))
    np.testing.assert_allclose(report.zeros_by_layer, [(first == 0).mean(), (second == 0).mean()])
    np.testing.assert_array_equal(report.zeros_by_layer, sparsity.zeros(engine, net, kind(X)))


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_dead_units_never_fire_and_others_always_do(engine, X, kind) -> None:
    net = planted()
    report = sparsity.report(engine, net, kind(X))
    for dead, always, h in zip(report.dead, report.always_on, codes(net, X), strict=True):
        np.testing.assert_array_equal(dead, np.flatnonzero((h == 0).all(axis=0)))
        np.testing.assert_array_equal(always, np.flatnonzero((h != 0).all(axis=0)))
    assert {2, 5} <= set(report.dead[0])
    assert 0 in report.dead[1]
    assert 1 in report.always_on[1]


def test_a_report_can_be_read(engine, X) -> None:
    report = sparsity.report(engine, planted(), X)
    title, headings, first, second = repr(report).splitlines()
    assert title == "SparsityReport of 37 examples"
    on = report.units_on[:, 1]
    spread = f"{np.median(on):,.0f} ({on.min()} to {on.max()})"
    facts = [f"{report.zeros_by_layer[1]:.1%}", str(len(report.dead[1])), str(len(report.always_on[1]))]
    assert second.split() == ["2", "6", *facts, *spread.split()]
    assert len({len(line) for line in (headings, first, second)}) == 1


def test_a_unit_that_fires_once_in_many_chunks_is_not_dead(engine, X, monkeypatch) -> None:
    monkeypatch.setattr(sparsity, "CHUNK", 5)
    net = planted()
    net.layers[0].W[:, 2] = 0
    net.layers[0].W[0, 2] = 1
    net.layers[0].b[2] = -1
    X[:, 0] = 0
    assert 2 in sparsity.report(engine, net, X).dead[0]
    X[17, 0] = 2
    assert 2 not in sparsity.report(engine, net, X).dead[0]


@pytest.mark.parametrize("unit", ["tanh", "softplus"])
def test_dense_units_are_never_off(engine, X, unit) -> None:
    net = initialise((9, 8, 6, 3), Activation(unit), rng=np.random.default_rng(0))
    net.layers[0].b[...] = 0.1
    assert sparsity.zeros(engine, net, X).tolist() == [0, 0]
    assert [d.tolist() for d in sparsity.report(engine, net, X).dead] == [[], []]


def test_without_hidden_layers_there_is_nothing_to_count(engine, X) -> None:
    net = initialise((9, 3), Activation("rectifier"), rng=np.random.default_rng(0))
    assert sparsity.zeros(engine, net, X).shape == (0,)
    report = sparsity.report(engine, net, X)
    assert report.units_on.shape == report.zeros_by_example.shape == (37, 0)
    assert report.dead == report.always_on == report.zeros_by_unit == ()
    assert repr(report) == "SparsityReport of 37 examples: no hidden layer"


def test_no_example_is_an_error(engine, X) -> None:
    for count in (sparsity.zeros, sparsity.report):
        with pytest.raises(ValueError, match="X has none"):
            count(engine, planted(), X[:0])
