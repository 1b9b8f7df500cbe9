"""Facts of section 2: one function has many parametrisations; rectifiers follow the intensity of their input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside.rescaling import balancing_factors, rescaled
from rectinet.network import Layer, Network, initialise

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.lists(st.integers(1, 12), min_size=2, max_size=5)
FACTORS = st.floats(1e-3, 1e3)


def drawn(seed: int, sizes: list[int], biases: bool = True) -> tuple[Network, np.ndarray]:
    rng = np.random.default_rng(seed)
    network = initialise(sizes, Activation(), signs="random", rng=rng, dtype=np.float64)
    for layer in network.layers:
        layer.b[...] = rng.normal(size=layer.n_out) if biases else 0
    return network, rng.normal(size=(15, sizes[0]))


def outputs(network: Network, X: np.ndarray, engine: str = "native") -> np.ndarray:
    return get_engine(engine).outputs(network, X)


@given(SEEDS, SIZES, st.data())
@settings(max_examples=60, deadline=None)
def test_rescaling_divides_outputs_by_the_product(seed: int, sizes: list[int], data: st.DataObject) -> None:
    network, X = drawn(seed, sizes)
    n = len(network.layers)
    factors = np.array(data.draw(st.lists(FACTORS, min_size=n, max_size=n)))
    # In terms of the layers' own size: an output that cancels to nothing has no digits to compare.
    size = np.abs(outputs(network, X)).max() + 1
    np.testing.assert_allclose(
        outputs(rescaled(network, factors), X) * factors.prod(), outputs(network, X), rtol=0, atol=1e-10 * size
    )
    factors[-1] = 1 / factors[:-1].prod()
    np.testing.assert_allclose(outputs(rescaled(network, factors), X), outputs(network, X), rtol=0, atol=1e-10 * size)


@given(SEEDS, SIZES, st.data())
@settings(max_examples=30, deadline=None)
def test_powers_of_two_change_no_bit(seed: int, sizes: list[int], data: st.DataObject) -> None:
    network, X = drawn(seed, sizes)
    powers = data.draw(st.lists(st.integers(-8, 8), min_size=len(sizes) - 2, max_size=len(sizes) - 2))
    factors = 2.0 ** np.array([*powers, -sum(powers)])
    assert outputs(rescaled(network, factors), X).tobytes() == outputs(network, X).tobytes()


@given(SEEDS, SIZES)
@settings(max_examples=40, deadline=None)
def test_balancing_equalises_norms_and_keeps_the_function(seed: int, sizes: list[int]) -> None:
    network, X = drawn(seed, sizes)
    norms = [np.linalg.norm(layer.W) for layer in network.layers]
    factors = balancing_factors(network)
    assert factors.prod() == pytest.approx(1, rel=1e-12)
    balanced = rescaled(network, factors)
    found = [np.linalg.norm(layer.W) for layer in balanced.layers]
    np.testing.assert_allclose(found, np.exp(np.mean(np.log(norms))), rtol=1e-12)
    size = np.abs(outputs(network, X)).max() + 1
    np.testing.assert_allclose(outputs(balanced, X), outputs(network, X), rtol=0, atol=1e-10 * size)


@given(SEEDS, SIZES, st.floats(1e-6, 1e6))
@settings(max_examples=60, deadline=None)
def test_without_biases_outputs_follow_the_intensity(seed: int, sizes: list[int], intensity: float) -> None:
    network, X = drawn(seed, sizes, biases=False)
    for engine in ("native", "reference"):
        expected = intensity * outputs(network, X, engine)
        np.testing.assert_allclose(
            outputs(network, intensity * X, engine), expected, rtol=0, atol=1e-10 * (np.abs(expected).max() + 1e-300)
        )


@given(SEEDS, st.integers(1, 10), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_pairs_that_share_weights_are_antisymmetric_or_symmetric(seed: int, n_inputs: int, n_pairs: int) -> None:
    """f(z) - f(-z) = z and f(z) + f(-z) = |z|, twice the units (section 3.3)."""
    rng = np.random.default_rng(seed)
    W, X = rng.normal(size=(n_inputs, n_pairs)), rng.normal(size=(20, n_inputs))
    pairs = Layer(np.hstack([W, -W]), np.zeros(2 * n_pairs), Activation())
    for sign, expected in ((-1.0, X @ W), (1.0, np.abs(X @ W))):
        above = np.vstack([np.eye(n_pairs), sign * np.eye(n_pairs)])
        network = Network((pairs, Layer(above, np.zeros(n_pairs), Activation("linear"))))
        np.testing.assert_allclose(outputs(network, X), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ([1.0, 2.0], r"factors must be 3 finite numbers above 0, one for each layer .*; got an array of shape \(2,\)"),
        (2.0, r"got an array of shape \(\)"),
        ([1.0, 0.0, 1.0], r"got \[1\.0, 0\.0, 1\.0\]"),
        ([1.0, -1.0, -1.0], r"got \[1\.0, -1\.0, -1\.0\]"),
        ([1.0, np.nan, 1.0], "nan"),
        ("often", "got 'often'"),
        ([1e-300, 1.0, 1.0], "parameters of layer 1 are too large or too small for float64"),
        ([1e300, 1e300, 1.0], "parameters of layer 2 are too large or too small"),
    ],
)
def test_factors_that_cannot_be_used_are_named(factors: object, said: str) -> None:
    network, _ = drawn(0, [4, 3, 3, 2])
    network.layers[0].W[0, 0] = 1e100
    with pytest.raises(ValueError, match=said):
        rescaled(network, factors)


@pytest.mark.parametrize("unit", ["tanh", "softplus", "logistic"])
def test_curved_units_are_refused(unit: str) -> None:
    network = initialise((4, 3, 2), Activation(unit), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=f"{unit} units do not keep their function"):
        rescaled(network, [2.0, 0.5])


def test_a_layer_of_zeros_cannot_be_balanced() -> None:
    network, _ = drawn(0, [4, 3, 2])
    network.layers[1].W[...] = 0
    with pytest.raises(ValueError, match="all weights of layer 2 are 0"):
        balancing_factors(network)
