"""Labels where there are some: -1 or None is unlabelled."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import rectinet
from rectinet import RectifierClassifier, SemiSupervisedClassifier

SMALL = {
    "hidden_layer_sizes": (16, 12), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0, "early_stopping": False,
    "pretrain_epochs": 2, "pretrain_learning_rate": 0.02,
}  # fmt: skip


@pytest.fixture(scope="module")
def partly(digits):
    """X, labels of which two in three are -1, and the rows that have one."""
    X, y = digits
    y = y.copy()
    y[np.arange(300) % 3 > 0] = -1
    return X, y, np.flatnonzero(y >= 0)


def test_it_is_the_classifier_with_unlabelled_examples(partly, same_parameters):
    X, y, rows = partly
    mine = SemiSupervisedClassifier(**SMALL).fit(X, y)
    theirs = RectifierClassifier(**SMALL).fit(X[rows], y[rows], X_unlabeled=X[y == -1])
    assert same_parameters(mine, theirs)
    assert mine.classes_.tolist() == list(range(10))
    sparse = SemiSupervisedClassifier(**SMALL).fit(csr_array(X), y)
    assert sparse.predict(X).shape == (300,)


def test_more_unlabelled_examples_may_come_beside(partly, digits, same_parameters):
    X, y, rows = partly
    mine = SemiSupervisedClassifier(**SMALL).fit(X[:200], y[:200], X_unlabeled=X[200:])
    rows = rows[rows < 200]
    others = np.r_[np.flatnonzero(y[:200] == -1), np.arange(200, 300)]
    assert same_parameters(mine, RectifierClassifier(**SMALL).fit(X[rows], y[rows], X_unlabeled=X[others]))


@pytest.mark.parametrize("kind", ["array", "frame"])
def test_none_among_names(partly, kind):
    X, y, _ = partly
    names = np.array([None if label == -1 else f"digit {label}" for label in y], dtype=object)
    given = pd.DataFrame(X, columns=[f"pixel{k}" for k in range(64)]) if kind == "frame" else X
    mine = SemiSupervisedClassifier(**SMALL).fit(given, names)
    assert mine.classes_.tolist() == [f"digit {k}" for k in range(10)]
    assert set(mine.predict(given)) <= set(mine.classes_)
    numbers = np.array([None if label == -1 else int(label) for label in y], dtype=object)
    assert SemiSupervisedClassifier(**SMALL).fit(given, numbers).classes_.dtype == np.int64


def test_weights_go_with_the_labelled_rows(partly, same_parameters):
    X, y, rows = partly
    weight = np.linspace(0.5, 2, 300)
    mine = SemiSupervisedClassifier(**SMALL).fit(X, y, sample_weight=weight)
    theirs = RectifierClassifier(**SMALL).fit(X[rows], y[rows], weight[rows], X_unlabeled=X[y == -1])
    assert same_parameters(mine, theirs)


def test_after_pretrain_and_in_partial_fit_unlabelled_rows_are_left_out(partly, same_parameters):
    X, y, rows = partly
    mine = SemiSupervisedClassifier(**SMALL).pretrain(X).fit(X, y)
    theirs = RectifierClassifier(**SMALL).pretrain(X).fit(X[rows], y[rows])
    assert same_parameters(mine, theirs)
    one, other = SemiSupervisedClassifier(**SMALL), RectifierClassifier(**SMALL)
    assert same_parameters(one.partial_fit(X, y), other.partial_fit(X[rows], y[rows]))


def test_all_labelled_is_well_too(digits, same_parameters):
    X, y = digits
    assert same_parameters(SemiSupervisedClassifier(**SMALL).fit(X, y), RectifierClassifier(**SMALL).fit(X, y))
    assert SemiSupervisedClassifier().pretrain_epochs == 10


@pytest.mark.parametrize("nothing", [-1, None])
def test_no_label_at_all_is_said(digits, nothing):
    with pytest.raises(ValueError, match="no labelled example: every label is -1 or None"):
        SemiSupervisedClassifier(**SMALL).fit(digits[0], np.full(300, nothing))


def test_without_pretraining_unlabelled_rows_are_refused(partly):
    X, y, _ = partly
    with pytest.raises(ValueError, match=r"unlabelled examples are for pre-training.*pretrain_epochs=0"):
        SemiSupervisedClassifier(**SMALL | {"pretrain_epochs": 0}).fit(X, y)


def test_saved_and_loaded(partly, tmp_path):
    X, y, _ = partly
    mine = SemiSupervisedClassifier(**SMALL).fit(X, y)
    mine.save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert type(again) is SemiSupervisedClassifier
    np.testing.assert_array_equal(again.predict_proba(X), mine.predict_proba(X))
