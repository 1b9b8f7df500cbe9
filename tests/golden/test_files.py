"""Files written by 0.1.0 open and answer what they did. `files-0.1.0` is never written again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import rectinet
from rectinet import RectifierClassifier

from .runs import CLASSIFIER, PRETRAINED, answers, data

FOLDER = Path(__file__).parent / "files-0.1.0"
ANSWERS = json.loads((FOLDER / "answers.json").read_text())
MODELS = sorted(path.stem for path in FOLDER.glob("*.rectinet"))


def check(found: np.ndarray, kept: list) -> None:
    if isinstance(kept[0], str):
        assert found.tolist() == kept
    else:
        np.testing.assert_allclose(found, kept, rtol=2e-5, atol=2e-6)  # of another instruction set too


@pytest.mark.parametrize("name", [name for name in MODELS if name != "pretrained-only"])
def test_a_model_answers_what_it_did(name, tmp_path) -> None:
    model = rectinet.load(FOLDER / f"{name}.rectinet")
    model.save(tmp_path / "again")
    for mine in (model, rectinet.load(tmp_path / "again")):
        check(mine.predict(data().X) if name == "classifier-names" else answers(mine, data()), ANSWERS[name])


def test_a_pretrained_network_is_fitted_from_where_it_stood() -> None:
    d = data()
    clf = rectinet.load(FOLDER / "pretrained-only.rectinet")
    check(answers(clf.fit(d.X, d.y), d), ANSWERS["pretrained-only"])


@pytest.mark.parametrize("name", ["supervised", "pretraining"])
def test_a_run_goes_on_from_its_checkpoint(name, tmp_path) -> None:
    d, path = data(), shutil.copy(FOLDER / f"{name}.checkpoint", tmp_path)
    if name == "supervised":
        changes, more = {"max_epochs": 5, "early_stopping": True, "patience": 9}, None
    else:
        changes = PRETRAINED | {"tied": (True, False), "reconstruction": "sigmoid", "code_scaling": "auto"}
        more = d.unlabelled
    clf = RectifierClassifier(**CLASSIFIER | changes | {"checkpoint": path}).fit(d.X, d.y, X_unlabeled=more)
    assert len(clf.history_) == changes["max_epochs"]
    check(answers(clf, d), ANSWERS[f"{name}.checkpoint"])
