"""Regression: targets in any unit, one or several."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import rectinet
from rectinet import RectifierRegressor

SMALL = {"hidden_layer_sizes": (40,), "learning_rate": 0.05, "max_epochs": 60, "random_state": 0}


def test_several_targets_in_awkward_units(curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL).fit(X, Y)
    predicted = reg.predict(X)
    assert predicted.shape == Y.shape
    assert predicted.dtype == np.float64
    errors = np.square(predicted - Y).mean(axis=0) / Y.var(axis=0)
    assert errors.max() < 0.05
    assert reg.score(X, Y) > 0.95


@pytest.mark.parametrize("shape", [(200,), (200, 1), (200, 2)])
def test_predictions_have_the_shape_of_the_targets(shape, curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL | {"max_epochs": 1}).fit(X, Y.ravel()[: np.prod(shape)].reshape(shape))
    assert reg.predict(X).shape == shape


def test_the_unit_of_the_targets_does_not_matter(curve):
    X, Y = curve
    settings = SMALL | {"max_epochs": 5, "dtype": "float64"}
    a = RectifierRegressor(**settings).fit(X, Y).predict(X)
    b = RectifierRegressor(**settings).fit(X, 1024 * Y).predict(X)
    np.testing.assert_allclose(b, 1024 * a, rtol=1e-10)


def test_targets_far_from_zero_keep_their_digits():
    x = np.linspace(-1, 1, 100)[:, np.newaxis]
    y = 1e6 + x[:, 0]
    reg = RectifierRegressor(**SMALL).fit(x, y)
    assert np.abs(reg.predict(x) - y).max() < 0.5


def test_constant_targets(curve):
    X, _ = curve
    reg = RectifierRegressor(**SMALL | {"max_epochs": 30}).fit(X, np.full(200, 0.1))
    np.testing.assert_allclose(reg.predict(X), 0.1, atol=0.2)
    assert reg.target_scale_ == 1


def test_no_hidden_layer_is_least_squares(curve):
    X, Y = curve
    reg = RectifierRegressor(
        (), learning_rate=0.2, batch_size=200, max_epochs=500, early_stopping=False, dtype="float64", random_state=0
    ).fit(X, Y)
    np.testing.assert_allclose(reg.predict(X), LinearRegression().fit(X, Y).predict(X), rtol=1e-4, atol=1e-7)


def test_predictor_answers_in_the_targets_units(curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL | {"max_epochs": 3}).fit(X, Y)
    p = reg.predictor()
    np.testing.assert_allclose([p(x) for x in X[:10]], reg.predict(X[:10]), rtol=1e-5, atol=1e-6)


def test_standardising_uses_the_training_part_and_the_weights(curve):
    X, Y = curve
    weight = np.linspace(0.1, 2, 200)
    reg = RectifierRegressor(**SMALL | {"max_epochs": 1, "early_stopping": False}).fit(X, Y, sample_weight=weight)
    np.testing.assert_allclose(reg.target_mean_, np.average(Y, axis=0, weights=weight))
    held = RectifierRegressor(**SMALL | {"max_epochs": 1}).fit(X[:150], Y[:150], X_val=X[150:], y_val=Y[150:])
    np.testing.assert_allclose(held.target_mean_, Y[:150].mean(axis=0))


def test_the_number_of_targets_cannot_change(curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL).partial_fit(X, Y)
    with pytest.raises(ValueError, match="y has 1 targets; the regressor was begun with 2"):
        reg.partial_fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="y has 1 targets"):
        RectifierRegressor(**SMALL).fit(X, Y, X_val=X, y_val=Y[:, 0])


def test_partial_fit_keeps_the_first_calls_scales(curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL).partial_fit(X, Y)
    mean = reg.target_mean_
    reg.partial_fit(X, 1.01 * Y)
    np.testing.assert_array_equal(reg.target_mean_, mean)


def prices(seed=0):
    X = np.random.default_rng(seed).random((60, 3)).astype("f4")
    return X, 200_000 + 50_000 * (X[:, 0] + X[:, 1])


@pytest.mark.parametrize("first", [1, 2, 19, 20])
def test_a_stream_may_begin_with_few_rows(first):
    X, y = prices()
    reg = RectifierRegressor((32,), learning_rate=0.05, random_state=0).partial_fit(X[:first], y[:first])
    for _ in range(20):
        reg.partial_fit(X, y)
    assert reg.score(X, y) > 0.9


def test_a_stream_of_single_rows_ends_with_their_mean_and_standard_deviation(tmp_path):
    X, y = prices()
    reg = RectifierRegressor((32,), learning_rate=0.05, random_state=0)
    for k in range(20):
        reg.partial_fit(X[[k]], y[[k]])
        if k == 7:  # a file keeps what the scale stands on
            reg.save(tmp_path / "model.st")
            reg = rectinet.load(tmp_path / "model.st")
    np.testing.assert_allclose([reg.target_mean_[0], reg.target_scale_[0]], [y[:20].mean(), y[:20].std()])
    reg.partial_fit(X[20:], y[20:])
    np.testing.assert_allclose(reg.target_mean_, y[:20].mean())


def test_a_first_call_with_a_constant_does_not_fix_the_scale():
    X, y = prices()
    reg = RectifierRegressor((32,), learning_rate=0.05, random_state=0).partial_fit(X[:30], np.zeros(30))
    np.testing.assert_allclose(reg.predict(X), 0, atol=1)
    for _ in range(20):
        reg.partial_fit(X, y)
    assert reg.score(X, y) > 0.9


def test_predictions_do_not_jump_when_the_scale_follows():
    X, y = prices()
    reg = RectifierRegressor((32,), learning_rate=1e-30, dtype="float64", random_state=0).partial_fit(X[:5], y[:5])
    before, scale = reg.predict(X), reg.target_scale_
    reg.partial_fit(X[5:15], y[5:15])
    assert not np.allclose(reg.target_scale_, scale)
    np.testing.assert_allclose(reg.predict(X), before)


@pytest.mark.parametrize("n", [1, 7, 60])
@pytest.mark.parametrize("weighted", [False, True])
def test_calls_on_the_same_rows_are_one_fit_bit_for_bit(n, weighted, same_parameters):
    X, y = prices()
    weight = np.linspace(0.5, 2, n) if weighted else None
    params = {"hidden_layer_sizes": (8,), "learning_rate": 0.01, "random_state": 0, "early_stopping": False}
    whole = RectifierRegressor(**params, max_epochs=3).fit(X[:n], y[:n], sample_weight=weight)
    parts = RectifierRegressor(**params)
    for _ in range(3):
        parts.partial_fit(X[:n], y[:n], sample_weight=weight)
    assert same_parameters(whole, parts)
