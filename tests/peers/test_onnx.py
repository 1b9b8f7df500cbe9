"""ONNX files answer in onnxruntime as the estimators do here."""

from __future__ import annotations

import json
import string
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from typer.testing import CliRunner

import rectinet
from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    TableModel,
    TextModel,
)
from rectinet.cli import app

N = 1000
UNITS = {
    "rectifier": {"activation": "rectifier"},
    "softplus": {"activation": "softplus"},
    "softplus3": {"activation": "softplus", "softplus_alpha": 3.0},
    "tanh": {"activation": "tanh"},
    "logistic": {"activation": "logistic"},
    "linear": {"activation": "linear"},
}
ALLOWED = {"float32": 1e-5, "float64": 1e-10}  # of the largest absolute output
SHORT = {"max_epochs": 2, "learning_rate": 0.05, "random_state": 0, "early_stopping": False}


def answers(path: Path, **inputs: Any) -> dict[str, np.ndarray]:
    """What onnxruntime gives, by the names of the outputs."""
    onnx.checker.check_model(str(path), full_check=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip([out.name for out in session.get_outputs()], session.run(None, inputs), strict=True))


def assert_alike(found: np.ndarray, expected: np.ndarray, dtype: str) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= ALLOWED[dtype] * np.abs(expected).max()


