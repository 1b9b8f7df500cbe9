"""What people typed at comparable tools and what went wrong there: each has its answer, exit code and message here.

Tables are in test_tables.py, streams and special files in test_convenience.py, silent and exploded networks in
tests/runs/test_judgement.py; what is Python's alone is beside its estimator (missing labels, frames of texts, streams,
scorers, forks, Ctrl-C in cross-validation).
"""

from __future__ import annotations

import csv
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import rectinet
from rectinet import RectifierClassifier, RectifierRegressor

from .conftest import SMALL, Run

LEARN = ("--hidden", "16", "--lr", "0.3", "--epochs", "60", "--seed", "0", "--quiet", "--no-early-stopping")


def answers(run: Run, *words: str) -> list[str]:
    return [line[0] for line in csv.reader(run("predict", *words).stdout.splitlines())][1:]


@pytest.mark.parametrize(
    "labels", [("001", "002", "010"), ("01", "1", "2"), ("12e4", "120000", "5e1"), ("12345678901234567890", "1" * 20)]
)
def test_labels_that_look_like_numbers_come_back_as_they_are_written(run: Run, labels: tuple[str, ...]) -> None:
    rng = np.random.default_rng(0)
    rows = [(k % len(labels), rng.random()) for k in range(60)]
    lines = [f"{k + 0.1 * noise:.3f},{noise:.3f},{labels[k]}" for k, noise in rows]
    Path("t.csv").write_text("\n".join(["a,b,code", *lines]) + "\n")
    assert f"{len(labels)} classes" in run("train", "t.csv", "--target", "code", *LEARN).output
    assert answers(run, "model.safetensors", "t.csv") == [labels[k] for k, _ in rows]


