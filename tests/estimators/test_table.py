"""TableModel: tables of people, whatever library they come from; a whole estimator for scikit-learn; its files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ScoringMonitor
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score

import rectinet
from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    TableModel,
    load,
)
from rectinet.estimators.table import table_defaults, table_estimator
from rectinet.storage import DamagedModelFile, load_model, save_model

SMALL: dict[str, Any] = {"hidden_layer_sizes": (16,), "learning_rate": 0.1, "max_epochs": 20, "random_state": 0}


def people(n: int = 200, seed: int = 0) -> pd.DataFrame:
    """Numbers, names and gaps, and a class that depends on all of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "income": rng.exponential(50_000, n).round(),
            "town": rng.choice(["Rome", "Oslo", "Lima", "Bonn"], n),
            "owner": rng.choice([True, False], n),
        }
    )
    frame["kind"] = np.where(frame["income"] * (1 + frame["owner"]) > 45_000, "rich", "poor")
    frame.loc[frame["town"] == "Lima", "kind"] = "far"
    frame.loc[rng.choice(n, n // 10), "town"] = None
    return frame


def small(task: Any = "classify", **more: Any) -> Any:
    return {"classify": RectifierClassifier, "rate": RatingRegressor, "regress": RectifierRegressor}[task](
        **{**SMALL, **more}
    )


@pytest.fixture(scope="module")
def model() -> TableModel:
    return TableModel(small()).fit(people(), "kind")


def test_it_learns(model: TableModel) -> None:
    new = people(seed=1)
    assert model.score(new, new["kind"]) > 0.8
    assert model.classes_.tolist() == ["far", "poor", "rich"]
    assert model.predict_proba(new).shape == (200, 3)
    assert model.feature_names_in_.tolist() == ["income", "town", "owner"]
    assert model.n_features_in_ == 3
    names = ["income", "town=Bonn", "town=Lima", "town=Oslo", "town=Rome", "town is missing", "owner"]
    assert model.get_feature_names_out().tolist() == names
    assert model.transform(new).shape == (200, 16)
    assert model.sparsity(new).shape == (1,)
    assert model.explain(new[:3], by="encoded").input_names.tolist() == names
    assert np.array_equal(model.prune(new).predict(new), model.predict(new))


def test_it_is_exported_by_name() -> None:
    assert rectinet.TableModel is TableModel


def test_a_target_by_name_or_beside_the_table_is_the_same(model: TableModel) -> None:
    frame = people()
    features = frame.drop(columns="kind")
    for y in (frame["kind"], frame["kind"].tolist(), frame["kind"].to_numpy(), pl.Series(frame["kind"].tolist())):
        other = TableModel(small()).fit(features, y)
        assert np.array_equal(other.predict_proba(features), model.predict_proba(features))
    with pytest.warns(UserWarning, match="column 'kind' of X holds the targets themselves and is left out"):
        leaky = TableModel(small()).fit(frame, frame["kind"])
    assert np.array_equal(leaky.predict_proba(frame), model.predict_proba(frame))


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_every_library_gives_the_same_answers(model: TableModel, library: str) -> None:
    frame = people()
    other: Any = pl.from_pandas(frame) if library == "polars" else pa.Table.from_pandas(frame, preserve_index=False)
    again = TableModel(small()).fit(other, "kind")
    assert np.array_equal(again.predict_proba(other), model.predict_proba(frame))
    assert np.array_equal(model.predict_proba(other), model.predict_proba(frame))


def test_columns_are_found_by_name(model: TableModel) -> None:
    new = people(30, seed=2)
    answers = model.predict_proba(new)
    assert np.array_equal(model.predict_proba(new[["kind", "owner", "town", "income"]]), answers)
    assert np.array_equal(model.predict_proba(new.drop(columns="kind")), answers)
    assert np.array_equal(model.predict_proba(new.assign(kind=None)), answers)
    with pytest.warns(UserWarning, match="X: 'mood' not known from training, and ignored"):
        assert np.array_equal(model.predict_proba(new.assign(mood="good")), answers)
    with pytest.raises(ValueError, match="X has no column 'town', which the model was trained with; it has 'income'"):
        model.predict(new.drop(columns="town"))


def test_unknown_categories_are_counted(model: TableModel) -> None:
    with pytest.warns(UserWarning, match=r"column 'town': 5 of 5 rows have a category .* \('Paris'\)"):
        model.predict(people(5, seed=2).assign(town="Paris"))


def test_what_is_left_out_is_said() -> None:
    frame = people().assign(id=range(1000, 1400, 2))
    with pytest.warns(UserWarning, match="left out of the table: 'id'"):
        TableModel(small()).fit(frame, "kind")
    TableModel(small(), drop=["id"]).fit(frame, "kind")
    assert "id" in TableModel(small(), keep=["id"]).fit(frame, "kind").get_feature_names_out()


# tasks and targets


def test_targets_choose_the_estimator() -> None:
    frame = people(60).drop(columns="kind")
    assert isinstance(TableModel().fit(frame, ["a", "b"] * 30).estimator_, RectifierClassifier)
    assert isinstance(TableModel().fit(frame, np.arange(60) / 7).estimator_, RectifierRegressor)
    assert isinstance(TableModel(task="rate").fit(frame, [1, 2, 3] * 20).estimator_, RatingRegressor)
    with pytest.warns(UserWarning, match="3 different whole numbers are read as 3 classes"):
        assert isinstance(TableModel().fit(frame, [1, 2, 3] * 20).estimator_, RectifierClassifier)


def test_defaults_give_way() -> None:
    assert table_estimator("classify", 100, learning_rate=0.5).learning_rate == 0.5
    assert set(table_defaults(100)) <= set(RectifierRegressor().get_params())


def test_a_task_that_is_not_the_estimators_is_refused() -> None:
    with pytest.raises(ValueError, match="task='regress' and an estimator that is made for task='classify'"):
        TableModel(small(), task="regress").fit(people(), "kind")


def test_an_estimator_that_scales_is_refused() -> None:
    with pytest.raises(ValueError, match="the estimator has scaling='standard', and the table is scaled already"):
        TableModel(small(scaling="standard")).fit(people(), "kind")


def test_a_wrong_scaling_is_refused() -> None:
    with pytest.raises(ValueError, match="scaling must be None or one of standard, minmax, rank; got 'log'"):
        TableModel(small(), scaling="log").fit(people(), "kind")  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, "", " "])
