"""The active path is exact: what is said to be added is added, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside.paths import active_path
from rectinet.network import Network, Signs, initialise


def network(signs: Signs = "balanced", unit: str = "rectifier") -> Network:
    drawn = initialise((9, 12, 8, 3), Activation(unit), signs=signs, rng=np.random.default_rng(4), dtype=np.float64)
    for layer in drawn.layers:
        layer.b[...] = np.random.default_rng(5).normal(scale=0.3, size=layer.n_out)
    return drawn


X = np.random.default_rng(6).normal(size=(20, 9)) * (np.random.default_rng(7).random((20, 9)) < 0.7)


@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("output", [None, 0, 2])
def test_contributions_and_biases_are_the_output(signs: Signs, output: int | None) -> None:
    net = network(signs)
    for x, outputs in zip(X, get_engine("reference").outputs(net, X), strict=True):
        path = active_path(net, x, output)
        assert path.output == (outputs.argmax() if output is None else output)
        assert path.value == pytest.approx(outputs[path.output], rel=1e-12)
        for contributions, bias in zip(path.contributions, path.biases, strict=True):
            assert contributions.sum() + bias == pytest.approx(path.value, rel=1e-12)


def test_edges_are_the_contributions_of_the_units_at_both_ends() -> None:
    path = active_path(network(), X[0])
    for level, contributions in enumerate(path.contributions):
        np.testing.assert_allclose(path.edges(level).sum(axis=1), contributions, rtol=1e-12, atol=1e-15)
        off = np.flatnonzero(path.codes[level] == 0)
        assert (path.edges(level)[off] == 0).all()
        if level + 1 < len(path.codes):
            assert (path.edges(level)[:, path.codes[level + 1] == 0] == 0).all()


def test_units_that_are_on_are_those_of_the_engine() -> None:
    net = network()
    for x, *codes in zip(X, *get_engine("reference").codes(net.hidden, X), strict=True):
        path = active_path(net, x)
        assert path.active[0].tolist() == np.flatnonzero(x).tolist()
        for on, h in zip(path.active[1:], codes, strict=True):
            assert on.tolist() == np.flatnonzero(h).tolist()


def test_slopes_are_derivatives() -> None:
    net, engine = network(), get_engine("reference")
    path = active_path(net, X[3])
    moved = X[3] + 1e-6 * np.eye(9)
    found = (engine.outputs(net, moved)[:, path.output] - path.value) / 1e-6
    np.testing.assert_allclose(path.slopes[0], found, atol=1e-8)


@pytest.mark.parametrize(
    ("x", "output", "unit", "said"),
    [
        (X[:2], None, "rectifier", r"one input of 9 finite values; got an array of shape \(2, 9\)"),
        (X[0] * np.nan, None, "rectifier", "one input of 9 finite values; got nan at 0"),
        (X[0], 3, "rectifier", r"output must be in 0\.\.2; got 3"),
        (X[0], None, "tanh", "tanh units are not linear"),
    ],
)
def test_what_has_no_path_is_named(x: np.ndarray, output: int | None, unit: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        active_path(network(unit=unit), x, output)
