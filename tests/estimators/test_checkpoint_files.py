"""Where checkpoints lie: a folder gives every run its own file, one file has one writer, and nothing is left behind."""

import multiprocessing
import os

import pytest
from sklearn.model_selection import cross_val_score

from rectinet import RectifierClassifier
from rectinet.runs.reserved import CheckpointInUse, reserved

SMALL = {"hidden_layer_sizes": (10, 10), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0}


def test_cross_validation_has_a_checkpoint_for_every_fold(digits, tmp_path):
    plain = cross_val_score(RectifierClassifier(**SMALL), *digits, cv=3)
    kept = cross_val_score(RectifierClassifier(**SMALL, checkpoint=tmp_path), *digits, cv=3)
    assert kept.tolist() == plain.tolist()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_run_of_a_folder_goes_on_and_may_be_longer(digits, tmp_path, same_parameters):
    settings = SMALL | {"early_stopping": False}
    RectifierClassifier(**settings, checkpoint=tmp_path).fit(*digits)
    longer = RectifierClassifier(**settings | {"max_epochs": 5}, checkpoint=tmp_path).fit(*digits)
    assert len(list(tmp_path.iterdir())) == 1
    assert same_parameters(longer, RectifierClassifier(**settings | {"max_epochs": 5}).fit(*digits))


def test_a_checkpoint_that_cannot_be_written_is_found_before_the_first_step(digits, tmp_path, monkeypatch):
    monkeypatch.setattr("rectinet.runs.supervised.SupervisedTask.train", None)
    with pytest.raises(OSError, match="nowhere"):
        RectifierClassifier(**SMALL, checkpoint=tmp_path / "nowhere" / "checkpoint").fit(*digits)


def hold(path, ready, done):
    with reserved(path):
        ready.set()
        done.wait()


def test_a_second_run_on_one_file_is_refused_and_the_file_untouched(digits, tmp_path):
    path = tmp_path / "checkpoint"
    RectifierClassifier(**SMALL, checkpoint=path).fit(*digits)
    before = path.read_bytes()
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(path, ready, done))
    other.start()
    try:
        assert ready.wait(60)
        with pytest.raises(CheckpointInUse, match="is being written by another run"):
            RectifierClassifier(**SMALL, checkpoint=path).fit(*digits)
    finally:
        done.set()
        other.join()
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["checkpoint"]


def test_what_killed_runs_left_is_removed(digits, tmp_path):
    left = tmp_path / ".checkpoint.999999999.0123abcd.tmp"
    left.write_bytes(b"half a checkpoint")
    RectifierClassifier(**SMALL, checkpoint=tmp_path / "checkpoint").fit(*digits)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
