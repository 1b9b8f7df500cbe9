"""scikit-learn's own checks of every estimator; every exception is declared here with its reason."""

import os
import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    StackedDenoisingAutoencoder,
)

WEIGHTS = (
    "a row of weight 2 falls into one minibatch, a row given twice into two; the two agree for full batches, unshuffled"
    " (tests/estimators/test_weights.py)"
)
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": WEIGHTS,
    "check_sample_weight_equivalence_on_sparse_data": WEIGHTS,
}
UNLABELLED = {"check_classifiers_classes": "it fits the labels -1 and 1, and -1 is unlabelled here"}
ARRAY_API = "check_array_api_input"  # needs an environment variable before scipy is imported: see the last test

SMALL = {"hidden_layer_sizes": (20,), "learning_rate": 0.05, "max_epochs": 30, "random_state": 0}
# The checks' features go below 0, and some far from it.
PRETRAINED = {"pretrain_epochs": 2, "pretrain_learning_rate": 1e-4, "reconstruction": "linear"}
ESTIMATORS = [
    kind(**SMALL, engine=engine, dtype=dtype)
    for kind in (RectifierClassifier, RectifierRegressor)
    for engine, dtype in [("native", "float32"), ("native", "float64"), ("reference", "float64")]
] + [
    RectifierClassifier(**SMALL, **PRETRAINED),
    RatingRegressor(**SMALL),
    SemiSupervisedClassifier(**SMALL, **PRETRAINED),
    StackedDenoisingAutoencoder((20,), epochs=3, reconstruction="linear", random_state=0),
]


def name_of(check):
    return getattr(check, "func", check).__name__


def expected_failure(estimator, check):
    reasons = EXPECTED | (UNLABELLED if isinstance(estimator, SemiSupervisedClassifier) else {})
    reason = reasons.get(name_of(check))
    return [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]


CASES = [
    pytest.param(
        estimator,
        check,
        id=f"{type(estimator).__name__}-{estimator.engine}-{estimator.dtype}-{name_of(check)}-{k}",
        marks=expected_failure(estimator, check),
    )
    for estimator in ESTIMATORS
    for k, (_, check) in enumerate(estimator_checks_generator(estimator))
    if name_of(check) != ARRAY_API
]


# Many checks fit 10 to 30 rows, of which early stopping can hold out too few, and some fit features around 100, on
# which a rectifier falls silent or its loss explodes. All of it is said.
@pytest.mark.filterwarnings("ignore:early_stopping is off for this fit:UserWarning")
@pytest.mark.filterwarnings("ignore:hidden layer 0 is silent:UserWarning")
@pytest.mark.filterwarnings("ignore:training exploded:UserWarning")
@pytest.mark.parametrize(("estimator", "check"), CASES)
def test_scikit_learn_check(estimator, check):
    check(estimator)


def test_scikit_learn_array_api_check():
    script = f"""
import warnings
from sklearn.utils.estimator_checks import estimator_checks_generator
from rectinet import RectifierClassifier, RectifierRegressor
warnings.filterwarnings("ignore", "early_stopping is off", UserWarning)
for kind in (RectifierClassifier, RectifierRegressor):
    checks = [c for _, c in estimator_checks_generator(kind(**{SMALL!r}))
              if getattr(c, "func", c).__name__ == {ARRAY_API!r}]
    for check in checks:
        check(kind(**{SMALL!r}))
    print("ran", len(checks))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "ran 1\nran 1\n"
