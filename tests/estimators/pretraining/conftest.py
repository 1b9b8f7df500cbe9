"""Fixtures of the tests of pre-training through the estimators."""

import pytest

from rectinet import RectifierClassifier, RectifierRegressor

SMALL = {
    "hidden_layer_sizes": (16, 12), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0, "early_stopping": False,
    "pretrain_epochs": 2, "pretrain_learning_rate": 0.02,
}  # fmt: skip
KINDS = [RectifierClassifier, RectifierRegressor]


@pytest.fixture(scope="module")
def few(digits):
    """60 labelled digits and the inputs of 240 others."""
    X, y = digits
    return X[:60], y[:60], X[60:]
