"""Auto-encoders as data: their parts, their shapes, what is shared and what is refused."""

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.autoencoder import RECONSTRUCTIONS, Autoencoder, autoencoder
from rectinet.layout import is_padded
from rectinet.losses import CrossEntropy, Squared
from rectinet.network import Layer, draw_signs
from rectinet.problems import Sampling

LAYOUTS = {"tied": (True, True), "by-output": (False, True), "by-hidden": (False, False)}
layouts = pytest.mark.parametrize("layout", LAYOUTS)


def encoder(seed: int, n_in: int = 7, n_hidden: int = 5, dtype: type = np.float32) -> Layer:
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(n_in, n_hidden)).astype(dtype)
    b = rng.normal(size=n_hidden).astype(dtype)
    return Layer(W, b, Activation("rectifier"), draw_signs("balanced", n_hidden, rng, dtype))


def fresh(layout: str, seed: int = 0, dtype: type = np.float32) -> Autoencoder:
    tied, by_output = LAYOUTS[layout]
    rng = np.random.default_rng(seed)
    return autoencoder(encoder(seed, dtype=dtype), reconstruction="softplus", tied=tied, by_output=by_output, rng=rng)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@layouts
def test_a_fresh_decoder_is_drawn_as_every_layer_is(layout, dtype) -> None:
    model = fresh(layout, dtype=dtype)
    assert model.V.shape == ((5, 7) if layout == "by-hidden" else (7, 5))
    assert model.c.tolist() == [0] * 7
    assert model.V.dtype == model.c.dtype == dtype
    assert model.tied == (layout == "tied")
    assert model.by_output == (layout != "by-hidden")
    assert model.n_in == 7
    if not model.tied:
        assert is_padded(model.V)
        bound = np.sqrt(6 / 12)
        assert 0.8 * bound < np.abs(model.V).max() <= bound


def test_a_tied_decoder_is_the_encoder_and_is_stored_by_output_whatever_was_asked() -> None:
    layer = encoder(0)
    rng = np.random.default_rng(0)
    model = autoencoder(layer, reconstruction="linear", tied=True, by_output=False, rng=rng)
    assert model.V is layer.W
    assert model.by_output


@layouts
def test_parameters_are_named_once_each(layout) -> None:
    model = fresh(layout)
    parameters = dict(model.parameters())
    assert list(parameters) == (["W", "b", "c"] if layout == "tied" else ["W", "b", "V", "c"])
    assert parameters["W"] is model.encoder.W
    assert parameters["c"] is model.c
    assert len({id(values) for values in parameters.values()}) == len(parameters)


@layouts
def test_a_copy_shares_nothing_with_the_original_and_stays_tied(layout) -> None:
    model = fresh(layout)
    before = {name: values.copy() for name, values in model.parameters()}
    copy = model.copy()
    assert copy.tied == model.tied
    assert is_padded(copy.encoder.W)
    assert is_padded(copy.V)
    for name, values in copy.parameters():
        np.testing.assert_array_equal(values, before[name])
        values += 1
    for name, values in model.parameters():
        np.testing.assert_array_equal(values, before[name])
    if copy.tied:
        np.testing.assert_array_equal(copy.V, before["W"] + 1)


def test_the_four_reconstructions_of_the_paper() -> None:
    found = {
        name: (model.unit, model.loss)
        for name in RECONSTRUCTIONS
        for model in [Autoencoder(encoder(0), np.zeros((5, 7)), np.zeros(7), name, by_output=False)]
    }
    assert found == {
        "softplus": (Activation("softplus"), Squared(Activation("softplus"))),
        "sigmoid": (Activation("logistic"), CrossEntropy()),
        "linear": (Activation("linear"), Squared(Activation("linear"))),
        "rectifier": (Activation("rectifier"), Squared(Activation("rectifier"))),
    }


@pytest.mark.parametrize(
    ("V", "c", "by_output"),
    [((7, 5), (7,), False), ((5, 7), (7,), True), ((5, 7), (5,), False), ((7, 5), (5,), True), ((7,), (7,), True)],
)
def test_a_decoder_of_another_shape_is_refused(V, c, by_output) -> None:
    with pytest.raises(ValueError, match="the decoder needs V") as error:
        Autoencoder(encoder(0), np.zeros(V), np.zeros(c), "linear", by_output)
    assert str(V) in str(error.value)
    assert str(c) in str(error.value)


def test_an_unknown_reconstruction_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"one of softplus, sigmoid, linear, rectifier; got 'cosine'"):
        Autoencoder(encoder(0), np.zeros((5, 7)), np.zeros(7), "cosine", by_output=False)


@pytest.mark.parametrize("zeros", [0.0, -0.1, 1.1, float("nan")])
def test_an_impossible_share_of_zeros_is_refused(zeros) -> None:
    with pytest.raises(ValueError, match=r"must lie in \(0, 1\]; got"):
        Sampling(zeros)


@pytest.mark.parametrize("zeros", [1e-6, 1.0])
def test_the_ends_of_sampling(zeros) -> None:
    assert Sampling(zeros).zeros == zeros


def test_sampling_fits_decoders_stored_by_output() -> None:
    sampling = Sampling(0.1)
    sampling.check(fresh("tied"))
    sampling.check(fresh("by-output"))
    with pytest.raises(ValueError, match=r"\(5, 7\): use by_output=True or sampling=None"):
        sampling.check(fresh("by-hidden"))


def test_draws_by_frequency_are_as_many_on_average_and_bounded() -> None:
    mean = np.array([0.0, 0.001, 0.01, 0.1, 0.9])
    sampling = Sampling(0.3).by_frequency(mean)
    drawn = sampling.probabilities(5)
    assert drawn.mean() == pytest.approx(0.3, rel=1e-9)
    assert drawn.min() == pytest.approx(0.03)
    assert (np.diff(drawn) >= 0).all()
    assert sampling.by_frequency(mean) is sampling
    assert Sampling(0.3).by_frequency(np.zeros(5)).zeros == 0.3


@pytest.mark.parametrize("zeros", [np.array([0.5, 0.0]), np.array([0.5, 1.1]), np.array([np.nan, 0.5])])
def test_probabilities_lie_in_the_unit_interval(zeros) -> None:
    with pytest.raises(ValueError, match=r"sampling must lie in \(0, 1\]"):
        Sampling(zeros)
