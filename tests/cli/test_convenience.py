"""Small things that people expect of a command: other names, near names, short help, pipes, plain numbers."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rectinet
from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder
from rectinet.cli._predict import _shown

from .conftest import SMALL, Run

RECTINET = (sys.executable, "-c", "from rectinet.cli import main; main()")
TEN = (
    *("--out", "--target", "--text", "--task", "--test", "--drop"),
    *("--hidden", "--learning-rate", "--max-epochs", "--scaling"),
)


def test_other_names_of_options_and_units(run: Run, table: Path) -> None:
    run("train", str(table), "--target", "kind", "--activation", "relu", "--lr", "0.02", "--epochs", "3", "--quiet")
    params = rectinet.load("model.safetensors").estimator_.get_params()
    assert (params["activation"], params["learning_rate"], params["max_epochs"]) == ("rectifier", 0.02, 3)
    run("train", str(table), "--target", "kind", "--activation", "Sigmoid", *SMALL, "--force")
    assert rectinet.load("model.safetensors").estimator_.activation == "logistic"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("train", "mnits"), "'mnits' is no data set and no file; did you mean 'mnist'?"),
        (("train", "{table}", "--target", "Kind"), "did you mean 'kind'?"),
        (("train", "{table}", "--target", "kind", "--scaling", "standart"), "did you mean 'standard'?"),
        (("train", "{table}", "--target", "kind", "--task", "regression"), "did you mean --task regress?"),
        (("train", "{table}", "--target", "kind", "--hiden", "4"), "--hidden"),
        (("predict", "{model}", "{table}", "--id", "widht"), "did you mean 'width'?"),
    ],
)
def test_near_names_are_suggested(run: Run, table: Path, model: Path, words: tuple[str, ...], meant: str) -> None:
    filled = [word.format(table=table, model=model) for word in words]
    assert meant in run(*filled, *(("--force",) if words[0] == "train" else ()), code=2).output


def test_near_names_are_suggested_in_python() -> None:
    X, y = np.random.default_rng(0).random((8, 2)), [0, 1] * 4
    with pytest.raises(ValueError, match="did you mean 'rectifier'"):
        RectifierClassifier((4,), activation="relu").fit(X, y)
    with pytest.raises(ValueError, match=r"got 'nothing'$"):  # what is near to nothing suggests nothing
        RectifierClassifier((4,), activation="nothing").fit(X, y)


def test_help_shows_ten_options_and_help_all_the_rest(run: Run) -> None:
    short, every = run("train", "--help").output, run("train", "--help-all").output
    assert all(option in short for option in TEN)
    listed = [line.split()[1] for line in short.splitlines() if line.startswith("│ --")]
    assert len(listed) == len(TEN) + 2  # --help-all and --help
    for option in ("--pretrain-epochs", "--activation", "--seed", "--validation", "--categorical", "--checkpoint"):
        assert f"│ {option} " not in short
        assert f"│ {option} " in every


# -- streams -----------------------------------------------------------------------------------------------------------


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", **more}


def unread(*words: str, folder: Path) -> tuple[int, str]:
    """Exit code and complaints of a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        done = subprocess.run(
            [*RECTINET, *words], cwd=folder, env=environment(), stdout=closed, stderr=subprocess.PIPE, text=True
        )
    return done.returncode, done.stderr


def test_a_closed_pipe_ends_nothing(run: Run, table: Path, model: Path, tmp_path: Path) -> None:
    words = ("train", str(table), "--target", "kind", "--out", "piped.st", *SMALL)
    code, complaints = unread(*words, folder=tmp_path)
    assert (code, "Error" in complaints, "Traceback" in complaints) == (0, False, False)
    assert rectinet.load("piped.st").predict(pd.read_csv(table)).shape == (60,)
    assert unread("predict", str(model), str(table), folder=tmp_path) == (0, "")


