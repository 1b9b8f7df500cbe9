"""A fit with pre-training, interrupted and called again."""

import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from rectinet import RectifierClassifier
from rectinet.runs.checkpoint import CheckpointMismatch
from rectinet.runs.layer_task import LayerTask
from tests.estimators.conftest import interrupt_at
from tests.estimators.pretraining.conftest import SMALL

SPARSE_TEXT = {
    "tied": True, "reconstruction": "sigmoid", "corruption": "salt_and_pepper", "corruption_level": 0.5,
    "pretrain_decay_from": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(("layer", "epoch"), [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("kind", ["dense", "text", "auto"])
def test_ctrl_c_in_any_layer_then_the_same_fit_again(layer, epoch, kind, few, tmp_path, monkeypatch, same_parameters):
    X, y, more = few
    settings = SMALL | {"dense": {}, "text": SPARSE_TEXT, "auto": {"pretrain_learning_rate": "auto"}}[kind]
    if kind == "text":
        X, more = csr_array(X), csr_array(more)
    path = tmp_path / "checkpoint"
    whole = RectifierClassifier(**settings).fit(X, y, X_unlabeled=more)
    interrupt_at(monkeypatch, layer, epoch)
    clf = RectifierClassifier(**settings, checkpoint=path)
    with pytest.raises(KeyboardInterrupt, match=f"interrupted in hidden layer {layer}"):
        clf.fit(X, y, X_unlabeled=more)
    with pytest.raises(NotFittedError):
        clf.predict(X)
    monkeypatch.undo()
    resumed = RectifierClassifier(**settings, checkpoint=path).fit(X, y, X_unlabeled=more)
    assert same_parameters(whole, resumed)
    assert [e["loss"] for e in resumed.pretrain_history_] == [e["loss"] for e in whole.pretrain_history_]
    monkeypatch.setattr(LayerTask, "train", None)  # a finished fit is not trained again, nor is its history lost
    again = RectifierClassifier(**settings, checkpoint=path).fit(X, y, X_unlabeled=more)
    assert same_parameters(whole, again)
    assert again.pretrain_history_ == resumed.pretrain_history_


def test_pretrain_resumes_from_a_checkpoint_of_its_own(few, tmp_path, monkeypatch, same_parameters):
    X, y, more = few
    settings = SMALL | {"checkpoint": tmp_path / "checkpoint", "random_state": None}
    interrupt_at(monkeypatch, 1, 0)
    with pytest.raises(KeyboardInterrupt):
        RectifierClassifier(**settings).pretrain(more)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pretrain"]
    resumed = RectifierClassifier(**settings).pretrain(more)
    whole = RectifierClassifier(**SMALL | {"random_state": resumed.seed_}).pretrain(more)
    resumed.set_params(random_state=1).fit(X, y)
    assert same_parameters(resumed, whole.set_params(random_state=1).fit(X, y))


def test_other_unlabelled_examples_are_another_fit(few, tmp_path):
    X, y, more = few
    clf = RectifierClassifier(**SMALL, checkpoint=tmp_path / "checkpoint").fit(X, y, X_unlabeled=more)
    with pytest.raises(CheckpointMismatch, match="the examples, targets or weights are not the same"):
        clf.fit(X, y, X_unlabeled=more[1:])
    with pytest.raises(CheckpointMismatch, match="the examples"):
        clf.fit(X, y)
    with pytest.raises(CheckpointMismatch, match="pretrain_epochs was 2 and is 3 now"):
        clf.set_params(pretrain_epochs=3).fit(X, y, X_unlabeled=more)


@pytest.mark.parametrize("n_threads", [2, 4])
def test_the_number_of_threads_changes_no_bit(n_threads, few, same_parameters, monkeypatch):
    monkeypatch.setattr("rectinet.runs.config.n_cores", lambda: 4)
    X, y, more = few
    one = RectifierClassifier(**SMALL).fit(X, y, X_unlabeled=more)
    assert same_parameters(one, RectifierClassifier(**SMALL, n_threads=n_threads).fit(X, y, X_unlabeled=more))
