"""Saving and loading estimators."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn

import rectinet
from rectinet import RectifierClassifier, RectifierRegressor
from rectinet.storage import Model, WrongKind, load_model, save_model

SMALL = {"hidden_layer_sizes": (12, 8), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0}
GOLDEN = Path(__file__).parents[1] / "golden" / "model-format-1.rectinet"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["rectifier", "softplus", "tanh", "logistic", "linear"])
def test_a_loaded_classifier_is_the_saved_one(tmp_path, dtype, activation, digits, same_parameters):
    X, y = digits
    clf = RectifierClassifier(**SMALL, dtype=dtype, activation=activation, softplus_alpha=2.0, signs="random").fit(X, y)
    clf.save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert type(again) is RectifierClassifier
    assert again.get_params() == clf.get_params()
    np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
    assert again.history_ == [{k: v for k, v in entry.items() if k != "seconds"} for entry in clf.history_]
    assert (again.n_epochs_, again.best_epoch_, again.seed_) == (clf.n_epochs_, clf.best_epoch_, clf.seed_)
    assert same_parameters(again.partial_fit(X, y), clf.partial_fit(X, y))


@pytest.mark.parametrize("flat", [True, False])
def test_a_loaded_regressor_is_the_saved_one(tmp_path, flat, curve):
    X, Y = curve
    reg = RectifierRegressor(**SMALL).fit(X, Y[:, 0] if flat else Y)
    reg.save(tmp_path / "model")
    np.testing.assert_array_equal(rectinet.load(tmp_path / "model").predict(X), reg.predict(X))


@pytest.mark.parametrize(
    "labels",
    [np.array(["no", "yes"]), np.array(["no", "yes"], dtype=object), np.array([-1, 1]), np.array([0.0, 2.0]),
     np.array([False, True]), np.array([3, 7], dtype=np.uint8)],
)  # fmt: skip
def test_labels_come_back_with_their_dtype(tmp_path, labels):
    X = np.random.default_rng(0).normal(size=(40, 2))
    clf = RectifierClassifier((4,), max_epochs=1, random_state=0).fit(X, np.tile(labels, 20))
    clf.save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert again.classes_.dtype == labels.dtype
    assert again.predict(X).tolist() == clf.predict(X).tolist()


def test_feature_names_come_back(tmp_path, curve):
    import pandas as pd

    X, Y = curve
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    RectifierRegressor(**SMALL).fit(frame, Y).save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert again.feature_names_in_.tolist() == ["a", "b", "c"]
    again.predict(frame)
    with pytest.raises(ValueError, match="feature names"):
        again.predict(frame[["c", "b", "a"]])


def test_parameters_of_every_type_come_back(tmp_path, digits):
    clf = RectifierClassifier(
        hidden_layer_sizes=[6, 5], activity_l1=(0.0, 1e-3), class_weight=dict.fromkeys(range(10), 2.0), max_epochs=1
    ).fit(*digits)
    clf.save(tmp_path / "model")
    assert rectinet.load(tmp_path / "model").get_params() == clf.get_params()


def test_a_generator_becomes_the_seed_it_gave_and_the_checkpoint_path_is_left_out(tmp_path, digits):
    clf = RectifierClassifier(**SMALL | {"random_state": np.random.default_rng(0)}).fit(*digits)
    clf.set_params(checkpoint=tmp_path / "checkpoint").save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert again.random_state == clf.seed_
    assert again.checkpoint is None


def test_a_class_of_a_later_version_is_named(tmp_path, digits):
    clf = RectifierClassifier(**SMALL).fit(*digits)
    save_model(tmp_path / "model", Model("QuantumClassifier", {}, clf.network_))
    with pytest.raises(WrongKind, match="holds a QuantumClassifier, which this version of rectinet does not know"):
        rectinet.load(tmp_path / "model")


def test_the_golden_file_of_format_1_predicts_what_it_did():
    clf = rectinet.load(GOLDEN)
    X = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.5]])
    expected = load_model(GOLDEN).arrays["expected"]
    np.testing.assert_allclose(clf.predict_proba(X), expected, rtol=1e-5)
    assert clf.hidden_layer_sizes == (4,)
    assert clf.predict(X).tolist() == ["yes", "yes", "no"]


def test_loading_never_unpickles(tmp_path, digits):
    RectifierClassifier(**SMALL).fit(*digits).save(tmp_path / "model")
    script = f"""
import pickle, _pickle, rectinet, numpy
def refuse(*args, **kwargs): raise AssertionError("pickle was used")
import rectinet.estimators
pickle.load = pickle.loads = pickle.Unpickler = _pickle.load = _pickle.loads = _pickle.Unpickler = refuse
rectinet.load({str(tmp_path / "model")!r}).predict(numpy.zeros((1, 64)))
"""
    subprocess.run([sys.executable, "-c", script], check=True)


class Mine(RectifierClassifier):
    """A class that load does not know."""


class MyTexts(rectinet.TextModel):
    pass


def test_classes_of_ones_own_are_refused_when_saved(tmp_path, digits):
    mine = Mine(**SMALL).fit(*digits)
    with pytest.raises(TypeError, match=r"Mine is a class of your own.*save a RectifierClassifier, or keep"):
        mine.save(tmp_path / "model")
    texts, kinds = ["good film", "bad film"] * 10, ["a", "b"] * 10
    for model in (rectinet.TextModel(Mine(**SMALL)), MyTexts(RectifierClassifier(**SMALL))):
        with pytest.raises(TypeError, match="is a class of your own"):
            model.fit(texts, kinds).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("container", ["pandas", "polars", "default"])
def test_the_container_of_codes_is_kept(tmp_path, container, digits):
    clf = RectifierClassifier(**SMALL).set_output(transform=container).fit(*digits)
    clf.save(tmp_path / "model")
    again = rectinet.load(tmp_path / "model")
    assert type(again.transform(digits[0])) is type(clf.transform(digits[0]))
    model = load_model(tmp_path / "model")
    model.facts["set_output"] = "excel"
    save_model(tmp_path / "wrong", model)
    with pytest.raises(rectinet.storage.ModelFileError, match="set_output must be one of"):
        rectinet.load(tmp_path / "wrong")


def test_requests_that_are_not_kept_are_said(tmp_path, digits):
    with sklearn.config_context(enable_metadata_routing=True):
        clf = RectifierClassifier(**SMALL).set_fit_request(sample_weight=True).fit(*digits)
        with pytest.warns(UserWarning, match="metadata requests .* are not kept in the file; set them after load"):
            clf.save(tmp_path / "model")
