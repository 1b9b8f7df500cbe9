"""scikit-learn's own checks of both estimators; every exception is declared here with its reason."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from rectinet import RectifierClassifier, RectifierRegressor

WEIGHTS = (
    "a row of weight 2 falls into one minibatch, a row given twice into two; the two agree for full batches, unshuffled"
    " (tests/estimators/test_weights.py)"
)
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS,
    "check_sample_weight_equivalence_on_sparse_data": WEIGHTS,
}
SMALL = {"hidden_layer_sizes": (20,), "learning_rate": 0.05, "max_epochs": 30, "random_state": 0, "engine": "reference"}
ESTIMATORS = [
    RectifierClassifier(**SMALL, dtype="float32"),
    RectifierClassifier(**SMALL, dtype="float64"),
    RectifierRegressor(**SMALL, dtype="float32"),
    RectifierRegressor(**SMALL, dtype="float64"),
]


# The checks fit 10 to 30 rows, of which early stopping can hold out too few; it says so.
@pytest.mark.filterwarnings("ignore:early_stopping is off for this fit:UserWarning")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda estimator: EXPECTED)
def test_scikit_learn_check(estimator, check):
    check(estimator)
