"""Ratings: expected values of ordered classes."""

import numpy as np
import pytest

import rectinet
from rectinet import RatingRegressor, RectifierClassifier

SMALL = {"hidden_layer_sizes": (20,), "learning_rate": 0.05, "max_epochs": 40, "random_state": 0}


@pytest.fixture(scope="module")
def stars():
    """X of shape (400, 5) and stars 1 to 5 that rise with its first column, 3 never given."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 5))
    y = np.clip(np.round(3 + 1.5 * X[:, 0] + 0.5 * rng.normal(size=400)), 1, 5)
    y[y == 3] = 4
    return X, y


def test_it_is_the_expected_class_of_the_classifier(stars):
    X, y = stars
    settings = SMALL | {"early_stopping": False, "max_epochs": 3}
    clf, rating = RectifierClassifier(**settings).fit(X, y), RatingRegressor(**settings).fit(X, y)
    np.testing.assert_array_equal(rating.class_probabilities(X), clf.predict_proba(X))
    np.testing.assert_allclose(rating.predict(X), clf.predict_proba(X) @ [1, 2, 4, 5], rtol=1e-12)
    assert rating.classes_.tolist() == [1, 2, 4, 5]


def test_scores(stars):
    X, y = stars
    rating = RatingRegressor(**SMALL).fit(X[:300], y[:300])
    missed = rating.predict(X[300:]) - y[300:]
    assert rating.rmse(X[300:], y[300:]) == pytest.approx(np.sqrt(np.mean(missed**2)))
    assert rating.score(X[300:], y[300:]) == pytest.approx(1 - np.mean(missed**2) / y[300:].var())
    assert rating.rmse(X[300:], y[300:]) < 0.8
    weight = np.arange(100.0)
    assert rating.rmse(X[300:], y[300:], weight) == pytest.approx(np.sqrt(np.average(missed**2, weights=weight)))


def test_epochs_are_judged_by_the_rmse(stars):
    X, y = stars
    rating = RatingRegressor(**SMALL).fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    errors = [e["validation_error"] for e in rating.history_]
    assert rating.rmse(X[300:], y[300:]) == pytest.approx(min(errors), rel=1e-5)
    assert rating.best_epoch_ == 1 + errors.index(min(errors))


def test_classes_that_never_came(stars, tmp_path):
    X, y = stars
    rating = RatingRegressor(classes=[1, 2, 3, 4, 5], **SMALL).fit(X, y)
    assert rating.classes_.tolist() == [1, 2, 3, 4, 5]
    assert rating.class_probabilities(X).shape == (400, 5)
    rating.save(tmp_path / "rating")
    again = rectinet.load(tmp_path / "rating")
    np.testing.assert_array_equal(again.predict(X), rating.predict(X))
    assert again.classes == [1, 2, 3, 4, 5]


def test_predictor_answers_one_rating(stars):
    X, y = stars
    rating = RatingRegressor(**SMALL).fit(X, y)
    p = rating.predictor()
    np.testing.assert_allclose([p(x)[0] for x in X[:20]], rating.predict(X[:20]), rtol=1e-4)
    assert p(X[0]).shape == (1,)


def test_partial_fit_is_fit(stars, same_parameters):
    X, y = stars
    whole = RatingRegressor(**SMALL | {"max_epochs": 2, "early_stopping": False}, classes=range(1, 6)).fit(X, y)
    pieces = RatingRegressor(**SMALL, classes=range(1, 6)).partial_fit(X, y).partial_fit(X, y)
    assert same_parameters(whole, pieces)


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ([3], r"classes must be at least 2 different numbers; got \[3\]"),
        ([1, np.nan], "classes must be"),
        ([1, 2, 3], "unknown class 4.0"),
    ],
)
def test_wrong_classes_are_named(classes, said, stars):
    with pytest.raises(ValueError, match=said):
        RatingRegressor(classes=classes, **SMALL).fit(*stars)


def test_pretraining_and_weights_are_those_of_the_classifier(stars):
    X, y = stars
    settings = SMALL | {"pretrain_epochs": 2, "reconstruction": "linear", "class_weight": "balanced"}
    rating = RatingRegressor(**settings).fit(X[:100], y[:100], X_unlabeled=X[100:])
    assert len(rating.pretrain_history_) == 2
    assert rating.class_weight_.shape == (4,)
