"""Between two inputs: the path integral is complete, and is what many small steps approach."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import RectifierClassifier, RectifierRegressor
from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside.difference import explain_difference
from rectinet.inside.readout import Readout
from rectinet.network import Layer, Network

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.1, "max_epochs": 10, "random_state": 0}


@pytest.fixture(scope="module")
def clf(digits):
    return RectifierClassifier(**SMALL, signs="balanced", dtype="float64").fit(*digits)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_it_is_complete_to_rounding(digits, engine, dtype):
    X, y = digits
    clf = RectifierClassifier(**SMALL, engine=engine, dtype=dtype).fit(X, y)
    outputs = clf.decision_function(X)
    for a, b in ((0, 1), (5, 17), (8, 8)):
        found = clf.explain_difference(X[a], X[b])
        assert found.contributions.shape == (1, 10, 64)
        total = found.contributions[0].sum(axis=1)
        np.testing.assert_allclose(found.outputs[0], outputs[a], atol=1e-12 if dtype == "float64" else 1e-4)
        np.testing.assert_allclose(found.constants[0], outputs[b], atol=1e-12 if dtype == "float64" else 1e-4)
        size = np.abs(found.contributions[0]).sum(axis=1) + np.abs(outputs[[a, b]]).sum(axis=0)
        assert (np.abs(total - (found.outputs - found.constants)[0]) <= 1e-13 * size).all()
        unchanged = X[a] == X[b]
        assert not found.contributions[0][:, unchanged].any()


def test_it_is_what_many_small_steps_approach(clf, digits):
    X, _ = digits
    x, baseline, n = X[0], X[1], 20_000
    found = clf.explain_difference(x, baseline)
    middles = (np.arange(n) + 0.5) / n
    layers = clf.network_.layers
    points = baseline + middles[:, None] * (x - baseline)
    steps = get_engine("native").affine_maps(layers, np.eye(10), points).slopes.mean(axis=0) * (x - baseline)
    np.testing.assert_allclose(found.contributions[0], steps, atol=np.abs(steps).max() * 2e-3)
    assert np.abs(found.contributions[0] - steps).max() > 1e-9  # the steps are not exact


def test_units_switch_at_the_breaks_and_nowhere_else(clf, digits):
    X, _ = digits
    x, baseline = X[3], X[40]
    breaks = clf.explain_difference(x, baseline).breaks
    assert len(breaks) > 4
    assert (np.diff(breaks) > 0).all()
    assert 0 < breaks[0] < breaks[-1] < 1

    def at(t):
        return baseline + t * (x - baseline)

    for before, after in zip(np.append(0, breaks), np.append(breaks, 1), strict=True):
        width = after - before
        assert clf.same_region(at(before + 1e-3 * width), at(after - 1e-3 * width))
    for k in range(1, len(breaks) - 1):
        gap = min(breaks[k] - breaks[k - 1], breaks[k + 1] - breaks[k]) / 100
        assert not clf.same_region(at(breaks[k] - gap), at(breaks[k] + gap))


def tiny(*layers) -> Network:
    """Layers of given weights, rectifiers but for the last."""
    units = [Activation("rectifier")] * (len(layers) - 1) + [Activation("linear")]
    return Network(
        tuple(Layer(np.array(W, float), np.array(b, float), unit) for (W, b), unit in zip(layers, units, strict=True))
    )


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_sum_that_is_exactly_0_takes_the_piece_ahead(engine):
    """f(x) = max(0, x): half of the way from -1 to 1 is flat; from 0 on, where the sum is 0, all of it rises."""
    net = tiny(([[1.0]], [0.0]), ([[1.0]], [0.0]))
    readout = Readout.each(1, ["f"], "prediction")

    def between(baseline, x):
        return explain_difference(get_engine(engine), net, readout, np.array([x]), np.array([baseline]))

    assert between(0.0, 1.0).contributions.item() == 1.0
    assert between(0.0, 1.0).breaks.size == 0
    assert between(0.0, -1.0).contributions.item() == 0.0
    assert between(1.0, 0.0).contributions.item() == -1.0
    found = between(-1.0, 3.0)
    assert found.contributions.item() == 3.0
    assert found.breaks.tolist() == [0.25]
    assert between(0.0, 0.0).contributions.item() == 0.0


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_units_that_switch_in_one_point(engine):
    """|x| by two units that switch together, and a second layer that is 0 all along."""
    net = tiny(([[1.0, -1.0]], [0.0, 0.0]), ([[1.0, 0.0], [1.0, 0.0]], [0.0, 0.0]), ([[1.0], [5.0]], [2.0]))
    readout = Readout.each(1, ["f"], "prediction")
    found = explain_difference(get_engine(engine), net, readout, np.array([2.0]), np.array([-1.0]))
    assert found.contributions.item() == pytest.approx(1.0, abs=1e-15)
    assert found.constants.item() == 3.0
    assert found.outputs.item() == 4.0
    assert found.breaks.tolist() == [pytest.approx(1 / 3)]


def test_contrasts_values_and_sparse_examples(clf, digits, curve):
    X, _ = digits
    logits, found = clf.explain_difference(X[0], X[1]), clf.explain_difference(X[0], X[1], contrast=(3, 8))
    expected = logits.contributions[0, 3] - logits.contributions[0, 8]
    np.testing.assert_allclose(found.contributions[0, 0], expected, atol=1e-12)
    assert found.output_names == ("3 - 8",)
    sparse = clf.explain_difference(csr_array(X[:1]), csr_array(X[1:2]))
    np.testing.assert_array_equal(sparse.contributions, logits.contributions)
    centred = logits.centred()
    assert np.abs(centred.errors).max() < 1e-12
    np.testing.assert_allclose(centred.outputs.sum(), 0, atol=1e-12)
    values, Y = curve
    regressor = RectifierRegressor((20, 10), learning_rate=0.05, max_epochs=5, random_state=0).fit(values, Y)
    found = regressor.explain_difference(values[0], values[1])
    np.testing.assert_allclose(
        found.outputs - found.constants, regressor.predict(values[:1]) - regressor.predict(values[1:2]), rtol=1e-4
    )


def test_no_hidden_layer_has_one_piece(digits):
    X, y = digits
    linear = RectifierClassifier((), learning_rate=0.1, max_epochs=3, random_state=0, dtype="float64").fit(X, y)
    found = linear.explain_difference(X[0], X[1])
    assert found.breaks.size == 0
    np.testing.assert_allclose(found.contributions[0], linear.network_.layers[0].W.T * (X[0] - X[1]), atol=1e-14)


def test_what_has_no_difference_is_named(clf, digits):
    X, y = digits
    with pytest.raises(
        ValueError, match=r"baseline must be one example of 64 features; got an array of shape \(2, 64\)"
    ):
        clf.explain_difference(X[0], X[:2])
    with pytest.raises(ValueError, match="X has 3 features, but RectifierClassifier is expecting 64"):
        clf.explain_difference(X[0], [0.0, 0.0, 1.0])
    with pytest.raises(ValueError, match=r"two different classes of .*; got \(1, 99\)"):
        clf.explain_difference(X[0], X[1], contrast=(1, 99))
    tanh = RectifierClassifier((5,), activation="tanh", max_epochs=1, early_stopping=False).fit(X, y)
    with pytest.raises(ValueError, match="tanh units are not linear where they are on"):
        tanh.explain_difference(X[0], X[1])
