"""What holds of explanations whatever the network, the inputs and what is asked for."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside.attribution import explain
from rectinet.inside.difference import explain_difference
from rectinet.inside.readout import Readout
from rectinet.inside.region import region
from rectinet.network import Layer, Network, draw_signs

ENGINE = get_engine("native")
VALUES = st.floats(-3, 3, width=32).map(lambda v: 0.0 if abs(v) < 1e-3 else v)


@st.composite
def networks(draw: st.DrawFn, *, biases: bool = True, dtype: type = np.float64) -> Network:
    """Up to four layers of rectifiers or linear units, some weights and biases exactly 0."""
    sizes = draw(st.lists(st.integers(1, 20), min_size=2, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    layers = []
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        last = k == len(sizes) - 2
        W = rng.normal(size=(n_in, n_out)) * (rng.random((n_in, n_out)) < 0.8)
        b = rng.normal(size=n_out) * (rng.random(n_out) < 0.8) * biases
        unit = Activation("linear" if last else draw(st.sampled_from(["rectifier", "rectifier", "linear"])))
        signs = None if last else draw_signs(draw(st.sampled_from(["positive", "balanced"])), n_out, rng, dtype)
        layers.append(Layer(W.astype(dtype), b.astype(dtype), unit, signs))
    return Network(tuple(layers))


def vectors(n: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(VALUES, min_size=n, max_size=n).map(np.array)


def everything(network: Network) -> Readout:
    return Readout.each(network.n_outputs, [str(k) for k in range(network.n_outputs)], "logit")


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_contributions_and_constant_sum_up_to_the_output(data) -> None:
    network = data.draw(networks())
    X = np.stack(data.draw(st.lists(vectors(network.n_inputs), min_size=1, max_size=4)))
    for given_X in (X, csr_array(X)):
        found = explain(ENGINE, network.layers, everything(network), given_X)
        sums = np.stack([found.of(k).sum(axis=1) for k in range(len(X))])
        size = np.stack([np.abs(found.of(k)).sum(axis=1) for k in range(len(X))]) + np.abs(found.constants)
        outputs = ENGINE.outputs(network, X)
        assert (np.abs(sums + found.constants - outputs) <= 1e-10 * size + 1e-300).all()


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_without_biases_explanations_go_with_the_intensity_of_the_input(data) -> None:
    network = data.draw(networks(biases=False))
    x, brighter = data.draw(vectors(network.n_inputs)), data.draw(st.floats(0.25, 4))
    once, more = (explain(ENGINE, network.layers, everything(network), scale * x[None]) for scale in (1, brighter))
    scale = np.abs(once.contributions).max() + 1e-12
    np.testing.assert_allclose(more.contributions, brighter * once.contributions, rtol=1e-10, atol=1e-10 * scale)
    np.testing.assert_allclose(more.outputs, brighter * once.outputs, rtol=1e-10, atol=1e-10 * scale)
    assert not once.constants.any()


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_the_path_integral_is_complete_and_turns_round(data) -> None:
    network = data.draw(networks())
    x, baseline = data.draw(vectors(network.n_inputs)), data.draw(vectors(network.n_inputs))
    found = explain_difference(ENGINE, network, everything(network), x, baseline)
    outputs = ENGINE.outputs(network, np.stack([x, baseline]))
    total = found.contributions[0].sum(axis=1)
    size = np.abs(found.contributions[0]).sum(axis=1) + np.abs(outputs).sum(axis=0)
    assert (np.abs(total - (outputs[0] - outputs[1])) <= 1e-10 * size).all()
    back = explain_difference(ENGINE, network, everything(network), baseline, x)
    np.testing.assert_allclose(back.contributions, -found.contributions, atol=1e-9 * (1 + size.max()))


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_within_the_region_the_map_is_the_network(data) -> None:
    network = data.draw(networks())
    x = data.draw(vectors(network.n_inputs))
    found = region(ENGINE, network, everything(network), x)
    direction = data.draw(vectors(network.n_inputs))
    length = np.linalg.norm(direction)
    reach = min(found.distance, 10.0) * 0.999
    inside = x + direction / length * reach if length > 0 else x
    outputs = ENGINE.outputs(network, np.stack([x, inside]))
    scale = 1 + np.abs(found.A).sum() * (np.abs(x).max() + 10) + np.abs(found.c).max()
    np.testing.assert_allclose(found.A @ x + found.c, outputs[0], atol=1e-12 * scale)
    np.testing.assert_allclose(found.A @ inside + found.c, outputs[1], atol=1e-10 * scale)
