"""Explanations in shap's own record, and the agreement of ours with shap and captum where they are exact."""

import sys
import warnings

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from sklearn.datasets import load_digits

from rectinet import RectifierClassifier, RectifierRegressor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import shap

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.1, "max_epochs": 5, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return (X[:300] / 16).astype(np.float32), y[:300]


@pytest.fixture(scope="module")
def clf(digits):
    return RectifierClassifier(**SMALL).fit(*digits)


def test_all_logits_centred(clf, digits):
    X, _ = digits
    for given in (X[:20], csr_array(X[:20])):
        found = clf.explain(given)
        made = found.to_shap()
        assert isinstance(made, shap.Explanation)
        assert made.shape == (20, 64, 10)
        np.testing.assert_array_equal(made.data, X[:20])
        assert list(made.output_names) == [str(k) for k in range(10)]
        total = made.values.sum(axis=1) + made.base_values
        np.testing.assert_allclose(total, found.centred().outputs, atol=1e-4)
        np.testing.assert_allclose(total.sum(axis=1), 0, atol=1e-3)


def test_one_output_has_no_axis_of_its_own(digits):
    X, y = digits
    made = RectifierClassifier(**SMALL).fit(X, y > 4).explain(X[:9]).to_shap()
    assert made.shape == (9, 64)
    assert made.base_values.shape == (9,)
    assert made.output_names == "True - False"
    regressor = RectifierRegressor(**SMALL).fit(X, y)
    made = regressor.explain(X[:9]).to_shap()
    np.testing.assert_allclose(
        made.values.sum(axis=1) + made.base_values, regressor.predict(X[:9]), rtol=1e-4, atol=1e-4
    )


def test_names_go_with_it_and_shaps_own_plots_draw_it(digits):
    pandas, pyplot = pytest.importorskip("pandas"), pytest.importorskip("matplotlib.pyplot")
    X, y = digits
    frame = pandas.DataFrame(X, columns=[f"pixel {k}" for k in range(64)])
    made = RectifierClassifier(**SMALL).fit(frame, y > 4).explain(frame[:30]).to_shap()
    assert made.feature_names[:2] == ["pixel 0", "pixel 1"]
    pyplot.switch_backend("agg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own
        shap.plots.waterfall(made[0], show=False)
        assert "pixel" in " ".join(label.get_text() for label in pyplot.gca().get_yticklabels())
        pyplot.close("all")
        shap.plots.beeswarm(made, show=False)
        pyplot.close("all")


def test_without_shap_it_is_one_sentence(clf, digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(ImportError, match=r"^to_shap needs shap: pip install shap$"):
        clf.explain(digits[0][:2]).to_shap()


def test_what_is_too_large_written_out_is_refused(clf, digits, monkeypatch):
    monkeypatch.setattr("rectinet.inside.explanation.LARGEST", 100_000)
    found = clf.explain(csr_array(digits[0][:30] * (digits[0][:30] > 0.9)))
    with pytest.raises(
        ValueError, match=r"an explanation for shap of 30 rows would take .*: pass fewer rows, at most 19"
    ):
        found.to_shap()


def test_path_integrals_are_what_integrated_gradients_approach(clf, digits):
    """And with many steps captum's error is small, though not 0 as ours is."""
    captum = pytest.importorskip("captum.attr")
    from benchmarks.explainers import module_of

    X, _ = digits
    module = module_of(clf.network_).double()
    x, baseline = X[3], X[11]
    exact = clf.explain_difference(x, baseline)
    approach = captum.IntegratedGradients(module).attribute(
        torch.from_numpy(x[None]).double(), torch.from_numpy(baseline[None]).double(), target=4, n_steps=3000
    )
    ours = exact.contributions[0, 4]
    np.testing.assert_allclose(approach.numpy()[0], ours, atol=2e-3 * np.abs(ours).max())
    difference = (exact.outputs - exact.constants)[0, 4]
    assert abs(ours.sum() - difference) < 1e-12 < abs(approach.numpy().sum() - difference)
