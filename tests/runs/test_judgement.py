"""Networks that are silent or exploded though every number is finite: said, with the remedy of the place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from typer.testing import CliRunner

from rectinet import RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder
from rectinet.cli import app
from rectinet.wording import only_in_python, setting, under_names, written_by

X, Y = load_digits(return_X_y=True)
PIXELS, Y = (X[:300] * 15.9).astype(np.uint8), Y[:300]  # 0 to 254, as nobody scaled them
SOFT = {"activation": "softplus", "learning_rate": 1e-4, "max_epochs": 1}  # units that never fall silent
FIXED = {"random_state": 0, "early_stopping": False}


def said(fit: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit()
    return [str(one.message) for one in caught]


def regression() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    units = np.c_[rng.uniform(40, 200, 200), rng.uniform(1900, 2020, 200)]  # square metres, years
    return units, units @ [1000.0, 10.0]


def test_a_loss_that_exploded_is_said_with_the_remedy_in_python() -> None:
    units, price = regression()
    (note,) = said(lambda: RectifierRegressor((30,), **SOFT | {"max_epochs": 6}, **FIXED).fit(units, price))
    assert note.startswith("training exploded: its loss, ")
    assert "of a constant answer, which looks at no input" in note
    assert 'Scale the features (scaling="standard") or lower learning_rate, by a factor of 10' in note
    scaled = RectifierRegressor((30,), learning_rate=0.01, max_epochs=5, scaling="standard", **FIXED)
    assert said(lambda: scaled.fit(units, price)) == []
    assert scaled.score(units, price) > 0.9


def test_a_loss_that_is_still_falling_did_not_explode() -> None:
    units, price = regression()
    model = RectifierRegressor((30,), **SOFT | {"learning_rate": 1e-7, "max_epochs": 6}, **FIXED)
    (note,) = said(lambda: model.fit(units, price))
    halfway, last = model.loss_curve_[3], model.loss_curve_[-1]
    assert note.startswith("training ended too early: its loss, ")
    assert f"falling, from {halfway:.3g} halfway to {last:.3g} in the last epoch" in note
    assert 'Train longer (max_epochs), and scale the features (scaling="standard")' in note


def test_where_the_features_are_scaled_only_the_rate_is_to_blame() -> None:
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((200, 5))
    for rate in (3.0, 10.0, 30.0):  # at one of them it explodes and stays finite
        try:
            notes = said(
                lambda rate=rate: RectifierClassifier((30,), learning_rate=rate, max_epochs=2, **FIXED).fit(
                    Z, (Z[:, 0] > 0).astype(int)
                )
            )
        except ArithmeticError:
            continue
        for note in notes:
            assert "Scale the features" not in note
            assert "Lower learning_rate, by a factor of 10 at a time" in note
        if notes:
            return
    pytest.fail("no rate made it explode")


def test_classes_that_hardly_count_are_no_explosion() -> None:
    """Two overlapping classes, one of which weighs next to nothing: all answers are the other, as was asked for."""
    rng = np.random.default_rng(0)
    Z, y = rng.standard_normal((100, 3)), np.arange(100) % 2
    for weights in ({0: 1000.0, 1: 1e-4}, {0: 1.0, 1: 0.0}):
        clf = RectifierClassifier((20,), learning_rate=0.1, max_epochs=20, class_weight=weights, **FIXED)
        assert said(lambda clf=clf: clf.fit(Z, y)) == []
        assert (clf.predict(Z) == 0).all()


def test_partial_fit_explodes_aloud() -> None:
    units, price = regression()
    stream = RectifierRegressor((30,), **SOFT, random_state=0)
    assert any("training exploded" in note for note in said(lambda: stream.partial_fit(units, price)))


def test_what_learns_is_not_warned_of() -> None:
    assert said(lambda: RectifierClassifier((20,), learning_rate=0.1, max_epochs=1, **FIXED).fit(PIXELS / 255, Y)) == []
    assert said(lambda: StackedDenoisingAutoencoder((20, 10), epochs=1, random_state=0).fit(PIXELS / 255)) == []
    constant = RectifierRegressor((20,), learning_rate=0.01, max_epochs=2, **FIXED)
    assert said(lambda: constant.fit(PIXELS / 255, np.full(300, 7.0))) == []


def test_auto_encoders_that_fell_silent_say_so_by_their_own_names() -> None:
    (note,) = said(lambda: StackedDenoisingAutoencoder((20, 10), epochs=3, random_state=0).fit(PIXELS))
    assert note.startswith("hidden layer 0 is silent: of its 20 units 0 fire per example after pre-training")
    assert 'Scale the features (scaling="standard") or lower learning_rate,' in note
    assert "pretrain_" not in note


def test_pre_training_that_fell_silent_is_said_once_and_by_its_own_rate() -> None:
    clf = RectifierClassifier((20,), pretrain_epochs=2, max_epochs=2, learning_rate=0.01, **FIXED)
    (note,) = said(lambda: clf.fit(PIXELS, Y))
    assert "or lower pretrain_learning_rate" in note
    (again,) = said(lambda: clf.pretrain(PIXELS))
    assert again == note


def test_reconstructions_far_worse_than_the_mean_are_said() -> None:
    settings = {"activation": "linear", "reconstruction": "linear", "learning_rate": 3e-6, "batch_size": 100}
    (note,) = said(lambda: StackedDenoisingAutoencoder((20,), epochs=1, random_state=0, **settings).fit(PIXELS))
    assert note.startswith("pre-training of hidden layer 0 exploded: its reconstruction error, ")
    assert "of the mean. Scale the features" in note


def test_at_the_command_line_the_remedy_is_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("pixels.npz", X=PIXELS.astype(float), y=Y)
    words = [
        "train",
        "pixels.npz",
        "--hidden",
        "20",
        "--pretrain-epochs",
        "2",
        "--epochs",
        "2",
        "--lr",
        "0.01",
        "--quiet",
    ]
    result = CliRunner().invoke(app, [*words, "--seed", "0"])
    assert result.exit_code == 0
    notes = " ".join(result.stderr.split())
    assert "Scale the features (--scaling standard) or lower --pretrain-learning-rate" in notes
    assert "pretrain_learning_rate" not in notes
    result = CliRunner().invoke(app, [*words, "--seed", "0", "--scaling", "minmax", "--force"])
    assert (result.exit_code, "silent" in result.stderr) == (0, False)


def test_how_parameters_are_written() -> None:
    assert setting("scaling", "standard") == 'scaling="standard"'
    assert setting("learning_rate", 0.1) == "learning_rate=0.1"
    assert only_in_python("yes") == "yes"
    with under_names({"pretrain_epochs": "epochs"}):
        assert (setting("pretrain_epochs"), setting("scaling")) == ("epochs", "scaling")
    with written_by(lambda name, value: f"<{name} {value}>"):
        assert setting("seed", 1) == "<seed 1>"
        assert only_in_python("yes") == ""
    assert setting("pretrain_epochs") == "pretrain_epochs"
