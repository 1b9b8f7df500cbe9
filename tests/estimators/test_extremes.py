"""Numbers at the edge of what floats hold, and what other networks of scikit-learn offer."""

import numpy as np
import pytest
from scipy.sparse import issparse

from rectinet import (
    DivergenceError,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    StackedDenoisingAutoencoder,
)

SMALL = {"hidden_layer_sizes": (12, 12), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0}


@pytest.mark.parametrize("size", [1e308, 1e-300])
def test_huge_and_tiny_weights_weigh_as_their_ratios_do(size, digits, same_parameters):
    X, y = digits
    ratio = np.linspace(0.25, 1, len(y))
    plain = RectifierClassifier(**SMALL, dtype="float64").fit(X, y, sample_weight=ratio)
    scaled = RectifierClassifier(**SMALL, dtype="float64").fit(X, y, sample_weight=ratio * size)
    assert scaled.history_[-1]["loss"] > 0
    np.testing.assert_allclose(scaled.predict_proba(X), plain.predict_proba(X), atol=1e-9)


def test_huge_class_weights_too(digits):
    X, y = digits
    weights = {k: 1e307 * (1 + k) for k in range(10)}
    clf = RectifierClassifier(**SMALL, class_weight=weights).fit(X, y, sample_weight=np.full(len(y), 1e200))
    assert clf.history_[-1]["loss"] > 0


@pytest.mark.parametrize("size", [1e200, 1e-170, 1e-300])
def test_targets_of_any_size_are_standardised(size, curve):
    X, Y = curve
    y = Y[:, 0]
    plain = RectifierRegressor(**SMALL).fit(X, y)
    scaled = RectifierRegressor(**SMALL).fit(X, y * size)
    assert np.isfinite(scaled.predict(X)).all()
    np.testing.assert_allclose(scaled.predict(X) / size, plain.predict(X), rtol=1e-4)


def test_targets_that_cannot_be_standardised_are_refused(curve):
    X, _ = curve
    y = np.where(X[:, 0] > 1.5, 1.7e308, -1.7e308)  # no float64 lies as far from the one as from the other
    with pytest.raises(ValueError, match=r"y has values up to 1\.7e\+308, which cannot be standardised"):
        RectifierRegressor(**SMALL).fit(X, y)


def test_outputs_that_overflow_are_no_answer(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL).fit(X, y)
    with pytest.raises(ValueError, match="the outputs for row 1 of X are not finite"):
        clf.predict(np.vstack([X[0], np.full(64, 3e38)]))


def test_more_threads_than_cores_are_said_and_not_taken(digits, same_parameters, monkeypatch):
    monkeypatch.setattr("rectinet.runs.config.n_cores", lambda: 1)
    with pytest.warns(UserWarning, match="n_threads=200 is more than the 1 cores there are"):
        clf = RectifierClassifier(**SMALL, n_threads=200).fit(*digits)
    assert same_parameters(clf, RectifierClassifier(**SMALL, n_threads=-1).fit(*digits))
    with pytest.raises(ValueError, match="n_threads must be None, -1 or an integer from 1 to 256; got 257"):
        RectifierClassifier(**SMALL, n_threads=257).fit(*digits)


def test_a_network_too_large_says_how_large(digits):
    with pytest.raises(
        MemoryError, match=r"weights of 64 x 10,000,000,000,000 need [\d,.]+ GB, which is not available"
    ):
        RectifierClassifier((10**13,)).fit(*digits)


def test_names_that_scikit_learns_networks_have(digits):
    clf = RectifierClassifier(**SMALL).fit(*digits)
    assert clf.n_iter_ == clf.n_epochs_ == 3
    assert clf.loss_curve_ == [entry["loss"] for entry in clf.history_]
    assert clf.best_loss_ == min(clf.loss_curve_)
    assert [W.shape for W in clf.coefs_] == [(64, 12), (12, 12), (12, 10)]
    assert [b.shape for b in clf.intercepts_] == [(12,), (12,), (10,)]
    with pytest.raises(ValueError, match="read-only"):
        clf.coefs_[0][0, 0] = 1.0
    assert issubclass(DivergenceError, ValueError)


def test_a_warm_start_goes_on(digits):
    X, y = digits
    settings = SMALL | {"early_stopping": False, "shuffle": False, "max_epochs": 2}
    clf = RectifierClassifier(**settings, warm_start=True).fit(X, y)
    first = clf.history_[-1]["loss"]
    assert clf.fit(X, y).history_[0]["loss"] < first
    with pytest.raises(ValueError, match="unknown class 10"):
        clf.fit(X, y + 2)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(12, 12\).*warm_start=False"):
        clf.set_params(hidden_layer_sizes=(5,)).fit(X, y)
    regressor = RectifierRegressor(**settings, warm_start=True).fit(X, y)
    before = regressor.target_mean_
    assert regressor.fit(X, y + 1).target_mean_ is before


def test_a_stream_of_mostly_unlabelled_parts_is_learned_from(digits):
    X, y = digits
    clf = SemiSupervisedClassifier(**SMALL)
    with pytest.raises(ValueError, match=r"the first part has no labelled example.*classes="):
        clf.partial_fit(X[:50], np.full(50, -1))
    clf.partial_fit(X[:50], np.full(50, -1), classes=np.arange(10))
    assert clf.n_epochs_ == 0
    clf.partial_fit(X[50:150], y[50:150]).partial_fit(X[150:200], np.full(50, -1))
    assert clf.n_epochs_ == 1


@pytest.mark.parametrize("estimator", [RectifierClassifier, StackedDenoisingAutoencoder])
def test_frames_on_request_are_dense(estimator, digits):
    import pandas as pd

    settings = {"hidden_layer_sizes": (12,), "random_state": 0}
    mine = estimator(**settings).fit(*digits)
    sparse = mine.transform(digits[0])
    assert issparse(sparse)
    frame = mine.set_output(transform="pandas").transform(digits[0])
    assert isinstance(frame, pd.DataFrame)
    np.testing.assert_array_equal(frame.to_numpy(), sparse.toarray())
