"""Estimators as modules of PyTorch, and modules as estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import rectinet
from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, from_torch

from .test_onnx import ALLOWED, SHORT, UNITS, assert_alike

N = 1000


@pytest.fixture
def table(rng) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(N, 12))
    return X, X @ rng.normal(size=(12, 3)) + 0.1 * rng.normal(size=(N, 3))


def outputs(module: nn.Module, X: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return module(torch.tensor(X)).numpy()


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("signs", ["positive", "balanced", "random"])
@pytest.mark.parametrize("unit", UNITS)
def test_there_and_back(table, tmp_path, unit, signs, dtype) -> None:
    """Of every unit, sign and dtype; what comes back saves, explains and prunes itself."""
    X, Y = table
    X, y = X.astype(dtype), np.array(["no", "perhaps", "yes"])[Y.argmax(axis=1)]
    clf = RectifierClassifier((30, 20), signs=signs, dtype=dtype, **UNITS[unit], **SHORT).fit(X, y)
    module = clf.to_torch()
    assert type(module) is nn.Sequential
    found = outputs(module, X)
    assert found.dtype == dtype
    assert_alike(found, clf.decision_function(X), dtype)

    back = from_torch(module, classes=["no", "perhaps", "yes"])
    assert_alike(back.predict_proba(X), clf.predict_proba(X), dtype)
    assert (back.activation, back.dtype, back.hidden_layer_sizes) == (clf.activation, dtype, (30, 20))
    assert back.softplus_alpha == (clf.softplus_alpha if unit.startswith("softplus") else 1)
    back.save(tmp_path / "m")
    loaded = rectinet.load(tmp_path / "m")
    np.testing.assert_array_equal(loaded.predict_proba(X), back.predict_proba(X))
    loaded.partial_fit(X, y)
    if unit == "rectifier":
        explained = back.explain(X[:20])
        total = explained.contributions.sum(axis=2) + explained.constants
        np.testing.assert_allclose(total, back.decision_function(X[:20]), rtol=0, atol=1e-4)
        np.testing.assert_array_equal(back.prune(X).predict(X), back.predict(X))


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("n_targets", [0, 1, 3])
def test_values_are_in_their_own_units(table, n_targets, dtype) -> None:
    X, Y = table
    y = 100 + 50 * (Y[:, :n_targets] if n_targets else Y[:, 0])
    model = RectifierRegressor((30,), dtype=dtype, **SHORT).fit(X, y)
    module = model.to_torch()
    found = outputs(module, X.astype(dtype))
    assert found.shape == (N, max(n_targets, 1))
    assert_alike(found.reshape(y.shape), model.predict(X), dtype)
    back = from_torch(module, task="regress")
    assert type(back) is RectifierRegressor
    assert_alike(back.predict(X).reshape(y.shape), model.predict(X), dtype)


def test_ratings(table) -> None:
    X, Y = table
    model = RatingRegressor((30,), dtype="float64", **SHORT).fit(X, np.clip(np.round(3 + Y[:, 0]), 1, 5))
    back = from_torch(model.to_torch(), task="rate", classes=[1, 2, 3, 4, 5])
    assert type(back) is RatingRegressor
    assert_alike(back.predict(X), model.predict(X), "float64")


@pytest.mark.parametrize("scaling", ["standard", "minmax", "rank"])
@pytest.mark.parametrize("dtype", ALLOWED)
def test_scales_are_a_module_of_their_own(rng, scaling, dtype) -> None:
    X = rng.normal(size=(N, 6)) * [1, 10, 100, 1e3, 1e4, 1] + [0, 5, 1e3, 0, 1e5, 0]
    X[:, 5] = np.where(rng.random(N) < 0.7, 0, rng.integers(1, 4, N))
    model = RectifierClassifier((20,), scaling=scaling, dtype=dtype, **SHORT).fit(X, (X[:, 0] > 0) * 1)
    module = model.to_torch()
    beyond = np.vstack([X[:900], X[900:] * 3, X.max(axis=0, keepdims=True), X.min(axis=0, keepdims=True)])
    logits = outputs(module, beyond)
    assert_alike(logits[:, 1] - logits[:, 0], model.decision_function(beyond), dtype)
    back = from_torch(module)
    assert back.scaling == scaling
    assert_alike(back.decision_function(beyond), model.decision_function(beyond), dtype)


def test_what_outputs_mean_unless_it_is_said(rng) -> None:
    X = rng.normal(size=(20, 4)).astype(np.float32)
    several, one = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)), nn.Linear(4, 1)
    classifier, regressor = from_torch(several), from_torch(one)
    assert classifier.classes_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(classifier.predict(X), outputs(several, X).argmax(axis=1))
    assert type(regressor) is RectifierRegressor
    np.testing.assert_allclose(regressor.predict(X), outputs(one, X)[:, 0], rtol=0, atol=1e-6)


def test_classes_in_any_order(rng) -> None:
    X = rng.normal(size=(20, 4)).astype(np.float32)
    module = nn.Linear(4, 3)
    model = from_torch(module, classes=["c", "a", "b"])
    assert model.classes_.tolist() == ["a", "b", "c"]
    assert model.predict(X).tolist() == [["c", "a", "b"][k] for k in outputs(module, X).argmax(axis=1)]


@pytest.mark.parametrize("ending", [[], [nn.Sigmoid()]], ids=["logit", "sigmoid"])
def test_one_output_for_two_classes(rng, ending) -> None:
    X = rng.normal(size=(20, 4)).astype(np.float32)
    module = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1), *ending)
    model = from_torch(module, classes=["yes", "no"])
    expected = outputs(nn.Sequential(*module[:3], nn.Sigmoid()), X)[:, 0]
    np.testing.assert_allclose(model.predict_proba(X)[:, 0], expected, rtol=0, atol=1e-6)  # "no", the second
    assert model.classes_.tolist() == ["no", "yes"]


def test_parts_that_do_nothing_to_a_prediction(rng) -> None:
    X = rng.normal(size=(20, 4)).astype(np.float32)
    inner = nn.Sequential(nn.Linear(4, 5, bias=False), nn.Dropout(0.5), nn.ReLU())
    module = nn.Sequential(nn.Flatten(), inner, nn.Identity(), nn.Linear(5, 2), nn.LogSoftmax(dim=1))
    model = from_torch(module)
    np.testing.assert_allclose(model.predict_log_proba(X), outputs(module.eval(), X), rtol=0, atol=1e-5)


def test_names_of_features() -> None:
    model = from_torch(nn.Linear(2, 1), feature_names=["a", "b"])
    assert model.predict(pd.DataFrame({"a": [1.0], "b": [2.0]})).shape == (1,)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(pd.DataFrame({"b": [1.0], "a": [2.0]}))


def test_the_estimator_has_parameters_of_its_own() -> None:
    module = nn.Linear(2, 2)
    model = from_torch(module)
    before = model.predict_proba(np.ones((1, 2)))
    nn.init.zeros_(module.weight)
    np.testing.assert_array_equal(model.predict_proba(np.ones((1, 2))), before)


def hooked() -> nn.Module:
    module = nn.Linear(2, 2)
    module.register_forward_hook(lambda *_: None)
    return module


def damaged(what: str) -> nn.Module:
    module = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))
    linear = module[2]
    with torch.no_grad():
        if what == "nan":
            linear.weight[0, 0] = torch.nan
        elif what == "weight":
            linear.weight = nn.Parameter(torch.zeros(5))
        elif what == "bias":
            linear.bias = nn.Parameter(torch.zeros(3))
        elif what == "dtype":
            linear.bias = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    return module


class Mine(nn.Module):
    """Somebody's own."""


