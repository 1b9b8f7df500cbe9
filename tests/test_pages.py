"""The code of every page of the documentation runs, and does what the page says."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from typer.testing import CliRunner

from rectinet import RectifierClassifier, TableModel
from rectinet.cli import app
from rectinet.datasets.imdb import STARS
from rectinet.estimators.text import text_estimator
from rectinet.study.store import Store
from tests import pages

HERE = {
    *("data.md", "explaining.md", "getting-started.md", "pretraining.md", "pruning.md", "study-machinery.md"),
    *("tables.md", "text.md", "training.md"),
}
SMALL = pytest.mark.filterwarnings("ignore::UserWarning")  # small data is spoken of: right, and no matter here


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def digits(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X[:n] / 16, y[:n]


def test_every_page_with_code_is_run() -> None:
    with_code = {path.name for path in pages.DOCS.glob("*.md") if pages.blocks(path.name)}
    assert with_code == HERE | set(pages.ELSEWHERE)
    for page, test in pages.ELSEWHERE.items():
        assert f'"{page}"' in (Path(pages.__file__).parent / test).read_text()


@SMALL
def test_getting_started(capsys: pytest.CaptureFixture[str]) -> None:
    pages.run("getting-started.md", {})
    shares = [float(line.split("%")[0]) for line in capsys.readouterr().out.splitlines() if "% right" in line]
    assert shares[0] > 95
    assert shares[1] > 60
    assert Path("digits.safetensors").exists()


def test_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits in the place of MNIST, short reviews in that of IMDB."""
    rated = [{"id": k, "stars": STARS[k % 8], "text": f"scene{k} of film{k % 5}"} for k in range(20_100)]
    Path("imdb").mkdir()
    for name, rows in (("train", rated), ("unlabeled", [{"id": 0, "stars": 0, "text": "nobody rated this film"}])):
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        Path(f"imdb/{name}.jsonl.xz").write_bytes(lzma.compress(content))
    monkeypatch.setenv("RECTINET_DATA", str(Path.cwd()))
    names = pages.run("data.md", {}, {'load("mnist")': 'load("digits")'})
    assert names["mnist"].image_shape == (8, 8)
    assert names["imdb"].unlabeled.shape[0] == 1


def test_explaining() -> None:
    X, y = digits()
    clf = RectifierClassifier((30, 20), learning_rate=0.1, max_epochs=5, random_state=0, dtype="float64").fit(X, y)
    found = pages.run("explaining.md", {"np": np, "clf": clf, "X": X, "y": y, "x": X[0], "other": X[1]})
    added, units, own, paths = (found[name] for name in ("added", "units", "own", "paths"))
    assert paths.shape == (len(units), 64)
    assert 5 < len(units) <= 12
    np.testing.assert_allclose(paths.sum(axis=1) + found["slopes"] * own.constants[0], added[units], rtol=1e-9)


@SMALL
def test_pretraining() -> None:
    X, y = digits(120)
    few = np.where(np.arange(120) < 60, y, -1)
    small = {"(500, 500, 500)": "(20, 15, 10)", "(500, 500)": "(20, 15)", ".fit(X, y)  # y = -1": ".fit(X, few)  #"}
    found = pages.run("pretraining.md", {"X": X, "y": y, "more": X, "everything": X, "few": few}, small)
    assert Path("pretrained.safetensors").exists()
    assert found["codes"].shape == (120, 15)


def test_pruning(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = digits()
    clf = RectifierClassifier((60,), activity_l1=0.01, learning_rate=0.1, max_epochs=5, random_state=0).fit(X, y)
    smaller = pages.run("pruning.md", {"clf": clf, "X": X})["smaller"]
    np.testing.assert_allclose(smaller.predict_proba(X), clf.predict_proba(X), atol=1e-6)
    assert "units" in capsys.readouterr().out


def test_study_machinery() -> None:
    """The experiment of the page is run by the command line, and what it leaves is read as the page reads it."""
    module = pages.blocks("study-machinery.md")[0].replace("(100, 1000)", "(4, 5)")
    Path("wider.py").write_text(module)
    answer = CliRunner().invoke(app, ["study", "run", "wider", "--budget", "quick", "--seeds", "1"])
    assert answer.exit_code == 0, answer.output
    names = pages.run("study-machinery.md", {}, {'"few-labels"': '"wider"'})
    assert names["wrong"].dtype == bool
    with Store("rectinet-study") as store:
        assert len(store.records("wider")) == 3


@SMALL
def test_tables() -> None:
    rng = np.random.default_rng(0)
    people = pd.DataFrame({"age": rng.integers(20, 60, 100), "job": rng.choice(["clerk", "cook"], 100)})
    people["income"] = np.where(people["age"] > 40, "high", "low")
    model = pages.run("tables.md", {"people": people, "new_people": people[:5]})["model"]
    assert isinstance(model, TableModel)
    assert Path("income.safetensors").exists()


@SMALL
def test_text() -> None:
    texts = ["not one dull minute", "i left after half an hour", "warm and funny", "dull and noisy"] * 10
    small = {'TextModel(task="rate")': "TextModel(text_estimator('rate', hidden_layer_sizes=(20,), random_state=0))"}
    scope: dict[str, Any] = {"texts": texts, "stars": [9, 1, 8, 2] * 10, "more_texts": ["a minute and an hour"] * 5}
    model = pages.run("text.md", scope | {"text_estimator": text_estimator}, small)["model"]
    assert model.classes_.tolist() == [1, 2, 8, 9]


@SMALL
def test_training() -> None:
    X, y = digits(100)
    pages.run(
        "training.md",
        {"X": X, "y": y, "RectifierClassifier": RectifierClassifier},
        {"RectifierClassifier().fit(X, y)": "RectifierClassifier((10,)).fit(X, y)"},
    )
