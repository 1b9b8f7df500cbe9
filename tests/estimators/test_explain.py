"""Explanations are the outputs, taken apart: they sum up, name what they are about, and refuse what has none."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, SemiSupervisedClassifier
from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside import attribution
from rectinet.inside.explanation import Explanation
from rectinet.inside.readout import Readout
from rectinet.network import Layer

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.1, "max_epochs": 5, "random_state": 0}
DTYPES = {"float32": 1e-5, "float64": 1e-10}


@pytest.fixture(scope="module")
def clf(digits):
    return RectifierClassifier(**SMALL, signs="balanced").fit(*digits)


@pytest.fixture(scope="module")
def binary(digits):
    return RectifierClassifier(**SMALL).fit(digits[0], np.where(digits[1] > 4, "high", "low"))


@pytest.fixture(scope="module")
def stars(digits):
    return RatingRegressor(**SMALL).fit(digits[0], 1 + digits[1] % 5)


def assert_complete(found: Explanation, tolerance: float) -> None:
    """Contributions and constants are the outputs, measured here anew."""
    parts = found.contributions
    if isinstance(parts, list):
        parts = np.stack([each.toarray() for each in parts], axis=1)
    parts = parts.astype(np.float64)
    size = np.abs(parts).sum(axis=2) + np.abs(found.constants)
    assert (np.abs(parts.sum(axis=2) + found.constants - found.outputs) <= tolerance * size).all()
    assert (size > 0).all()


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_contributions_and_constants_are_the_logits(digits, dtype, engine):
    X, y = digits
    clf = RectifierClassifier(**SMALL, dtype=dtype, engine=engine).fit(X, y)
    found = clf.explain(X)
    assert found.contributions.shape == (300, 10, 64)
    assert found.contributions.dtype == dtype
    assert found.constants.shape == found.outputs.shape == (300, 10)
    assert found.exact
    assert found.quantity == "logit"
    assert found.output_names == tuple("0123456789")
    if engine == "native":
        np.testing.assert_array_equal(found.outputs, clf.decision_function(X))
    assert_complete(found, DTYPES[dtype])
    # NumPy sums in another order for another number of rows: equal as far as the terms' own size allows.
    assert_complete(replace(found, outputs=clf.decision_function(X)), DTYPES[dtype])
    np.testing.assert_array_equal(found.contributions[np.broadcast_to(X[:, None] == 0, (300, 10, 64))], 0)


def test_sparse_inputs_have_sparse_contributions(clf, digits):
    X, _ = digits
    sparse = csr_array(X)
    before = sparse.indices.tobytes(), sparse.data.tobytes()
    whole, found = clf.explain(X), clf.explain(sparse)
    assert [type(each) for each in found.contributions] == [csr_array] * 10
    assert_complete(found, 1e-5)
    for k, each in enumerate(found.contributions):
        assert each.shape == X.shape
        np.testing.assert_array_equal(each.toarray(), whole.contributions[:, k])
        each.data[...] = 0
        each.eliminate_zeros()  # in one of them, and neither the others nor X are changed
    assert (sparse.indices.tobytes(), sparse.data.tobytes()) == before
    np.testing.assert_array_equal(found.of(7), np.zeros((10, 64)))
    np.testing.assert_array_equal(whole.of(7), whole.contributions[7])


def test_two_classes_have_one_output_the_second_minus_the_first(binary, digits):
    found = binary.explain(digits[0])
    assert found.output_names == ("low - high",)
    assert found.quantity == "difference of logits"
    assert found.contributions.shape == (300, 1, 64)
    np.testing.assert_allclose(found.outputs[:, 0], binary.decision_function(digits[0]), rtol=1e-5, atol=1e-6)
    assert_complete(found, 1e-5)
    turned = binary.explain(digits[0], contrast=("high", "low"))
    np.testing.assert_array_equal(turned.contributions, -found.contributions)


def test_a_contrast_is_one_class_minus_another(clf, digits):
    found, logits = clf.explain(digits[0], contrast=(8, 3)), clf.explain(digits[0])
    assert found.output_names == ("8 - 3",)
    np.testing.assert_array_equal(found.outputs[:, 0], logits.outputs[:, 8] - logits.outputs[:, 3])
    expected = logits.contributions[:, 8] - logits.contributions[:, 3]
    np.testing.assert_allclose(found.contributions[:, 0], expected, atol=1e-4)
    assert_complete(found, 1e-5)


def test_values_are_explained_in_their_own_units(curve):
    X, Y = curve
    many = RectifierRegressor((20, 10), learning_rate=0.05, max_epochs=10, random_state=0).fit(X, Y)
    found = many.explain(X)
    np.testing.assert_array_equal(found.outputs, many.predict(X))
    assert found.output_names == ("target 0", "target 1")
    assert_complete(found, 1e-5)
    one = RectifierRegressor((20, 10), learning_rate=0.05, max_epochs=10, random_state=0).fit(X, Y[:, 0])
    found = one.explain(X)
    assert found.quantity == "prediction"
    np.testing.assert_array_equal(found.outputs[:, 0], one.predict(X))
    assert_complete(found, 1e-5)


def test_the_units_of_a_hidden_layer_contribute_too(clf, digits):
    X, _ = digits
    logits = clf.explain(X).outputs
    for layer in (0, 1, -1):
        found = clf.explain(X, layer=layer)
        codes = clf.transform(X, layer=layer).toarray()
        assert found.contributions.shape == (300, 10, codes.shape[1])
        np.testing.assert_array_equal(found.inputs, codes)
        np.testing.assert_array_equal(found.outputs, logits)
        assert_complete(found, 1e-5)
    np.testing.assert_allclose(found.contributions, codes[:, None] * clf.network_.layers[-1].W.T, rtol=1e-6, atol=1e-12)
    sparse = clf.explain(csr_array(X), layer=1)
    np.testing.assert_allclose(sparse.contributions[3].toarray(), found.contributions[:, 3], rtol=1e-6)


def test_a_unit_has_a_map_of_the_inputs_of_its_own(clf, digits):
    """A word through twelve units: the units' slopes in an output, times the word's contributions to the units."""
    X, _ = digits
    through, units = clf.explain(X, layer=0), list(range(30))
    own = clf.explain(X, layer=0, units=units)
    codes = clf.transform(X, layer=0).toarray()
    np.testing.assert_array_equal(own.outputs, codes)
    slopes = np.divide(through.contributions, codes[:, None], where=codes[:, None] != 0, out=np.zeros((300, 10, 30)))
    np.testing.assert_allclose(
        np.einsum("nou,nui->noi", slopes, own.contributions), clf.explain(X).contributions, atol=2e-5
    )
    np.testing.assert_array_equal(clf.explain(X, layer=0, units=-1).outputs[:, 0], codes[:, 29])


def test_centred_logits_say_what_speaks_for_a_class(clf, digits):
    for X in (digits[0], csr_array(digits[0])):
        raw = clf.explain(X)
        centred = raw.centred()
        np.testing.assert_allclose(centred.outputs, raw.outputs - raw.outputs.mean(axis=1, keepdims=True))
        np.testing.assert_allclose(sum(centred.of(5)), 0, atol=1e-5)
        assert np.abs(centred.errors).max() < 1e-4
        np.testing.assert_allclose(centred.of(5), raw.of(5) - raw.of(5).mean(axis=0), atol=1e-6)
    contrast = clf.explain(digits[0], contrast=(0, 1))
    assert contrast.centred() is contrast


def test_inputs_that_belong_together_are_added_up(clf, digits):
    X, groups = digits[0], np.repeat(np.arange(8), 8)
    rows = X.reshape(300, 8, 8).sum(axis=2)
    for given in (X, csr_array(X)):
        found = clf.explain(given).grouped(groups, [f"row {k}" for k in range(8)], rows)
        assert list(found.input_names[:2]) == ["row 0", "row 1"]
        assert found.n_inputs == 8
        expected = clf.explain(X).of(9).reshape(10, 8, 8).sum(axis=2)
        np.testing.assert_allclose(found.of(9), expected, atol=1e-5)
        assert np.abs(found.errors).max() < 1e-4


def test_the_expected_rating_is_explained_to_first_order_and_says_so(stars, digits):
    X, _ = digits
    logits = stars.explain(X)
    assert logits.quantity == "logit"
    assert logits.exact
    assert_complete(logits, 1e-5)
    for given in (X, csr_array(X)):
        found = stars.explain_expected(given)
        assert not found.exact
        assert found.output_names == ("expected rating",)
        np.testing.assert_allclose(found.outputs[:, 0], stars.predict(X), rtol=1e-6)
        assert np.abs(found.errors).max() < 1e-6
        step, i = 1e-3, int(np.abs(found.of(3)[0]).argmax())
        moved = np.array(X[3:4])
        moved[0, i] += step
        slope = found.of(3)[0, i] / X[3, i]
        assert slope == pytest.approx((stars.predict(moved)[0] - stars.predict(X[3:4])[0]) / step, rel=0.05)


@pytest.mark.parametrize("unit", ["tanh", "softplus", "logistic"])
def test_curved_units_have_a_first_order_map_when_it_is_asked_for(digits, unit):
    X, y = digits
    clf = RectifierClassifier(**SMALL, activation=unit, dtype="float64").fit(X, y)
    with pytest.raises(ValueError, match=f'{unit} units are not linear .* method="first_order"'):
        clf.explain(X)
    found = clf.explain(X, method="first_order")
    assert not found.exact
    np.testing.assert_array_equal(found.outputs, clf.decision_function(X))
    assert np.abs(found.errors).max() < 1e-12
    i = int(X[3].argmax())
    moved = np.array(X[3:4])
    moved[0, i] += 1e-6
    slope = (clf.decision_function(moved)[0] - clf.decision_function(X[3:4])[0]) / 1e-6
    np.testing.assert_allclose(found.of(3)[:, i], slope * X[3, i], rtol=1e-3, atol=1e-6)
    last = clf.explain(X, layer=-1)  # nothing curved lies between
    assert last.exact
    assert_complete(last, 1e-10)


def test_linear_units_and_no_hidden_layer_are_one_map_for_all(digits):
    X, y = digits
    for sizes in ((), (20,)):
        clf = RectifierClassifier(sizes, activation="linear", learning_rate=0.1, max_epochs=2, random_state=0).fit(X, y)
        found = clf.explain(X)
        assert np.ptp(found.constants, axis=0).max() < 1e-6
        assert_complete(found, 1e-5)


def test_names_of_features_go_with_them(digits):
    pandas = pytest.importorskip("pandas")
    X, y = digits
    frame = pandas.DataFrame(X, columns=[f"pixel {k}" for k in range(64)])
    clf = RectifierClassifier(**SMALL).fit(frame, y)
    assert clf.explain(frame).input_names[3] == "pixel 3"
    assert clf.explain(frame, layer=1).input_names[3] == "unit 3"


def test_rows_that_do_not_add_up_are_computed_in_float64(clf, digits, monkeypatch):
    X = digits[0][:40]
    exact = clf.explain(X)
    monkeypatch.setitem(attribution.TOLERANCES, "float32", 0.0)
    for given in (X, csr_array(X)):
        mended = clf.explain(given)
        assert np.abs(mended.errors).max() < np.abs(exact.errors).max() or not exact.errors.any()
        assert_complete(mended, 1e-6)
        np.testing.assert_allclose(mended.of(11), exact.of(11), atol=1e-4)
    monkeypatch.setitem(attribution.TOLERANCES, "float64", 0.0)
    with pytest.raises(ArithmeticError, match=r"for row \d+ of X do not sum up to output \d: .*, in float64"):
        clf.explain(X)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("signs", [(1, 1), (1, -1)])
def test_slopes_that_overflow_are_computed_in_float64(engine, signs):
    """Weights of 1e25 one after the other have slopes beyond float32; the outputs are ordinary numbers."""
    W = [np.array([[1e-30], [2e-30]]), np.array([[1e25]]), np.array([[1e25 * signs[0], 1e25 * signs[1]]])]
    units = [Activation("rectifier"), Activation("rectifier"), Activation("linear")]
    layers = [
        Layer(w.astype("float32"), np.zeros(w.shape[1], "float32"), unit) for w, unit in zip(W, units, strict=True)
    ]
    layers[0].b[...] = 1e-30
    X = np.array([[1.0, 1.0], [0.5, 0.0]], "float32")
    readout = Readout.each(2, ["a", "b"], "logit")
    for given in (X, csr_array(X)):
        found = attribution.explain(get_engine(engine), layers, readout, given)
        np.testing.assert_allclose(found.constants, 1e20 * np.outer([1, 1], signs), rtol=1e-6)
        np.testing.assert_allclose(found.of(0), 1e20 * np.outer(signs, [1, 2]), rtol=1e-6)
        np.testing.assert_allclose(found.outputs, 1e20 * np.outer([4, 1.5], signs), rtol=1e-6)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layer": 2}, r"layer must lie in \[-2, 2\) for 2 hidden layers; got 2"),
        ({"units": [1]}, "units are explained with layer=, which says whose they are"),
        ({"layer": 0, "units": [1], "contrast": (1, 2)}, "without contrast"),
        ({"layer": 1, "units": [20]}, r"units must lie in \[-20, 20\) for the 20 units of hidden layer 1; got 20"),
        ({"layer": 1, "units": []}, "units must be whole numbers, at least one"),
        ({"layer": 1, "units": 0.5}, "units must be whole numbers, at least one; got 0.5"),
        ({"contrast": (1, 1)}, r"contrast must be a pair of two different classes of 0, 1, .*, 9; got \(1, 1\)"),
        ({"contrast": (1, 11)}, r"two different classes of .*; got \(1, 11\)"),
        ({"contrast": 3}, "two different classes of .*; got 3"),
        ({"method": "shap"}, 'method must be "exact" or "first_order"; got \'shap\''),
    ],
)
def test_what_cannot_be_explained_is_named(clf, digits, asked, said):
    with pytest.raises(ValueError, match=said):
        clf.explain(digits[0], **asked)


def test_inputs_that_do_not_fit_are_named(clf, curve, digits):
    with pytest.raises(NotFittedError, match="This RectifierClassifier instance is not fitted yet"):
        RectifierClassifier().explain(digits[0])
    with pytest.raises(ValueError, match="X has 63 features, but RectifierClassifier is expecting 64 features"):
        clf.explain(digits[0][:, :63])
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array"):
        clf.explain(digits[0][0])
    with pytest.raises(ValueError, match="could not convert string to float"):
        clf.explain([["a"] * 64])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        clf.explain(digits[0] * np.nan)
    X, Y = curve
    regressor = RectifierRegressor((5,), max_epochs=1, early_stopping=False).fit(X, Y[:, 1])
    with pytest.raises(ValueError, match="contrast compares two classes, and a regressor has none"):
        regressor.explain(X, contrast=(1, 2))


def test_more_than_a_gigabyte_is_refused_with_its_size(clf, monkeypatch):
    X = np.broadcast_to(np.float32(1), (400_000, 64))
    message = "an explanation of 400,000 rows would take 1.0 GB, more than 1 GB: pass fewer rows, at most 390,625 at a"
    with pytest.raises(ValueError, match=re.escape(message)):
        clf.explain(X)


def test_outputs_that_are_not_finite_are_named(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL).fit(X, y)
    clf.network_.layers[0].W[...] = 3e38
    with pytest.raises(ValueError, match="the outputs for row 0 of X are not finite"):
        clf.explain(X)


def test_the_semi_supervised_classifier_explains_too(digits):
    X, y = digits
    some = np.where(np.arange(300) % 2, y, -1)
    clf = SemiSupervisedClassifier(**SMALL | {"pretrain_epochs": 1}).fit(X, some)
    assert_complete(clf.explain(X), 1e-5)