@pytest.mark.parametrize(
    ("module", "error", "sentence"),
    [
        ("a path", TypeError, r"takes a torch\.nn\.Module; got a str"),
        (Mine(), TypeError, r"module 0 is a Mine; from_torch takes Linear, ReLU, Softplus"),
        (
            nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 2)),
            TypeError,
            r"module 1 is a GELU; from_torch takes",
        ),
        (nn.Sequential(nn.Conv2d(1, 2, 3)), TypeError, r"module 0 is a Conv2d"),
        (nn.Sequential(), ValueError, r"has no part"),
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU()), ValueError, r"ends with 1, a ReLU"),
        (
            nn.Sequential(nn.ReLU(), nn.Linear(2, 3)),
            ValueError,
            r"module 0 of from_torch, a ReLU, has no Linear before",
        ),
        (
            nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 2)),
            ValueError,
            r"module 2 takes 4 inputs, .* gives 3",
        ),
        (
            nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2)),
            ValueError,
            r"of one kind in all layers; those of the module are rectifier, tanh",
        ),
        (nn.Sequential(nn.Linear(2, 3), nn.Softplus(threshold=5), nn.Linear(3, 2)), ValueError, r"threshold=5"),
        (nn.Linear(2, 3).half(), ValueError, r"weight of module 0 is torch\.float16; rectinet has float32 and float64"),
        (nn.Linear(2, 3, device="meta"), ValueError, r"weight of module 0 has no values"),
        (nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2).double()), ValueError, r"module 2 is float64, and"),
        (hooked(), TypeError, r"has hooks"),
        (damaged("nan"), ValueError, r"weight of module 2 has a value that is not finite"),
        (damaged("weight"), ValueError, r"module 2 has a weight of shape \(5,\)"),
        (damaged("bias"), ValueError, r"module 2 has a weight of shape \(2, 5\) and a bias of shape \(3,\)"),
        (damaged("dtype"), ValueError, r"module 2 has a weight of float32 and a bias of float64"),
        (nn.Sequential(nn.Linear(2, 3), nn.Sigmoid()), ValueError, r"ends with a sigmoid after 3 outputs"),
    ],
)
def test_a_damaged_or_unknown_module_is_one_sentence(module, error, sentence) -> None:
    with pytest.raises(error, match=sentence) as caught:
        from_torch(module)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"classes": ["a", "b"]}, r"classes must be 3 different ones for 3 outputs; got \['a', 'b'\]"),
        ({"classes": ["a", "b", "a"]}, r"classes must be 3 different ones"),
        ({"task": "regress", "classes": [1, 2, 3]}, r'task="regress" has no classes'),
        ({"task": "sort"}, r"task must be"),
        ({"feature_names": ["a"]}, r"feature_names must be 2 different names; got 1"),
    ],
)
def test_wrong_words_beside_a_module(settings, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        from_torch(nn.Linear(2, 3), **settings)
