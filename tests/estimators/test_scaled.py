"""Estimators that scale features themselves, and the codes that transform gives in a pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from rectinet import RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder, load
from rectinet.storage import DamagedModelFile, load_model, save_model

SMALL: dict[str, Any] = {"hidden_layer_sizes": (8, 6), "max_epochs": 5, "learning_rate": 0.1, "random_state": 0}
KINDS = ("standard", "minmax", "rank")


@pytest.fixture(scope="module")
def raw() -> tuple[np.ndarray, np.ndarray]:
    """Features in units of their own, and two classes."""
    rng = np.random.default_rng(0)
    X = np.c_[rng.integers(400, 4000, 200), rng.normal(0, 1e-4, 200), rng.exponential(1e6, 200)].astype(float)
    return X, (X[:, 0] > 2000) ^ (X[:, 1] > 0)


@pytest.mark.parametrize(("scaling", "scaler"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())])
def test_scaling_is_that_of_a_pipeline(raw: Any, scaling: Any, scaler: Any) -> None:
    X, y = raw
    mine = RectifierClassifier(**SMALL, dtype="float64", scaling=scaling).fit(X, y)
    theirs = make_pipeline(scaler, RectifierClassifier(**SMALL, dtype="float64")).fit(X, y)
    np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), rtol=1e-6)


@pytest.mark.parametrize("scaling", KINDS)
def test_scales_are_kept_in_files_and_in_predictors(raw: Any, scaling: Any, tmp_path: Any) -> None:
    X, y = raw
    clf = RectifierClassifier(**SMALL, scaling=scaling).fit(X, y)
    clf.save(tmp_path / "m.st")
    again = load(tmp_path / "m.st")
    assert again.scaling == scaling
    assert np.array_equal(again.predict_proba(X), clf.predict_proba(X))
    answer = again.predictor()
    np.testing.assert_allclose([answer(x) for x in X[:9]], clf.predict_proba(X[:9]), rtol=1e-5, atol=1e-6)
    again.save(tmp_path / "n.st")
    assert (tmp_path / "n.st").read_bytes() == (tmp_path / "m.st").read_bytes()


def test_examples_of_weight_zero_teach_no_scale(raw: Any) -> None:
    X, y = raw
    weight = np.r_[np.ones(150), np.zeros(50)]
    weighted = RectifierClassifier(**SMALL, scaling="rank").fit(X, y, sample_weight=weight)
    alone = RectifierClassifier(**SMALL, scaling="rank").fit(X[:150], y[:150], sample_weight=np.ones(150))
    assert np.array_equal(weighted.predict_proba(X), alone.predict_proba(X))


def test_later_parts_are_on_the_scales_of_the_first(raw: Any) -> None:
    X, y = raw
    clf = RectifierClassifier(**SMALL, scaling="standard").partial_fit(X[:100], y[:100]).partial_fit(X[100:], y[100:])
    scaler = StandardScaler().fit(X[:100])
    other = RectifierClassifier(**SMALL)
    other.partial_fit(scaler.transform(X[:100]), y[:100]).partial_fit(scaler.transform(X[100:]), y[100:])
    np.testing.assert_allclose(clf.predict_proba(X), other.predict_proba(scaler.transform(X)), rtol=1e-4, atol=1e-5)


def test_fine_tuning_is_on_the_scales_of_pre_training(raw: Any) -> None:
    X, y = raw
    settings = {**SMALL, "pretrain_epochs": 1, "scaling": "minmax"}
    clf = RectifierClassifier(**settings).pretrain(X)
    few = clf.fit(X[:40], y[:40])
    scaled = MinMaxScaler().fit(X)
    other = RectifierClassifier(**{**settings, "scaling": None}).pretrain(scaled.transform(X))
    other.fit(scaled.transform(X[:40]), y[:40])
    np.testing.assert_allclose(few.predict_proba(X), other.predict_proba(scaled.transform(X)), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="pretrained_network_ was made with scaling='minmax'; got 'rank'"):
        clf.set_params(scaling="rank").fit(X, y)


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_sparse_features_stay_sparse(scaling: Any) -> None:
    rng = np.random.default_rng(0)
    X = csr_array(rng.integers(1, 1000, (100, 20)) * (rng.random((100, 20)) < 0.2).astype(float))
    y = X[:, [0]].toarray().ravel() > 0
    clf = RectifierClassifier(**SMALL, scaling=scaling).fit(X, y)
    np.testing.assert_allclose(clf.predict_proba(X.toarray()), clf.predict_proba(X), rtol=1e-5)


def test_pixels_are_divided_with_a_note() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (100, 64)) * (rng.random((100, 64)) < 0.2)
    with pytest.warns(UserWarning, match="64 features have no negative value and share one scale: .* 255"):
        clf = RectifierClassifier(**SMALL, scaling="rank").fit(X, np.arange(100) % 2)
    plain = RectifierClassifier(**SMALL).fit(X / 255, np.arange(100) % 2)
    np.testing.assert_allclose(clf.predict_proba(X), plain.predict_proba(X / 255), rtol=1e-5)


@pytest.mark.parametrize("scaling", KINDS)
def test_a_stack_of_autoencoders_gives_back_the_features_own_units(raw: Any, scaling: Any) -> None:
    X, _ = raw
    stack = StackedDenoisingAutoencoder(
        (30,), epochs=60, learning_rate=0.03, reconstruction="linear", scaling=scaling, random_state=0
    ).fit(X)
    back = stack.inverse_transform(stack.transform(X))
    assert (np.median(np.abs(back - X), axis=0) < 0.5 * np.median(np.abs(X - np.median(X, axis=0)), axis=0)).all()


def test_a_file_whose_scales_do_not_fit_is_refused(raw: Any, tmp_path: Any) -> None:
    X, y = raw
    RectifierClassifier(**SMALL, scaling="rank").fit(X, y).save(tmp_path / "m.st")
    model = load_model(tmp_path / "m.st")
    del model.facts["scaler"]
    save_model(tmp_path / "n.st", model)
    with pytest.raises(DamagedModelFile, match=r"scaling='rank' and the scales in the file do not fit"):
        load(tmp_path / "n.st")


def test_values_beyond_float32_are_fine_where_they_are_scaled() -> None:
    X = np.linspace(0, 1e300, 60)[:, None]
    regressor = RectifierRegressor(**SMALL, scaling="minmax").fit(X, np.linspace(0, 1, 60))
    assert np.isfinite(regressor.predict(X)).all()


# codes


@pytest.fixture(scope="module")
def clf(raw: Any) -> RectifierClassifier:
    return RectifierClassifier(**SMALL, scaling="rank").fit(*raw)


def test_the_codes_of_all_layers_side_by_side(clf: RectifierClassifier, raw: Any) -> None:
    X, _ = raw
    beside = clf.transform(X, layer="all")
    assert isinstance(beside, csr_array)
    apart = np.c_[clf.transform(X, layer=0).toarray(), clf.transform(X, layer=1).toarray()]
    assert np.array_equal(beside.toarray(), apart)
    assert np.array_equal(clf.transform(X).toarray(), apart[:, 8:])


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (-1, ["layer1_unit0", "layer1_unit5"]),
        (0, ["layer0_unit0", "layer0_unit7"]),
        (-2, ["layer0_unit0", "layer0_unit7"]),
        ("all", ["layer0_unit0", "layer1_unit5"]),
    ],
)
def test_transform_layer_decides_in_a_pipeline_and_the_names_follow(
    clf: RectifierClassifier, raw: Any, layer: Any, names: list[str]
) -> None:
    X, y = raw
    other = clone(clf).set_params(transform_layer=layer).fit(X, y)
    codes = other.transform(X)
    assert np.array_equal(codes.toarray(), clf.transform(X, layer=layer).toarray())
    found = other.get_feature_names_out()
    assert [found[0], found[-1]] == names
    assert len(set(found)) == codes.shape[1]


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_frames_of_codes_are_dense_and_named(clf: RectifierClassifier, raw: Any, output: str) -> None:
    X, y = raw
    other = clone(clf).set_params(transform_layer="all").set_output(transform=output).fit(X, y)
    codes = other.transform(X)
    assert list(codes.columns) == list(other.get_feature_names_out())
    assert np.array_equal(codes.to_numpy(), clf.transform(X, layer="all").toarray())


def test_a_linear_model_has_no_codes(raw: Any) -> None:
    linear = RectifierClassifier((), max_epochs=1, scaling="rank").fit(*raw)
    for layer in (None, "all", 0):
        with pytest.raises(ValueError, match="for 0 hidden layers"):
            linear.transform(raw[0], layer=layer)
