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


FEW = ["cat" if k % 2 else "dog" for k in range(10)] + [None] * 30
CODED = [None if name is None else int(name == "cat") for name in FEW]


def filled(labels, nothing):
    return [nothing if label is None else label for label in labels]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (FEW, ["cat", "dog"]),
        (filled(FEW, -1), ["cat", "dog"]),
        (np.array(filled(FEW, -1), dtype=object), ["cat", "dog"]),
        (np.array(filled(FEW, -1)), ["cat", "dog"]),  # NumPy has made "-1" of -1
        (np.array(filled(FEW, np.nan), dtype=object), ["cat", "dog"]),
        (np.array(filled(FEW, np.nan)), ["cat", "dog"]),  # and "nan" of NaN
        (filled(FEW, ""), ["cat", "dog"]),
        (np.array(filled(FEW, " ")), ["cat", "dog"]),
        (pd.Series(FEW), ["cat", "dog"]),
        (pd.Series(FEW, dtype="string"), ["cat", "dog"]),
        (pd.Series(FEW, dtype="category"), ["cat", "dog"]),
        (CODED, [0, 1]),
        (np.array(filled(CODED, np.nan)), [0, 1]),
        (np.array(filled(CODED, -1.0)), [0, 1]),
        (pd.Series(CODED, dtype="Int64"), [0, 1]),
        (filled(CODED, pd.NaT), [0, 1]),
        ([None if code is None else bool(code) for code in CODED], [False, True]),
        (pd.Series([None if code is None else bool(code) for code in CODED], dtype="boolean"), [False, True]),
    ],
)
def test_labels_that_are_not_there_in_every_way_they_are_written(y, classes):
    X = np.random.default_rng(0).random((40, 4))
    mine = SemiSupervisedClassifier(**SMALL).fit(X, y)
    assert mine.classes_.tolist() == classes
    apart = SemiSupervisedClassifier(**SMALL).fit(X[:10], np.array(list(y)[:10]), X_unlabeled=X[10:])
    np.testing.assert_array_equal(mine.predict_proba(X), apart.predict_proba(X))
    assert mine.score(X, y) == np.mean(mine.predict(X[:10]) == np.array(list(y)[:10]))
    assert mine.fit(X, y, X_val=X, y_val=y).best_epoch_ > 0


def test_scores_weigh_and_need_a_label(partly):
    X, y, rows = partly
    mine = SemiSupervisedClassifier(**SMALL).fit(X, y)
    right = mine.predict(X[rows]) == y[rows]
    weight = np.where(np.arange(300) < 100, 5.0, 1.0)
    assert mine.score(X, y, weight) == pytest.approx(np.average(right, weights=weight[rows]))
    with pytest.raises(ValueError, match="y has no label to score by"):
        mine.score(X, np.full(300, -1))


def test_names_and_numbers_are_not_mixed(partly):
    X, _, _ = partly
    with pytest.raises(ValueError, match=r"y holds names, such as 'cat', and numbers, such as 7"):
        SemiSupervisedClassifier(**SMALL).fit(X, ["cat", 7, None] * 100)


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