def test_a_terminal_that_knows_only_ascii_gets_a_model_and_its_answers(run: Run, tmp_path: Path) -> None:
    names = ["größe", "klein"]
    rows = [f"{k % 2 + 0.01 * k:.2f},{k % 7},{names[k % 2]}" for k in range(40)]
    Path("t.csv").write_text("\n".join(["breite,höhe,art", *rows]) + "\n", encoding="utf-8")
    plain = environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    train = [*RECTINET, "train", "t.csv", "--target", "art", *SMALL, "--scaling", "standard"]
    done = subprocess.run(train, cwd=tmp_path, env=plain, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    done = subprocess.run(
        [*RECTINET, "predict", "model.safetensors", "t.csv"], cwd=tmp_path, env=plain, capture_output=True
    )
    lines = done.stdout.decode("utf-8").splitlines()
    assert (done.returncode, len(lines), set(lines[1:]) <= set(names)) == (0, 41, True)


def test_answers_to_dev_stdout_have_no_words_among_them(model: Path, table: Path, tmp_path: Path) -> None:
    words = [*RECTINET, "predict", str(model), str(table), "--out", "/dev/stdout"]
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 61)
    log = tmp_path / "log"
    with log.open("w") as file:
        print("kept", file=file, flush=True)
        subprocess.run(words, cwd=tmp_path, env=environment(), stdout=file, check=True)
    assert log.read_text().splitlines()[:2] == ["kept", "prediction"]
    assert len(log.read_text().splitlines()) == 62


def test_a_progress_bar_that_fails_ends_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UnicodeEncodeError("ascii", "━", 0, 1, "ordinal not in range")

    X = np.random.default_rng(0).random((30, 2))
    estimator = RectifierClassifier((4,), max_epochs=3, early_stopping=False, learning_rate=0.1, verbose=1)
    for broken in ("start", "update", "stop"):
        with monkeypatch.context() as patch:
            patch.setattr(f"rich.progress.Progress.{broken}", fail)
            assert estimator.fit(X, [0, 1] * 15).n_epochs_ == 3


# -- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (np.float64(2.5030825319589907), "2.503083"),
        (np.float32(0.1), "0.1"),
        (123456789.0, "123456789"),
        (200000.04999, "200000"),
        (1.5e-5, "0.000015"),
        (-3.0, "-3"),
        (0.0, "0"),
        (1e30, "1e+30"),
        (1.23456789e-20, "1.234568e-20"),
        (float("nan"), "nan"),
        (7, 7),
        ("=1+1", "'=1+1"),
    ],
)
def test_values_are_written_with_seven_digits(value: object, written: object) -> None:
    assert _shown(value) == written


def test_ratings_have_probabilities(run: Run) -> None:
    rng = np.random.default_rng(0)
    X = rng.random((60, 3))
    model = RatingRegressor((8,), max_epochs=3, random_state=0).fit(X, 1 + np.arange(60) % 3)
    model.save("stars.st")
    np.savez("new.npz", X=X[:5])
    header, *lines = csv.reader(run("predict", "stars.st", "new.npz", "--proba").stdout.splitlines())
    assert header == ["prediction", "p_1", "p_2", "p_3"]
    got = np.array(lines, dtype=float)
    np.testing.assert_allclose(got[:, 1:], model.class_probabilities(X[:5]), rtol=1e-5)
    np.testing.assert_allclose(got[:, 0], model.predict(X[:5]), rtol=1e-6)
    np.testing.assert_allclose(got[:, 1:] @ [1, 2, 3], got[:, 0], rtol=1e-5)


def test_values_have_no_probabilities(run: Run) -> None:
    X = np.random.default_rng(0).random((20, 2))
    RectifierRegressor((4,), max_epochs=1, early_stopping=False).fit(X, X[:, 0]).save("m.st")
    np.savez("new.npz", X=X)
    assert "m.st holds a RectifierRegressor of values" in run("predict", "m.st", "new.npz", "--proba", code=2).stderr


def test_models_that_only_encode_or_are_pre_trained_only(run: Run) -> None:
    X = np.random.default_rng(0).random((40, 3))
    np.savez("new.npz", X=X)
    StackedDenoisingAutoencoder((6, 4), epochs=2, learning_rate=0.1, random_state=0).fit(X).save("codes.st")
    RectifierClassifier((5,), pretrain_epochs=2, random_state=0).pretrain(X).save("pre.st")
    says = run("predict", "codes.st", "new.npz", code=2).stderr
    assert "encodes and predicts nothing" in says
    assert 'rectinet.load("codes.st").transform(X)' in says
    says = run("predict", "pre.st", "new.npz", code=2).stderr
    assert "pre-trained only and cannot predict yet" in says
    shown = run("inspect", "codes.st").output
    assert "StackedDenoisingAutoencoder, 3 inputs, no output layer, 52 parameters" in shown
    assert [line.split()[:2] for line in shown.splitlines()].count(["hidden", "2"]) == 2  # a layer, and its training
    assert "dead" in run("inspect", "codes.st", "new.npz").output
    assert "pre-trained hidden layers, no output layer yet" in run("inspect", "pre.st").output
    assert "zeros are counted on fitted models" in run("inspect", "pre.st", "new.npz", code=2).stderr
