"""A text model in scikit-learn's tools: it is a whole classifier or regressor, before it is fitted, too."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ScoringMonitor
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    check_cv,
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from rectinet import RatingRegressor, RectifierClassifier, TextModel

GOOD, BAD = ["good", "fine", "nice", "great", "lovely"], ["bad", "poor", "dull", "awful", "weak"]
RNG = np.random.default_rng(0)
TEXTS = [" ".join(RNG.choice(GOOD if k % 2 else BAD, 3)) for k in range(60)]
KINDS = np.array(["pos" if k % 2 else "neg" for k in range(60)])
CODES = (KINDS == "pos").astype(int)


@pytest.fixture
def model() -> TextModel:
    return TextModel(RectifierClassifier((8,), max_epochs=10, learning_rate=0.1, early_stopping=False, random_state=0))


@pytest.mark.parametrize("scoring", ["accuracy", "f1_macro", "roc_auc", "neg_log_loss", "balanced_accuracy"])
def test_scorers_take_names(model: TextModel, scoring: str) -> None:
    scores = cross_val_score(model, TEXTS, KINDS, cv=2, scoring=scoring, error_score="raise")
    assert (scores > (-0.4 if scoring == "neg_log_loss" else 0.9)).all()


@pytest.mark.parametrize("scoring", ["average_precision", "neg_brier_score", "f1", "precision"])
def test_scorers_that_want_a_positive_class_take_numbers(model: TextModel, scoring: str) -> None:
    scores = cross_val_score(model, TEXTS, CODES, cv=2, scoring=scoring, error_score="raise")
    assert (scores > (-0.2 if scoring == "neg_brier_score" else 0.9)).all()


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba", "decision_function"])
def test_cross_val_predict_is_the_fold_by_fold_answer(model: TextModel, method: str) -> None:
    found = cross_val_predict(model, TEXTS, KINDS, cv=StratifiedKFold(2), method=method)
    for train, test in StratifiedKFold(2).split(TEXTS, KINDS):
        one = clone(model).fit([TEXTS[i] for i in train], KINDS[train])
        np.testing.assert_array_equal(found[test], getattr(one, method)([TEXTS[i] for i in test]))


def test_folds_are_stratified_because_it_is_a_classifier_before_it_is_fitted(model: TextModel) -> None:
    for one in (model, TextModel(task="classify")):
        assert is_classifier(one)
        assert isinstance(check_cv(2, KINDS, classifier=is_classifier(one)), StratifiedKFold)
    assert is_regressor(TextModel(task="rate"))
    assert is_regressor(TextModel(task="regress"))
    assert not is_classifier(TextModel())
    assert hasattr(TextModel(task="classify"), "predict_proba")
    assert not hasattr(TextModel(task="rate"), "predict_proba")


def test_classes_come_with_the_fit(model: TextModel) -> None:
    assert not hasattr(model, "classes_")
    assert model.fit(TEXTS, KINDS).classes_.tolist() == ["neg", "pos"]
    search = GridSearchCV(model, {"estimator__learning_rate": [0.1, 0.01], "n_words": [9, 50]}, cv=2, scoring="roc_auc")
    assert search.fit(TEXTS, KINDS).classes_.tolist() == ["neg", "pos"]
    assert search.best_score_ > 0.9


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model: CalibratedClassifierCV(model, cv=2),
        lambda model: VotingClassifier([("a", model), ("b", clone(model))], voting="soft"),
        lambda model: StackingClassifier([("a", model)], cv=2),
        OneVsRestClassifier,
        lambda model: make_pipeline("passthrough", model),
    ],
    ids=["calibrated", "voting", "stacking", "one vs rest", "pipeline"],
)
def test_meta_estimators(model: TextModel, wrap: Any) -> None:
    whole = wrap(model).fit(TEXTS, KINDS)
    assert (whole.predict(TEXTS) == KINDS).mean() > 0.9
    np.testing.assert_allclose(whole.predict_proba(TEXTS).sum(axis=1), 1)


def test_series_and_pickles(model: TextModel) -> None:
    X, X_test, y, y_test = train_test_split(pd.Series(TEXTS), pd.Series(KINDS), random_state=0)
    assert model.fit(X, y).score(X_test, y_test) > 0.9
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert get_scorer("roc_auc")(model, TEXTS, KINDS) > 0.9


def test_ratings_have_probabilities_too() -> None:
    stars = np.arange(60) % 5 + 1
    rated = TextModel(RatingRegressor((8,), max_epochs=2, early_stopping=False, random_state=0)).fit(TEXTS, stars)
    p = rated.class_probabilities(TEXTS)
    np.testing.assert_allclose(p @ rated.classes_, rated.predict(TEXTS))
    assert cross_val_score(rated, TEXTS, stars, cv=2, error_score="raise").shape == (2,)


def test_callbacks_see_every_epoch(model: TextModel) -> None:
    monitor = ScoringMonitor(scoring="accuracy")
    model.set_callbacks(monitor).fit(TEXTS, KINDS)
    logs = monitor.get_logs().data
    assert [log["task_name"] for log in logs] == ["fit", *["epoch"] * 10]
    assert all(0 <= log["accuracy"] <= 1 for log in logs)


def test_a_task_and_an_estimator_of_another_are_refused() -> None:
    with pytest.raises(ValueError, match="task='rate' and an estimator that is made for task='classify', a Rect"):
        TextModel(RectifierClassifier(), task="rate").fit(TEXTS, CODES)
    with pytest.raises(ValueError, match=r'task must be one of .*; got \'regression\'; did you mean task="regress"'):
        TextModel(task="regression").fit(TEXTS, CODES)  # type: ignore[arg-type]