@pytest.fixture
def table(rng) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(N, 12))
    return X, X @ rng.normal(size=(12, 3)) + 0.1 * rng.normal(size=(N, 3))


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("signs", ["positive", "balanced", "random"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_sign_and_dtype(table, tmp_path, unit, signs, dtype) -> None:
    X, Y = table
    X = X.astype(dtype)
    y = np.array(["no", "perhaps", "yes"])[Y.argmax(axis=1)]
    clf = RectifierClassifier((30, 20), signs=signs, dtype=dtype, **UNITS[unit], **SHORT).fit(X, y)
    clf.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", X=X)
    assert found.keys() == {"label", "probabilities", "logits"}
    assert_alike(found["logits"], clf.decision_function(X), dtype)
    assert_alike(found["probabilities"], clf.predict_proba(X), dtype)
    assert found["logits"].dtype == dtype
    sure = np.diff(np.sort(clf.predict_proba(X), axis=1)[:, -2:], axis=1)[:, 0] > 1e-4  # ties may break either way
    assert sure.sum() > 0.9 * N
    assert (found["label"] == clf.predict(X))[sure].all()


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("n_targets", [0, 1, 3])
def test_values_come_in_their_own_units(table, tmp_path, n_targets, dtype) -> None:
    X, Y = table
    y = 1000 + 50 * (Y[:, :n_targets] if n_targets else Y[:, 0])
    model = RectifierRegressor((30,), dtype=dtype, **SHORT).fit(X, y)
    model.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", X=X.astype(dtype))["prediction"]
    assert found.dtype == np.float64
    assert_alike(found, model.predict(X), dtype)


@pytest.mark.parametrize("dtype", ALLOWED)
def test_ratings(table, tmp_path, dtype) -> None:
    X, Y = table
    stars = np.clip(np.round(3 + Y[:, 0]), 1, 5)
    model = RatingRegressor((30,), dtype=dtype, **SHORT).fit(X, stars)
    model.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", X=X.astype(dtype))
    assert_alike(found["prediction"], model.predict(X), dtype)
    assert_alike(found["probabilities"], model.class_probabilities(X), dtype)


@pytest.mark.parametrize(
    ("classes", "dtype"),
    [
        (np.array([-3, 7], np.int32), np.int64),
        (np.array([3, 200], np.uint8), np.int64),
        (np.array([-1.0, 2.0]), np.float64),
        (np.array([False, True]), np.bool_),
        (np.array(["naïve", "日本"]), np.object_),
        (np.array(["a", "b"], object), np.object_),
    ],
)
def test_classes_of_every_kind(table, tmp_path, classes, dtype) -> None:
    X, Y = table
    model = RectifierClassifier((), dtype="float64", **SHORT).fit(X, classes[(Y[:, 0] > 0).astype(int)])
    model.to_onnx(tmp_path / "m.onnx")
    label = answers(tmp_path / "m.onnx", X=X)["label"]
    assert label.dtype == dtype
    assert label.tolist() == model.predict(X).tolist()


@pytest.mark.parametrize("scaling", ["standard", "minmax", "rank"])
@pytest.mark.parametrize("dtype", ALLOWED)
def test_scales_are_inside(rng, tmp_path, scaling, dtype) -> None:
    X = rng.normal(size=(N, 6)) * [1, 10, 100, 1e3, 1e4, 1] + [0, 5, 1e3, 0, 1e5, 0]
    X[:, 5] = np.where(rng.random(N) < 0.7, 0, rng.integers(1, 4, N))  # ranks with ties, mostly 0
    y = X[:, 0] + X[:, 3] / 1e3 > 0
    model = SemiSupervisedClassifier((20,), scaling=scaling, dtype=dtype, pretrain_epochs=0, **SHORT).fit(X, y * 1)
    model.to_onnx(tmp_path / "m.onnx")
    beyond = np.vstack([X[:900], X[900:] * 3, X.max(axis=0, keepdims=True), X.min(axis=0, keepdims=True)])
    logits = answers(tmp_path / "m.onnx", X=beyond)["logits"]
    assert_alike(logits[:, 1] - logits[:, 0], model.decision_function(beyond), dtype)


def frame(rng: np.random.Generator) -> pd.DataFrame:
    """Columns of every kind, with holes."""
    age = rng.integers(17, 90, N).astype(float)
    age[rng.random(N) < 0.1] = np.nan
    jobs = rng.choice(["clerk", "Smith & Sons", "naïve", None, "NA"], N)
    return pd.DataFrame(
        {
            "age": age,
            "income": rng.lognormal(8, 2, N),
            "member": rng.random(N) < 0.3,
            "since": pd.Timestamp("2001-02-03") + pd.to_timedelta(rng.integers(0, 9000, N), unit="h"),
            "job": jobs,
            "prediction": rng.normal(size=N),
            "town": rng.choice(["a", "b", "c"], N),
        }
    )


def as_inputs(table: pd.DataFrame, path: Path) -> dict[str, np.ndarray]:
    """What the metadata of the file ask for."""
    about = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    given = {}
    for column in json.loads(about["columns"]):
        cells = table[column["column"]]
        if column["kind"] == "category":
            values: Any = cells.fillna("").astype(object).to_numpy(dtype=object)
        elif column["kind"] == "date":
            values = ((cells - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)).to_numpy(np.float64)
        else:
            values = cells.to_numpy(np.float64)
        given[column["input"]] = values.reshape(-1, 1)
    return given


@pytest.mark.parametrize("scaling", ["rank", "standard", "minmax", None])
def test_tables_with_their_encoder(rng, tmp_path, scaling) -> None:
    table = frame(rng)
    y = np.where(table["age"].fillna(40) + 3 * (table["job"] == "clerk") > 50, "old", "young")
    model = TableModel(RectifierClassifier((20,), activation="tanh", **SHORT), scaling=scaling, keep=["income"]).fit(
        table.assign(income=np.log(table["income"])), y
    )
    new = frame(np.random.default_rng(5))
    new["income"] = np.log(new["income"])
    new.loc[3, ["job", "town"]] = ["unknown here", "d"]
    new.loc[4, "age"], new.loc[5, "prediction"] = np.inf, np.nan
    model.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", **as_inputs(new, tmp_path / "m.onnx"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the unknown categories and the infinity
        expected = model.predict_proba(new)
    assert_alike(found["probabilities"], expected, "float32")
    kinds = {column.name: column.kind for column in model.encoder_.columns}
    assert set(kinds.values()) == {"number", "boolean", "date", "category"}
    assert [c.name for c in model.encoder_.columns if c.indicator] == ["age", "job"]


def written(rng: np.random.Generator, n: int) -> list[str]:
    """Texts with letters of many scripts, digits, marks and blanks of every kind."""
    words = [
        "not",
        "ONE",
        "Dull",
        "minute",
        "Ärger",
        "über",
        "ÉTÉ",
        "naïve",
        "café_1",
        "x",
        "12",
        "a",
        "don't",
        "日本語",
    ]
    words += [
        "テキスト",
        "½²",
        "ё",
        "СТОЛ",
        "e\u0301te\u0301",
        "ﬁn",
        "ǅ",
        "Ⅷ",
        "१२३",
        "".join(rng.choice([*string.ascii_letters], 9)),
    ]
    blanks = [" ", "\t", "\n", "\u00a0", "\u2003", ", ", "...", "-", "\x1c", "\x85", "\x0b"]
    return ["".join(rng.choice(words) + rng.choice(blanks) for _ in range(rng.integers(1, 30))) for _ in range(n)]


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("pattern", [None, r"\S+"])
def test_texts_with_their_tokeniser(rng, tmp_path, dtype, pattern) -> None:
    texts = written(rng, N)
    y = np.array(["dull" in text.lower() for text in texts])
    estimator = RectifierClassifier((20,), dtype=dtype, **SHORT)
    model = TextModel(estimator, n_words=60).fit([*texts, "nothing but this"], [*y, False])
    if pattern:  # as the Amazon data want it
        settings = model.bag_.settings | {"lowercase": False, "token_pattern": pattern}
        object.__setattr__(model.bag_, "settings", settings)
    model.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", text=np.array(texts, dtype=object))
    logits = found["logits"][:, 1] - found["logits"][:, 0]
    assert_alike(logits, model.estimator_.decision_function(model.bag_.bags(texts)), dtype)
    assert model.bag_.bags(texts).nnz > 3 * N


@pytest.mark.parametrize("texts", [[""], ["? !"], ["", "x"]], ids=repr)
def test_a_text_without_any_token_is_a_row_of_zeros(rng, tmp_path, texts) -> None:
    model = TextModel(RectifierClassifier((4,), **SHORT), n_words=9).fit(written(rng, 40), np.arange(40) % 2)
    model.to_onnx(tmp_path / "m.onnx")
    found = answers(tmp_path / "m.onnx", text=np.array(texts, dtype=object))
    expected = model.estimator_.predict_proba(np.zeros((len(texts), 9)))
    assert_alike(found["probabilities"], expected, "float32")


def test_a_tokeniser_that_onnx_cannot_hold_leaves_the_network_alone_and_says_so(rng, tmp_path) -> None:
    texts = written(rng, 40)
    model = TextModel(RectifierClassifier((4,), **SHORT), n_words=30, tokens="characters").fit(texts, np.arange(40) % 2)
    with pytest.warns(UserWarning, match="ONNX cannot hold the tokeniser of this model, so the network alone was"):
        model.to_onnx(tmp_path / "m.onnx")
    bags = model.bag_.bags(texts).toarray()
    assert_alike(answers(tmp_path / "m.onnx", X=bags)["probabilities"], model.predict_proba(texts), "float32")


def test_names_of_features_are_in_the_metadata(table, tmp_path) -> None:
    X, Y = table
    names = [f"feature {k}" for k in range(12)]
    model = RectifierRegressor((3,), **SHORT).fit(pd.DataFrame(X, columns=names), Y[:, 0])
    model.to_onnx(tmp_path / "m.onnx")
    about = {entry.key: entry.value for entry in onnx.load(tmp_path / "m.onnx").metadata_props}
    assert json.loads(about["feature_names"]) == names
    assert about["rectinet"]


def test_what_cannot_be_written_leaves_the_old_file(table, tmp_path, monkeypatch) -> None:
    X, Y = table
    path = tmp_path / "m.onnx"
    path.write_bytes(b"old")
    model = RectifierRegressor((3,), **SHORT).fit(X, Y[:, 0])
    monkeypatch.setattr("rectinet.export._graph.MOST_BYTES", 100)
    with pytest.raises(ValueError, match="an ONNX file holds at most 2 GB"):
        model.to_onnx(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_loaded_model_writes_the_same_bytes(table, tmp_path) -> None:
    X, Y = table
    model = RectifierRegressor((3,), scaling="rank", **SHORT).fit(X, Y[:, 0])
    model.save(tmp_path / "m")
    model.to_onnx(tmp_path / "a.onnx")
    rectinet.load(tmp_path / "m").to_onnx(tmp_path / "b.onnx")
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_the_command_writes_what_the_method_writes(table, tmp_path) -> None:
    X, Y = table
    model = RectifierRegressor((3,), **SHORT).fit(X, Y[:, 0])
    model.save(tmp_path / "m")
    model.to_onnx(tmp_path / "a.onnx")
    result = CliRunner().invoke(app, ["export", str(tmp_path / "m"), str(tmp_path / "b.onnx")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()
