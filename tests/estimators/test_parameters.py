"""Every constructor parameter: order, defaults, and one clear message when wrong."""

import inspect

import numpy as np
import pytest
from sklearn.base import clone

from rectinet import RectifierClassifier, RectifierRegressor

DEFAULTS = {
    "hidden_layer_sizes": (1000, 1000, 1000),
    "activation": "rectifier",
    "softplus_alpha": 1.0,
    "signs": "positive",
    "derivative_at_zero": 0.0,
    "activity_l1": 0.0,
    "activity_l1_normalization": "sum",
    "learning_rate": "auto",
    "decay_from": 1.0,
    "batch_size": 10,
    "max_epochs": "auto",
    "shuffle": True,
    "early_stopping": "auto",
    "validation_fraction": 0.1,
    "patience": 10,
    "warm_start": False,
    "output_init": "uniform",
    "pretrain_epochs": 0,
    "pretrain_learning_rate": 0.01,
    "pretrain_batch_size": None,
    "pretrain_activity_l1": None,
    "pretrain_decay_from": 1.0,
    "corruption": "masking",
    "corruption_level": 0.25,
    "reconstruction": "softplus",
    "tied": False,
    "code_scaling": "auto",
    "reconstruction_target": "code",
    "sampled_reconstruction": "auto",
    "engine": "auto",
    "dtype": "float32",
    "n_threads": None,
    "random_state": None,
    "verbose": 0,
    "checkpoint": None,
    "scaling": None,
    "transform_layer": -1,
    "class_weight": None,
}
WRONG = [
    ("hidden_layer_sizes", (10, 0)),
    ("hidden_layer_sizes", (10.0,)),
    ("activation", "relu"),
    ("softplus_alpha", 0.0),
    ("signs", "negative"),
    ("derivative_at_zero", 0.5),
    ("activity_l1", -1e-4),
    ("activity_l1", (0.1, 0.1, 0.1)),
    ("activity_l1", (0.1, float("nan"))),
    ("activity_l1_normalization", "max"),
    ("learning_rate", 0),
    ("learning_rate", float("inf")),
    ("learning_rate", "0.1"),
    ("learning_rate", True),
    ("batch_size", 0),
    ("batch_size", 10.0),
    ("max_epochs", 0),
    ("shuffle", 1),
    ("early_stopping", "yes"),
    ("validation_fraction", 1.0),
    ("patience", 0),
    ("class_weight", "balance"),
    ("engine", "cuda"),
    ("dtype", "float16"),
    ("n_threads", 0),
    ("random_state", -1),
    ("random_state", "seed"),
    ("verbose", -1),
    ("checkpoint", 3),
    ("scaling", "log"),
    ("transform_layer", "last"),
    ("transform_layer", 0.5),
]


def test_the_classifiers_parameters_are_the_documented_ones_in_order():
    signature = inspect.signature(RectifierClassifier)
    assert {name: p.default for name, p in signature.parameters.items()} == DEFAULTS
    assert list(signature.parameters) == list(DEFAULTS)


def test_the_regressor_has_all_but_class_weight():
    names = list(inspect.signature(RectifierRegressor).parameters)
    assert names == [name for name in DEFAULTS if name != "class_weight"]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_parameter_is_named_with_its_value(name, value, digits):
    settings = {"hidden_layer_sizes": (4, 4), "max_epochs": 1, name: value}
    with pytest.raises(ValueError, match=name) as caught:
        RectifierClassifier(**settings).fit(*digits)
    assert str(value) in str(caught.value)


def test_derivative_one_at_zero_needs_the_reference_engine(digits):
    settings = {"hidden_layer_sizes": (4,), "max_epochs": 1, "derivative_at_zero": 1, "random_state": 0}
    with pytest.raises(ValueError, match='derivative_at_zero=1 needs engine="reference"'):
        RectifierClassifier(**settings).fit(*digits)
    RectifierClassifier(**settings, engine="reference").fit(*digits)
    RectifierClassifier(**settings, activation="tanh").fit(*digits)  # says nothing about other units


def test_one_integer_is_one_hidden_layer(digits):
    clf = RectifierClassifier(7, max_epochs=1, random_state=0).fit(*digits)
    assert [layer.n_out for layer in clf.network_.layers] == [7, 10]


def test_numpy_numbers_are_numbers(digits):
    clf = RectifierClassifier(np.array([5]), learning_rate=np.float32(0.1), max_epochs=np.int64(1)).fit(*digits)
    assert clf.n_epochs_ == 1


def test_parameters_stay_as_given(digits):
    clf = RectifierClassifier([5], activity_l1=[1e-3], max_epochs=2, random_state=np.random.default_rng(0))
    before = clf.get_params()
    clf.fit(*digits)
    assert all(clf.get_params()[name] is value for name, value in before.items())
    assert not hasattr(clone(clf), "network_")


def test_activity_l1_normalisation(digits, same_parameters):
    X, y = digits
    settings = {"hidden_layer_sizes": (20, 10), "max_epochs": 2, "random_state": 0}
    by_sum = RectifierClassifier(**settings, activity_l1=(1e-3, 1e-2)).fit(X, y)
    by_mean = RectifierClassifier(**settings, activity_l1=(2e-2, 1e-1), activity_l1_normalization="mean").fit(X, y)
    free = RectifierClassifier(**settings).fit(X, y)
    assert by_sum.history_[0]["penalty"] == pytest.approx(by_mean.history_[0]["penalty"], rel=1e-5)
    assert by_sum.sparsity(X)[0] > free.sparsity(X)[0]
    assert free.history_[0]["penalty"] == 0
