"""Sample and class weights."""

import numpy as np
import pytest

from rectinet import RectifierClassifier, RectifierRegressor

FULL_BATCH = {
    "hidden_layer_sizes": (8,),
    "learning_rate": 0.1,
    "batch_size": 1000,
    "max_epochs": 20,
    "shuffle": False,
    "early_stopping": False,
    "dtype": "float64",
    "random_state": 0,
}


@pytest.mark.parametrize("kind", [RectifierClassifier, RectifierRegressor])
def test_weight_k_is_a_row_given_k_times(kind, digits):
    X, y = digits
    times = np.random.default_rng(0).integers(0, 4, size=len(X))
    weighted = kind(**FULL_BATCH).fit(X, y, sample_weight=times)
    repeated = kind(**FULL_BATCH).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    for (_, a), (_, b) in zip(weighted.network_.parameters(), repeated.network_.parameters(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_weights_count_relative_to_each_other(digits, same_parameters):
    X, y = digits
    small = {**FULL_BATCH, "batch_size": 10}
    plain = RectifierClassifier(**small).fit(X, y)
    eight = RectifierClassifier(**small).fit(X, y, sample_weight=np.full(len(y), 8.0))
    assert same_parameters(plain, eight)


def test_examples_of_weight_zero_are_as_if_not_there(digits, same_parameters):
    X, y = digits
    weight = np.ones(len(y))
    weight[::3] = 0
    kept = weight > 0
    settings = {"hidden_layer_sizes": (8,), "max_epochs": 3, "early_stopping": True, "random_state": 0}
    a = RectifierClassifier(**settings).fit(X, y, sample_weight=weight)
    b = RectifierClassifier(**settings).fit(X[kept], y[kept], sample_weight=weight[kept])
    assert same_parameters(a, b)
    assert a.history_[-1]["validation_error"] == b.history_[-1]["validation_error"]


def test_class_weights_are_sample_weights(digits, same_parameters):
    X, y = digits
    per_class = {k: 1.0 + k for k in range(10)}
    a = RectifierClassifier(**FULL_BATCH, class_weight=per_class).fit(X, y)
    b = RectifierClassifier(**FULL_BATCH).fit(X, y, sample_weight=1.0 + y)
    assert same_parameters(a, b)


def test_balanced_class_weights_raise_the_rare_class():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(190, 1)), rng.normal(1.0, size=(10, 1))]
    y = np.r_[np.zeros(190), np.ones(10)]
    settings = FULL_BATCH | {"hidden_layer_sizes": (), "max_epochs": 300}
    plain = RectifierClassifier(**settings).fit(X, y).predict(X).sum()
    balanced = RectifierClassifier(**settings, class_weight="balanced").fit(X, y).predict(X).sum()
    assert plain <= 5
    assert balanced >= 30


def test_partial_fit_refuses_balanced_weights(digits):
    with pytest.raises(ValueError, match="cannot be told from one part of the data"):
        RectifierClassifier(class_weight="balanced").partial_fit(*digits)


@pytest.mark.parametrize(
    ("weight", "message"),
    [([0.0] * 300, "zero"), ([-1.0] + [1.0] * 299, "[Nn]egative"), ([np.nan] * 300, "NaN"), ([1.0] * 7, "shape")],
)
def test_wrong_weights_are_named(digits, weight, message):
    with pytest.raises(ValueError, match=message):
        RectifierClassifier(**FULL_BATCH).fit(*digits, sample_weight=weight)


def test_class_weights_where_a_part_lacks_the_weighted_class(digits):
    X, y = digits
    settings = {"hidden_layer_sizes": (8,), "max_epochs": 1, "random_state": 0, "class_weight": {3: 2.0}}
    others = y != 3
    clf = RectifierClassifier(**settings).fit(X, y, X_val=X[others], y_val=y[others])
    assert clf.class_weight_.tolist() == [1, 1, 1, 2, 1, 1, 1, 1, 1, 1]
    RectifierClassifier(**settings).partial_fit(X[others], y[others], classes=range(10)).partial_fit(X, y)


def test_balanced_weights_go_by_the_training_part(digits):
    X, y = digits
    clf = RectifierClassifier((8,), max_epochs=1, class_weight="balanced", random_state=0)
    clf.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    np.testing.assert_allclose(clf.class_weight_, 200 / (10 * np.bincount(y[:200])))


def test_a_weight_for_a_class_that_is_not_there_is_named(digits):
    with pytest.raises(ValueError, match="not in class_weight"):
        RectifierClassifier((8,), class_weight={"three": 2.0}).fit(*digits)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({0: -1.0}, "class_weight must have finite weights of at least 0"),
        ({0: np.nan}, "class_weight must have finite weights"),
        (dict.fromkeys(range(10), 0.0), "every example has weight 0 by class_weight"),
    ],
)
def test_wrong_class_weights_are_named(digits, weights, message):
    with pytest.raises(ValueError, match=message):
        RectifierClassifier((8,), class_weight=weights).fit(*digits)
