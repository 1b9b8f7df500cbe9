"""Checkpoints: a fit that was stopped, however, ends with the bytes of one that never was."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import RectifierClassifier, RectifierRegressor
from rectinet.runs.checkpoint import CheckpointMismatch
from rectinet.runs.supervised import SupervisedTask
from rectinet.storage import DamagedModelFile, WrongKind

SMALL = {
    "hidden_layer_sizes": (10, 10),
    "learning_rate": 0.1,
    "max_epochs": 6,
    "early_stopping": True,
    "random_state": 0,
}
DRIVER = Path(__file__).with_name("resume_driver.py")


@pytest.fixture
def checkpoint(tmp_path):
    return tmp_path / "run.checkpoint"


@pytest.mark.parametrize(
    ("how", "said"), [("stop", "40 resumed, different: []\n"), ("kill", "50 resumed, different: []\n")]
)
@pytest.mark.parametrize("phase", ["supervised", "pretrained"])
def test_stopped_fits_resumed_in_new_processes_end_with_the_same_bytes(how, said, phase, tmp_path):
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), how, phase], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == said


def interrupt_in_epoch(monkeypatch, epoch_to_stop):
    healthy = SupervisedTask.train

    def train(task, steps, totals):
        healthy(task, steps, totals)
        if steps.epoch == epoch_to_stop:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(SupervisedTask, "train", train)


@pytest.mark.parametrize("decay_from", [1.0, 0.1])
@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_ctrl_c_then_the_same_fit_again(epoch, decay_from, checkpoint, digits, monkeypatch, same_parameters):
    settings = SMALL | {"decay_from": decay_from}
    whole = RectifierClassifier(**settings).fit(*digits)
    interrupt_in_epoch(monkeypatch, epoch)
    with pytest.warns(UserWarning, match="interrupted"):
        RectifierClassifier(**settings, checkpoint=checkpoint).fit(*digits)
    monkeypatch.undo()
    resumed = RectifierClassifier(**settings, checkpoint=str(checkpoint)).fit(*digits)
    assert same_parameters(whole, resumed)
    assert resumed.n_epochs_ == whole.n_epochs_
    assert resumed.best_epoch_ == whole.best_epoch_


def test_an_unseeded_fit_resumes_with_its_own_seed(checkpoint, digits, monkeypatch, same_parameters):
    settings = SMALL | {"random_state": None}
    interrupt_in_epoch(monkeypatch, 2)
    with pytest.warns(UserWarning, match="interrupted"):
        first = RectifierClassifier(**settings, checkpoint=checkpoint).fit(*digits)
    monkeypatch.undo()
    resumed = RectifierClassifier(**settings, checkpoint=checkpoint).fit(*digits)
    assert resumed.seed_ == first.seed_
    assert same_parameters(resumed, RectifierClassifier(**SMALL | {"random_state": first.seed_}).fit(*digits))


def test_a_finished_fit_is_not_trained_again(checkpoint, digits, monkeypatch, same_parameters):
    first = RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits)
    monkeypatch.setattr(SupervisedTask, "train", None)
    assert same_parameters(first, RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits))


def test_nor_is_one_that_stopped_early(checkpoint, digits, monkeypatch, same_parameters):
    settings = SMALL | {"max_epochs": 500, "patience": 2, "checkpoint": checkpoint}
    first = RectifierClassifier(**settings).fit(*digits)
    assert first.n_epochs_ < 500
    monkeypatch.setattr(SupervisedTask, "train", None)
    again = RectifierClassifier(**settings).fit(*digits)
    assert same_parameters(first, again)
    assert again.history_ == first.history_


def test_a_falling_rate_ends_where_it_was_to_end(checkpoint, digits, tmp_path, same_parameters):
    settings = SMALL | {"decay_from": 0.5, "early_stopping": False}
    RectifierClassifier(**settings, checkpoint=checkpoint).fit(*digits)
    with pytest.raises(CheckpointMismatch, match="max_epochs was 6 and is 8 now"):
        RectifierClassifier(**settings | {"max_epochs": 8}, checkpoint=checkpoint).fit(*digits)
    with pytest.raises(CheckpointMismatch, match=r"decay_from was 0\.5 and is 1\.0 now"):
        RectifierClassifier(**settings | {"decay_from": 1.0}, checkpoint=checkpoint).fit(*digits)
    for max_epochs in (6, 8):  # in a folder each length has a file of its own
        wanted = settings | {"max_epochs": max_epochs}
        found = RectifierClassifier(**wanted, checkpoint=tmp_path).fit(*digits)
        assert same_parameters(found, RectifierClassifier(**wanted).fit(*digits))


@pytest.mark.parametrize("first", [{}, {"warm_start": True}])
def test_a_value_that_stands_in_no_document_is_compared_too(first, checkpoint, digits):
    RectifierClassifier(**SMALL | first, checkpoint=checkpoint).fit(*digits)
    other = SMALL | {"warm_start": "warm_start" not in first}
    with pytest.raises(CheckpointMismatch, match="warm_start was"):
        RectifierClassifier(**other, checkpoint=checkpoint).fit(*digits)


def test_parts_are_learned_at_the_whole_rate(digits, same_parameters):
    constant = {**SMALL, "max_epochs": 2, "early_stopping": False}
    one = RectifierClassifier(**constant).fit(*digits)
    other = RectifierClassifier(**constant, decay_from=0.0).partial_fit(*digits).partial_fit(*digits)
    assert same_parameters(one, other)
    assert not same_parameters(one, RectifierClassifier(**constant, decay_from=0.0).fit(*digits))


def test_a_finished_fit_goes_on_when_more_epochs_are_wanted(checkpoint, digits, same_parameters):
    settings = SMALL | {"early_stopping": False}
    RectifierClassifier(**settings | {"max_epochs": 2}, checkpoint=checkpoint).fit(*digits)
    longer = RectifierClassifier(**settings, checkpoint=checkpoint, n_threads=2).fit(*digits)
    assert longer.n_epochs_ == 6
    assert same_parameters(longer, RectifierClassifier(**settings).fit(*digits))


def test_sparse_weighted_regression_resumes_too(checkpoint, curve, monkeypatch, same_parameters):
    X, Y = curve
    weight = np.linspace(0, 1, 200)
    whole = RectifierRegressor(**SMALL).fit(csr_array(X), Y, sample_weight=weight)
    interrupt_in_epoch(monkeypatch, 1)
    with pytest.warns(UserWarning, match="interrupted"):
        RectifierRegressor(**SMALL, checkpoint=checkpoint).fit(csr_array(X), Y, sample_weight=weight)
    monkeypatch.undo()
    resumed = RectifierRegressor(**SMALL, checkpoint=checkpoint).fit(csr_array(X), Y, sample_weight=weight)
    assert same_parameters(whole, resumed)
    np.testing.assert_array_equal(whole.predict(X), resumed.predict(X))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learning_rate": 0.2}, "learning_rate was 0.1 and is 0.2 now"),
        ({"random_state": 1}, "random_state was 0 and is 1 now"),
        ({"hidden_layer_sizes": (10,)}, "hidden_layer_sizes was"),
        ({"class_weight": "balanced"}, "class_weight was None and is 'balanced' now"),
    ],
)
def test_another_fits_checkpoint_is_refused(change, said, checkpoint, digits):
    RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits)
    before = checkpoint.read_bytes()
    with pytest.raises(CheckpointMismatch, match=said):
        RectifierClassifier(**SMALL | change, checkpoint=checkpoint).fit(*digits)
    assert checkpoint.read_bytes() == before


@pytest.mark.parametrize("what", ["X", "y", "sample_weight", "X_val", "rows"])
def test_other_data_are_refused(what, checkpoint, digits):
    X, y = digits
    given = {"X": X[:250], "y": y[:250], "sample_weight": np.ones(250), "X_val": X[250:], "y_val": y[250:]}
    RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(**given)
    if what == "rows":
        given |= {"X": X[:249], "y": y[:249], "sample_weight": np.ones(249)}
    else:
        changed = given[what].copy()
        changed.flat[5] += 1
        given[what] = changed
    with pytest.raises(CheckpointMismatch, match="the examples, targets or weights are not the same"):
        RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(**given)


def test_a_regressor_is_no_classifier(checkpoint, digits):
    RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits)
    with pytest.raises(CheckpointMismatch, match="its task is to classify, not to regress"):
        RectifierRegressor(**SMALL, checkpoint=checkpoint).fit(*digits)


def test_a_damaged_checkpoint_and_a_model_are_refused(checkpoint, digits):
    clf = RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-1])
    with pytest.raises(DamagedModelFile, match="damaged"):
        clf.fit(*digits)
    clf = RectifierClassifier(**SMALL).fit(*digits)
    clf.save(checkpoint)
    with pytest.raises(WrongKind, match="not a checkpoint"):
        clf.set_params(checkpoint=checkpoint).fit(*digits)


def test_a_generator_cannot_be_resumed(checkpoint, digits):
    settings = SMALL | {"random_state": np.random.default_rng(0)}
    with pytest.raises(ValueError, match="checkpoint needs random_state to be None or an integer"):
        RectifierClassifier(**settings, checkpoint=checkpoint).fit(*digits)


def test_checkpoints_within_an_epoch_wait_half_a_minute(checkpoint, digits, monkeypatch):
    written = []
    monkeypatch.setattr("rectinet.runs.checkpoint.save_checkpoint", lambda *args: written.append(args))
    RectifierClassifier(**SMALL, checkpoint=checkpoint).fit(*digits)
    assert len(written) == 1 + 6  # before the first step, and one per epoch
