"""What a layer reconstructs: codes, their scales and signs, and where its visible biases start."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import expit

from rectinet.autoencoder import autoencoder
from rectinet.noise import Corruption
from rectinet.runs.greedy import pretrain
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.reconstruction import costs, reconstruct, visible_biases
from rectinet.runs.source import Source, target_of
from tests.pretraining.conftest import N, codes_of, net_of


def source_of(network, X, engine, **settings):
    return Source.of(network, 1, LayerConfiguration(1, **settings), X, engine)


def test_targets_are_unsigned_codes(engine, X):
    network = net_of("softplus", "random")
    part = source_of(network, X, engine).rows(slice(None))
    np.testing.assert_allclose(part.targets, network.layers[0].activation.value(X @ network.layers[0].W), rtol=1e-12)
    np.testing.assert_array_equal(part.X, codes_of(engine, network, X))
    assert source_of(net_of(signs="positive"), X, engine).rows(slice(None)).targets is None


def test_tanh_targets_keep_their_sign_and_are_mapped_for_cross_entropy(engine, X):
    network = net_of("tanh")
    unsigned = np.tanh(X @ network.layers[0].W)
    assert (unsigned < 0).any()
    plain = source_of(network, X, engine).rows(slice(None))
    np.testing.assert_allclose(plain.targets, unsigned, rtol=1e-12)
    mapped = source_of(network, X, engine, reconstruction="sigmoid").rows(slice(None))
    np.testing.assert_allclose(mapped.targets, (unsigned + 1) / 2, rtol=1e-12)
    np.testing.assert_array_equal(mapped.X, plain.X)  # inputs are what the network will see


@pytest.mark.parametrize("unit", ["rectifier", "tanh", "softplus"])
def test_targets_before_the_nonlinearity(engine, unit, X):
    network = net_of(unit)
    part = source_of(network, X, engine, reconstruction="linear", target="pre-activation").rows(slice(None))
    np.testing.assert_allclose(part.targets, X @ network.layers[0].W, rtol=1e-12)
    np.testing.assert_allclose(part.X, codes_of(engine, network, X), rtol=1e-12)


@pytest.mark.parametrize("unit", ["rectifier", "tanh", "logistic"])
@pytest.mark.parametrize(("bounded", "target"), [(False, "code"), (True, "code"), (False, "pre-activation")])
def test_targets_lead_back_to_codes(engine, unit, bounded, target, X):
    network = net_of(unit, "random")
    if unit == "rectifier":
        network.layers[0].W[...] /= 10  # codes below 1, as scaled ones are
    mine = target_of(network.layers[0], bounded=bounded, target=target)
    codes, targets = mine.encoded(engine, (), X)
    np.testing.assert_allclose(mine.decoded(codes if targets is None else targets), codes, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scaling", ["global", "per-unit"])
@pytest.mark.parametrize("tied", [False, True])
def test_scaled_codes_fill_the_unit_interval(engine, scaling, tied, X):
    """Folded into W and b of a layer with n_in != n_hidden; its own reconstruction is unchanged."""
    first = LayerConfiguration(2, 0.05, tied=tied)
    plain, scaled = net_of(), net_of()
    plain.layers[0].b[...] = scaled.layers[0].b[...] = 0.05
    plain.layers[0].b[2] = scaled.layers[0].b[2] = -1e3  # never fires
    end = LayerConfiguration(0)
    a = pretrain(plain, X, [first, end], engine=engine, seed=5, keep_decoders=True)
    settings = LayerConfiguration(2, 0.05, tied=tied, code_scaling=scaling)
    b = pretrain(scaled, X, [settings, end], engine=engine, seed=5, keep_decoders=True)
    H, G = np.abs(codes_of(engine, plain, X)), np.abs(codes_of(engine, scaled, X))
    peak = H.max(axis=0) if scaling == "per-unit" else np.full(9, H.max())
    np.testing.assert_allclose(G * np.where(peak > 0, peak, 1), H, rtol=1e-12)
    assert G.max() == pytest.approx(1, rel=1e-12)
    if scaling == "per-unit":
        assert np.isin(np.round(G.max(axis=0), 9), [0.0, 1.0]).all()
    before, after = (
        reconstruct(state.finished[:1], [], codes_of(engine, network, X))
        for state, network in ((a, plain), (b, scaled))
    )
    np.testing.assert_allclose(after, before, rtol=1e-10)
    if scaling == "per-unit" or tied:
        assert not b.finished[0].tied


def test_held_out_codes_above_1_are_cut(engine, X):
    network = net_of()
    source = source_of(network, 100 * X, engine, reconstruction="sigmoid")
    part = source.rows(slice(None))
    assert np.abs(part.X).max() > 1
    assert part.targets.max() == 1
    np.testing.assert_array_equal(part.targets, np.minimum(np.abs(part.X), 1))
    np.testing.assert_allclose(source.mean(), np.minimum(np.abs(part.X), 1).mean(axis=0), rtol=1e-12)


def test_the_loss_takes_targets_above_1_as_1(X):
    mine = autoencoder(
        net_of().layers[0], reconstruction="sigmoid", tied=False, by_output=False, rng=np.random.default_rng(0)
    )
    z, targets = 6 * X - 2, 3 * X
    assert targets.max() > 1
    np.testing.assert_array_equal(costs(mine, z, targets), costs(mine, z, np.minimum(targets, 1)))
    assert (costs(mine, z, targets) >= 0).all()


def test_a_stack_goes_back_to_its_input(engine):
    """With as many linear units as inputs, codes hold everything and decoders can find it again."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    network = net_of("linear", "random", sizes=(4, 6, 5, 1))
    settings = LayerConfiguration(60, 0.05, corruption=Corruption(), reconstruction="linear")
    state = pretrain(network, X, [settings, settings], engine=engine, seed=5, keep_decoders=True)
    target = target_of(network.layers[0], bounded=False, target="code")
    np.testing.assert_allclose(reconstruct(state.finished, [target], codes_of(engine, network, X, 1)), X, atol=1e-2)