def test_texts_with_true_and_false(run: Run) -> None:
    rows = [{"text": "win money now" if k % 2 else "meeting at noon", "spam": bool(k % 2)} for k in range(40)]
    Path("spam.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run("train", "spam.jsonl", "--target", "spam", *LEARN)
    assert "2 classes" in result.output
    assert answers(run, "model.safetensors", "spam.jsonl") == [str(row["spam"]) for row in rows]


def test_topics_are_classes_and_not_stars(run: Run) -> None:
    topics = ["sport ball goal", "law court judge", "film star cinema", "tax bank money"]
    Path("t.jsonl").write_text("".join(json.dumps({"text": topics[k % 4], "y": k % 4}) + "\n" for k in range(80)))
    result = run("train", "t.jsonl", "--target", "y", *LEARN)
    assert "4 classes" in result.output
    assert "for stars or grades: --task rate" in " ".join(result.output.split())
    header, *lines = csv.reader(run("predict", "model.safetensors", "t.jsonl", "--proba").stdout.splitlines())
    assert header == ["prediction", "p_0", "p_1", "p_2", "p_3"]
    assert [line[0] for line in lines] == [str(k % 4) for k in range(80)]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr"])
def test_sparse_files_of_any_kind_have_the_same_answers(run: Run, kind: str) -> None:
    rng = np.random.default_rng(0)
    X = (rng.random((20, 20)) < 0.3).astype(float)  # square, so that a transpose would go unnoticed
    X[:, 0] = np.arange(20) % 2
    names = np.array([f"f{k}" for k in range(20)], dtype=object)  # an array that nobody asks for
    np.savez("train.npz", X=X, y=np.array([b"a", b"b"] * 10), names=names, when=np.array("2020-01-01", "M8[D]"))
    run("train", "train.npz", *LEARN)
    sp.save_npz("new.npz", getattr(sp, f"{kind}_array")(X[::-1]))
    assert answers(run, "model.safetensors", "new.npz") == ["b", "a"] * 10


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": np.eye(4), "y": np.array(["a", "b"] * 2, dtype=object)}, "array y: holds Python objects"),
        ({"X": np.eye(4), "y": np.eye(4)[:, :2]}, "save y.argmax(axis=1)"),
        ({"X": np.ones((4, 2, 2)), "y": np.arange(4)}, "save X.reshape(len(X), -1)"),
        ({"x_train": np.eye(4), "y": np.arange(4)}, "an array X is needed"),
        ({"X": np.eye(4), "y": np.arange(4) + 0j}, "only real numbers and texts are read"),
    ],
)
def test_arrays_that_cannot_be_read(run: Run, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez("t.npz", **arrays)
    assert message in run("train", "t.npz", *SMALL, code=2).stderr
    assert not Path("model.safetensors").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("missing.csv",), 2, "missing.csv does not exist"),
        (("folder.csv",), 2, "folder.csv cannot be read: Is a directory"),
        (
            ("t.csv", "--out", "folder.csv"),
            2,
            "folder.csv is a folder; name the model file, for example --out folder.csv/model",
        ),
        (("t.csv", "--checkpoint", "no/such.ckpt"), 2, "there is no folder no for the checkpoint"),
        (("t.csv", "--test", "r.csv"), 2, "r.csv, line 2 is 0.5, and classes are names or whole numbers"),
        (("r.csv", "--test", "t.csv"), 2, "t.csv, line 2 is 'yes', a name; --task regress needs numbers"),
        (("t.csv", "--task", "regress"), 2, "t.csv, line 2 is 'yes', a name; --task regress needs numbers"),
        (("t.csv", "--unlabeled", "r.csv"), 2, "there is none with --pretrain-epochs 0"),
        (("t.csv", "--seed", "-1"), 2, "--seed must be None, an integer in [0, 2**63)"),
        (("t.csv", "--early-stopping", "false"), 2, "unexpected extra argument"),
        (("big.svm",), 2, "big.svm, line 1: not `label index:value ...`"),
        (("wide.svm",), 1, "which is not available: take fewer units or features"),
    ],
)
def test_misuse_is_one_sentence(run: Run, words: tuple[str, ...], code: int, message: str) -> None:
    rows = [(k / 40, (k * 7 % 40) / 40, ("yes", "no")[k % 2], 0.5 + k / 100) for k in range(40)]
    Path("t.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y, _ in rows))
    Path("r.csv").write_text("a,b,y\n" + "".join(f"{a},{b},{value}\n" for a, b, _, value in rows))
    Path("folder.csv").mkdir()
    Path("big.svm").write_text("0 1:1 4294967296:1\n1 2:1\n" * 5)
    Path("wide.svm").write_text("0 1:1 2000000000:1\n1 2:1\n" * 5)
    more = ("--hidden", "100000") if words[0] == "wide.svm" else ()
    result = run("train", *SMALL, *words, *more, code=code)
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert not Path("model.safetensors").exists()


def test_weights_that_do_not_fit_are_said_with_their_size(tmp_path: Path) -> None:
    (tmp_path / "w.svm").write_text("0 1:1 30000000:1\n1 2:1\n" * 5)
    train = "from rectinet.cli import main; main()"
    limited = (
        f"ulimit -v 3000000; exec {sys.executable} -c '{train}' train w.svm --hidden 10 --epochs 1 --lr 0.1 --quiet"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(["bash", "-c", limited], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "weights of 30,000,000 x 10 need" in done.stderr
    assert not (tmp_path / "model.safetensors").exists()


def test_answers_into_a_named_pipe_and_a_model_that_is_private(run: Run, model: Path, table: Path) -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()))
    reader.start()
    run("predict", str(model), str(table), "--out", "pipe")
    reader.join(20)
    assert len(read[0].splitlines()) == 61
    assert stat.S_ISFIFO(os.lstat("pipe").st_mode)
    says = run("train", str(table), "--target", "kind", "--out", "pipe", "--force", *SMALL, code=2).stderr
    assert "pipe is a named pipe, a device or an open descriptor; a model needs a file" in says
    model.chmod(0o600)
    run("train", str(table), "--target", "kind", "--force", *SMALL)
    assert stat.S_IMODE(model.stat().st_mode) == 0o600


def test_several_values_and_names_with_commas(run: Run) -> None:
    X = np.random.default_rng(0).random((30, 2))
    np.savez("new.npz", X=X)
    model = RectifierRegressor((4,), max_epochs=2, early_stopping=False, random_state=0).fit(X, np.c_[X, X[:, 0]])
    model.save("several.st")
    header, *lines = csv.reader(run("predict", "several.st", "new.npz").stdout.splitlines())
    assert header == ["prediction_0", "prediction_1", "prediction_2"]
    np.testing.assert_allclose(np.array(lines, dtype=float), model.predict(X), rtol=1e-6)
    names = np.array(['x, "q"', "two\nlines"])
    named = RectifierClassifier((4,), max_epochs=2, early_stopping=False, random_state=0).fit(
        X, names[np.arange(30) % 2]
    )
    named.save("names.st")
    header, *lines = csv.reader(run("predict", "names.st", "new.npz", "--proba").stdout.splitlines(keepends=True))
    assert header[1:] == [f"p_{name}" for name in sorted(names.tolist())]
    assert [line[0] for line in lines] == rectinet.load("names.st").predict(X).tolist()