def test_rows_without_a_target_are_left_out_with_a_note(nothing: Any) -> None:
    frame = people()
    y = frame.pop("kind").astype(object)
    y[150:] = nothing
    with pytest.warns(UserWarning, match="50 of 200 rows have no target and are left out"):
        mixed = TableModel(small()).fit(frame, y)
    assert mixed.classes_.tolist() == ["far", "poor", "rich"]
    assert mixed.score(frame, y) == np.mean(mixed.predict(frame[:150]) == y[:150])


def test_rows_without_a_target_pre_train() -> None:
    frame = people()
    estimator = small(pretrain_epochs=2, reconstruction="linear")
    few = frame.assign(kind=frame["kind"].where(frame.index < 60))
    mixed = TableModel(estimator).fit(few, "kind")
    apart = TableModel(estimator).fit(frame[:60], "kind", X_unlabeled=frame[60:])
    without = TableModel(estimator).fit(frame[:60], "kind", X_unlabeled=frame[60:].drop(columns="kind"))
    assert np.array_equal(mixed.predict_proba(frame), apart.predict_proba(frame))
    assert np.array_equal(without.predict_proba(frame), apart.predict_proba(frame))
    with pytest.raises(ValueError, match="X_unlabeled has no column 'town'"):
        TableModel(estimator).fit(frame[:60], "kind", X_unlabeled=frame[60:][["income", "owner"]])
    with pytest.raises(ValueError, match="unlabelled examples are for pre-training, and there is none"):
        TableModel(small()).fit(frame[:60], "kind", X_unlabeled=frame[60:])


def test_a_semi_supervised_classifier_takes_minus_one() -> None:
    frame = people()
    y = np.where(np.arange(200) < 60, frame.pop("kind"), -1)
    estimator = SemiSupervisedClassifier(**SMALL, pretrain_epochs=1, reconstruction="linear")
    assert TableModel(estimator).fit(frame, y).classes_.tolist() == ["far", "poor", "rich"]