def test_biases_start_at_the_mean():
    mean = np.array([0.0, 0.005, 0.3, 1.0])
    p = (100 * mean + 0.5) / 101
    np.testing.assert_allclose(expit(visible_biases("sigmoid", mean, 100)), p, rtol=1e-12)
    floor = np.array([0.01, 0.01, 0.3, 1.0])
    np.testing.assert_allclose(np.log1p(np.exp(visible_biases("softplus", mean, 100))), floor, rtol=1e-12)
    np.testing.assert_array_equal(visible_biases("rectifier", mean, 100), floor)
    np.testing.assert_array_equal(visible_biases("linear", -mean, 100), -mean)
    assert visible_biases("softplus", np.array([1e4]), 100) == pytest.approx(1e4)


@pytest.mark.parametrize("sparse", [False, True])
def test_the_first_layers_biases_are_those_of_the_data(engine, sparse, X):
    ones = (X > 0).astype(float)
    settings = LayerConfiguration(1, 1e-300, reconstruction="sigmoid")
    given = csr_array(ones) if sparse else ones
    state = pretrain(net_of(sizes=(12, 4, 2)), given, [settings], engine=engine, seed=5, keep_decoders=True)
    expected = visible_biases("sigmoid", ones.mean(axis=0), N)
    np.testing.assert_allclose(state.finished[0].c, expected, rtol=1e-12)
    assert state.finished[0].c[-1] == pytest.approx(np.log(0.5 / 40.5))


def test_chunks_change_no_mean_or_peak(engine, X, monkeypatch):
    source = source_of(net_of(), X, engine)
    mean, peak = source.mean(), source.peak()
    monkeypatch.setattr("rectinet.runs.source.CHUNK_VALUES", 12 * 7)
    assert len(list(source.chunks())) == 6
    np.testing.assert_allclose(source.mean(), mean, rtol=1e-12)
    np.testing.assert_array_equal(source.peak(), peak)
