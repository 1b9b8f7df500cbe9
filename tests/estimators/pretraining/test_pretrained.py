"""Pre-train once, fine-tune often."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import rectinet
from rectinet import RectifierClassifier
from rectinet.runs.layer_task import LayerTask
from tests.estimators.pretraining.conftest import SMALL


def test_pretrain_then_fit_is_fit(digits, same_parameters):
    X, y = digits
    whole = RectifierClassifier(**SMALL).fit(X, y)
    pieces = RectifierClassifier(**SMALL).pretrain(X).fit(X, y)
    assert same_parameters(whole, pieces)
    assert [e["loss"] for e in whole.pretrain_history_] == [e["loss"] for e in pieces.pretrain_history_]


def test_fit_after_pretrain_does_not_pretrain_again_and_leaves_it_as_it_was(few, monkeypatch, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    before = pickle.dumps(clf.pretrained_network_)
    history = clf.pretrain_history_
    monkeypatch.setattr(LayerTask, "train", None)
    first = copy.deepcopy(clf.fit(X, y))
    again = clf.fit(X, y)
    assert same_parameters(first, again)
    assert pickle.dumps(clf.pretrained_network_) == before
    assert clf.pretrain_history_ == history
    clf.set_params(pretrain_epochs=0).fit(X, y)  # nor thrown away
    assert same_parameters(first, clf)


def test_begun_anew_without_it(few, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    plain = RectifierClassifier(**SMALL).fit(X, y)
    assert not same_parameters(plain, clf.fit(X, y))
    del clf.pretrained_network_
    assert same_parameters(plain, clf.fit(X, y))
    assert same_parameters(plain, clone(RectifierClassifier(**SMALL).pretrain(more)).fit(X, y))


def test_a_pretrained_estimator_is_not_fitted(few):
    X, _, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    with pytest.raises(NotFittedError):
        clf.predict(X)
    assert clf.pretrained_network_.n_outputs == 1


def test_partial_fit_goes_on_from_it(few, same_parameters):
    X, y, more = few
    whole = RectifierClassifier(**SMALL).pretrain(more).fit(X, y)
    pieces = RectifierClassifier(**SMALL).pretrain(more)
    for _ in range(3):
        pieces.partial_fit(X, y)
    assert same_parameters(whole, pieces)


def test_saved_once_fine_tuned_many_times(few, tmp_path, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL, signs="balanced").pretrain(more)
    clf.save(tmp_path / "pretrained")
    one, other = rectinet.load(tmp_path / "pretrained"), rectinet.load(tmp_path / "pretrained")
    with pytest.raises(NotFittedError):
        one.predict(X)
    assert [e["loss"] for e in one.pretrain_history_] == [e["loss"] for e in clf.pretrain_history_]
    assert same_parameters(one.fit(X, y), clf.fit(X, y))
    other.fit(X[::-1], y[::-1])
    assert not same_parameters(one, other)
    one.save(tmp_path / "fitted")
    third = rectinet.load(tmp_path / "fitted")
    np.testing.assert_array_equal(third.predict_proba(X), one.predict_proba(X))
    assert same_parameters(third.fit(X, y), one)  # the pre-trained network came along
    one.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "fitted").read_bytes()


def test_pretrained_estimators_are_copied_and_pickled(few, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    for twin in (copy.deepcopy(clf), pickle.loads(pickle.dumps(clf))):
        assert same_parameters(twin.fit(X, y), clf.fit(X, y))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_layer_sizes": (16, 13)}, r"hidden_layer_sizes=\(16, 12\); got \(16, 13\)"),
        ({"activation": "tanh"}, "activation='rectifier'; got 'tanh'"),
        ({"dtype": "float64"}, "dtype='float32'; got 'float64'"),
    ],
)
def test_another_network_than_the_pretrained_one_is_refused(change, said, few):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more).set_params(**change)
    with pytest.raises(ValueError, match=said):
        clf.fit(X, y)


def test_other_features_or_unlabelled_examples_after_pretraining_are_refused(few):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    with pytest.raises(ValueError, match="the number of features=64; got 3"):
        clf.fit(X[:, :3], y)
    with pytest.raises(ValueError, match="X_unlabeled is for pre-training, which has been done"):
        clf.fit(X, y, X_unlabeled=more)


@pytest.mark.parametrize("change", [{"pretrain_epochs": 0}, {"pretrain_epochs": (0, 0)}, {"hidden_layer_sizes": ()}])
def test_nothing_to_pretrain_is_said(change, few):
    with pytest.raises(ValueError, match="there is nothing to pre-train with pretrain_epochs="):
        RectifierClassifier(**SMALL | change).pretrain(few[2])


def test_held_out_reconstruction_error_while_pretraining(few):
    X, _, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more, X_val=X)
    assert all(e["validation_error"] > 0 for e in clf.pretrain_history_)