def test_validation_rows() -> None:
    frame, held_out = people(), people(80, seed=3)
    by_name = TableModel(small()).fit(frame, "kind", X_val=held_out)
    beside = TableModel(small()).fit(
        frame.drop(columns="kind"), frame["kind"], X_val=held_out.drop(columns="kind"), y_val=held_out["kind"]
    )
    assert by_name.estimator_.best_epoch_ > 0
    assert np.array_equal(by_name.predict_proba(frame), beside.predict_proba(frame.drop(columns="kind")))
    with pytest.raises(ValueError, match="y_val is missing"):
        TableModel(small()).fit(frame.drop(columns="kind"), frame["kind"], X_val=held_out)
    with pytest.raises(ValueError, match="X_val is missing"):
        TableModel(small()).fit(frame, "kind", y_val=held_out["kind"])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ("sort", "X has no column 'sort' for the target; it has 'income', 'town', 'owner', 'kind'"),
        (["a"] * 3, "inconsistent numbers of samples"),
        ([None] * 200, "no target at all"),
    ],
)
def test_wrong_targets_are_refused(y: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableModel(small()).fit(people(), y)


# scikit-learn


def test_scikit_learn_knows_what_it_is() -> None:
    assert is_classifier(TableModel(task="classify"))
    assert is_classifier(TableModel(small()))
    assert is_regressor(TableModel(task="regress"))
    assert is_regressor(TableModel(task="rate"))
    assert not is_classifier(TableModel()) | is_regressor(TableModel())


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", "roc_auc_ovr", "f1_macro", "balanced_accuracy"])
def test_every_scorer(scoring: str) -> None:
    frame = people()
    y = frame.pop("kind")
    assert np.isfinite(cross_val_score(TableModel(small()), frame, y, scoring=scoring, cv=3)).all()


def test_probabilities_by_cross_validation_and_stratified_folds() -> None:
    frame = people()
    y = frame.pop("kind")
    order = np.argsort(y)  # folds that are not stratified would lack a class
    p = cross_val_predict(TableModel(small()), frame.iloc[order], y.iloc[order], method="predict_proba", cv=3)
    assert p.shape == (200, 3)
    assert (np.array(["far", "poor", "rich"])[p.argmax(axis=1)] == y.iloc[order]).mean() > 0.7


def test_calibration_stacking_and_searching() -> None:
    frame = people()
    y = frame.pop("kind")
    calibrated = CalibratedClassifierCV(TableModel(small()), cv=2).fit(frame, y)
    np.testing.assert_allclose(calibrated.predict_proba(frame).sum(axis=1), 1)
    stacked = StackingClassifier([("net", TableModel(small()))], LogisticRegression(), cv=2).fit(frame, y)
    assert stacked.score(frame, y) > 0.7
    search = GridSearchCV(TableModel(small()), {"scaling": ["rank", "minmax"], "estimator__max_epochs": [20]}, cv=2)
    assert search.fit(frame, y).best_score_ > 0.7


def test_regression_scorers() -> None:
    frame = people()
    y = frame["income"] / 1e4
    model = TableModel(small("regress", max_epochs=60), drop=["kind"])
    assert cross_val_score(model, frame, y, scoring="r2", cv=2).mean() > 0.9
    assert not hasattr(model, "predict_proba")


def test_cloning_gives_an_unfitted_model_with_the_same_parameters(model: TableModel) -> None:
    copy = clone(TableModel(small(), drop=("town",), categorical=("owner",), missing=("-",), keep=("income",)))
    assert copy.get_params()["drop"] == ("town",)
    assert copy.fit(people(), "kind").get_feature_names_out().tolist() == ["income", "owner=False", "owner=True"]
    with pytest.raises(AttributeError, match="not fitted yet"):
        clone(model).classes_  # noqa: B018


def test_callbacks_see_the_epochs() -> None:
    monitor = ScoringMonitor(scoring="accuracy")
    model = TableModel(small(max_epochs=3)).set_callbacks(monitor)
    frame = people()
    model.fit(frame.drop(columns="kind"), frame["kind"])
    assert len(monitor.get_logs(select="most_recent").data) >= 3


def test_weights_count() -> None:
    frame = people()
    weight = np.r_[np.ones(100), np.zeros(100)]
    model = TableModel(small()).fit(frame, "kind", sample_weight=weight)
    other = TableModel(small()).fit(frame, "kind")
    assert not np.array_equal(model.predict_proba(frame), other.predict_proba(frame))


# files


@pytest.mark.parametrize(
    "wishes", [{}, {"scaling": "minmax"}, {"drop": ("owner",), "missing": ("-",), "task": "classify"}]
)
def test_a_saved_model_takes_raw_tables_and_gives_the_same_bytes(wishes: Any, tmp_path: Path) -> None:
    frame = people(seed=4)
    model = TableModel(small(), **wishes).fit(people(), "kind")
    model.save(tmp_path / "one.st")
    again = load(tmp_path / "one.st")
    assert isinstance(again, TableModel)
    assert np.array_equal(again.predict_proba(frame), model.predict_proba(frame))
    assert again.get_feature_names_out().tolist() == model.get_feature_names_out().tolist()
    again.save(tmp_path / "two.st")
    assert (tmp_path / "two.st").read_bytes() == (tmp_path / "one.st").read_bytes()
    assert again.fit(people(), "kind").score(frame, frame["kind"]) > 0.4


@pytest.mark.parametrize(
    "change",
    [
        lambda inside: inside.pop("encoder"),
        lambda inside: inside["encoder"]["columns"].pop(),
        lambda inside: inside["encoder"].update(scaling="standard", columns=[]),
        lambda inside: inside["encoder"]["columns"][1]["categories"].append("Paris"),
        lambda inside: inside.update(kind="TextModel"),
    ],
)
def test_files_that_are_wrong_inside_are_refused(model: TableModel, change: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "m.st")
    stored = load_model(tmp_path / "m.st")
    change(stored.facts["table_model"])
    save_model(tmp_path / "n.st", stored)
    with pytest.raises(DamagedModelFile, match=r"n\.st"):
        load(tmp_path / "n.st")


def test_a_file_holds_plain_values(model: TableModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m.st")
    document = load_model(tmp_path / "m.st").facts["table_model"]["encoder"]
    assert json.loads(json.dumps(document)) == document


# explanations


@pytest.mark.parametrize("sparse", [False, True])
def test_explanations_are_by_column_or_by_encoded_column(model: TableModel, sparse: bool, monkeypatch: Any) -> None:
    new = people(40, seed=1)
    if sparse:
        fitted = model._part()
        monkeypatch.setattr(model, "_fitted", replace(fitted, encoder=replace(fitted.encoder, sparse=True)))
    encoded, found = model.explain(new, by="encoded"), model.explain(new)
    assert isinstance(found.contributions, list) == sparse
    assert found.input_names.tolist() == ["income", "town", "owner"]
    expected = np.stack([encoded.of(7)[:, 0], encoded.of(7)[:, 1:6].sum(axis=1), encoded.of(7)[:, 6]], axis=1)
    np.testing.assert_allclose(found.of(7), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found.outputs, encoded.outputs)
    assert np.abs(found.errors).max() < 1e-5
    assert found.inputs.shape == (40, 3)
    assert found.inputs[7, 0] == new["income"].iloc[7]
    assert found.inputs[7, 1] == new["town"].iloc[7]
    np.testing.assert_allclose(found.outputs, model.decision_function(new), rtol=1e-6)
    assert found.centred().input_names.tolist() == ["income", "town", "owner"]


def test_layers_units_and_differences_of_tables(model: TableModel) -> None:
    new = people(5, seed=1)
    assert model.explain(new, layer=0).input_names.tolist()[:2] == ["unit 0", "unit 1"]
    unit = model.explain(new, layer=0, units=3)
    assert unit.contributions.shape == (5, 1, 3)
    assert model.explain(new, contrast=("rich", "poor")).output_names == ("rich - poor",)
    difference = model.explain_difference(new[:1], new[1:2])
    assert difference.contributions.shape == (1, 3, 3)
    assert np.abs(difference.errors).max() < 1e-10
    assert difference.inputs[0, 2] == new["owner"].iloc[0]
    assert model.explain_difference(new[:1], new[1:2], by="encoded").contributions.shape == (1, 3, 7)
    assert len(model.region(new[:1]).input_names) == 7
    rated = TableModel(small("rate", early_stopping=False)).fit(new, [1, 2, 3, 1, 2])
    assert rated.explain_expected(new).contributions.shape[1] == 1
    assert rated.explain_expected(new).input_names.tolist() == [c.name for c in rated.encoder_.columns]
    assert not hasattr(model, "explain_expected")


def test_what_cannot_be_explained_is_named(model: TableModel) -> None:
    new = people(5, seed=1)
    with pytest.raises(ValueError, match='by must be "column" or "encoded"; got \'words\''):
        model.explain(new, by="words")
    with pytest.raises(ValueError, match="X has no column 'town'"):
        model.explain(new.drop(columns="town"))
    with pytest.raises(ValueError, match=r"baseline must be one example of 7 features; got an array of shape \(2, 7\)"):
        model.explain_difference(new[:1], new[:2])
