"""Idle units can go: the same bits where they never fire, a measured difference where they hardly do."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    StackedDenoisingAutoencoder,
    TableModel,
    TextModel,
    load,
)
from rectinet.engine import get_engine

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.05, "max_epochs": 2, "random_state": 0}
STACK = {"hidden_layer_sizes": (30, 20), "epochs": 2, "random_state": 0}
DEAD = ([0, 7, 29], [3, 19])
SUPERVISED = [
    RectifierClassifier(**SMALL),
    RectifierClassifier(**SMALL, signs="balanced", dtype="float64"),
    RectifierClassifier(**SMALL, pretrain_epochs=1),
    RectifierClassifier(**SMALL, scaling="minmax"),
    RectifierRegressor(**SMALL),
    RatingRegressor(**SMALL),
    SemiSupervisedClassifier(**SMALL),
]
ALL = [*SUPERVISED, StackedDenoisingAutoencoder(**STACK), StackedDenoisingAutoencoder(**STACK, tied=True)]


def named(estimator):
    return type(estimator).__name__


def planted(estimator, X, y):
    """The estimator fitted, some of its hidden units dead."""
    fitted = clone(estimator).fit(X, y)
    for layer, units in zip(fitted.network_.hidden, DEAD, strict=True):
        layer.b[units] = -1e3
    return fitted


def kept(model):
    return [set(units.tolist()) for units in model.pruning_.kept]


@pytest.mark.parametrize("estimator", ALL, ids=named)
@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_without_dead_units_outputs_are_the_same_bits(estimator, kind, digits):
    X, y = kind(digits[0]), digits[1]
    model = planted(estimator, X, y)
    before = {name: values.copy() for name, values in model.network_.parameters()}
    pruned = model.prune(X)
    assert type(pruned) is type(model)
    for units, dead, n in zip(kept(pruned), DEAD, (30, 20), strict=True):
        assert not units & set(dead)
        assert len(units) > n // 2
    engine = get_engine("native")
    seen = model._read().inputs.check(X)[0]
    outputs = [engine.outputs(m.network_, seen) for m in (model, pruned)]
    assert outputs[0].tobytes() == outputs[1].tobytes()
    assert pruned.hidden_layer_sizes == tuple(map(len, pruned.pruning_.kept))
    assert pruned.hidden_layer_sizes == tuple(layer.n_out for layer in pruned.network_.hidden)
    unchanged = {name: values.tobytes() for name, values in model.network_.parameters()}
    assert unchanged == {name: values.tobytes() for name, values in before.items()}


@pytest.mark.parametrize("estimator", SUPERVISED, ids=named)
def test_answers_are_the_same(estimator, digits):
    X, y = digits
    model = planted(estimator, X, y)
    pruned = model.prune(X)
    np.testing.assert_array_equal(pruned.predict(X), model.predict(X))
    p, q = model.predictor(), pruned.predictor()
    assert all(p(x).tobytes() == q(x).tobytes() for x in X[:20])
    seen = pruned.pruning_.seen
    assert seen.n_examples == 300
    assert (seen.disagreement, seen.rms_change) in [(0.0, None), (None, 0.0)]
    assert (pruned.history_, pruned.best_epoch_, pruned.seed_) == (model.history_, model.best_epoch_, model.seed_)


def test_texts(tmp_path):
    texts = ["good good film", "bad film", "good plot", "bad plot", "dull film", "fine film"] * 10
    model = TextModel(RectifierClassifier(**SMALL)).fit(texts, ["+", "-", "+", "-", "-", "+"] * 10)
    for layer, units in zip(model.estimator_.network_.hidden, DEAD, strict=True):
        layer.b[units] = -1e3
    pruned = model.prune(texts, X_val=texts[:6], y_val=["+", "-", "+", "-", "-", "+"])
    assert not kept(pruned)[0] & set(DEAD[0])
    assert pruned.estimator.hidden_layer_sizes == pruned.estimator_.hidden_layer_sizes != (30, 20)
    assert pruned.predict_proba(texts).tobytes() == model.predict_proba(texts).tobytes()
    assert pruned.pruning_.held_out.score_after == model.score(texts[:6], ["+", "-", "+", "-", "-", "+"])
    report = model.sparsity_report(texts)
    np.testing.assert_array_equal(report.zeros_by_layer, model.sparsity(texts))
    pruned.save(tmp_path / "text.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "text.safetensors").predict(texts), model.predict(texts))
    with pytest.raises(ValueError, match=r"X_val\[0\] must be a text and is 3"):
        model.prune(texts, X_val=[3])


def test_tables(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.integers(20, 60, 90), "job": rng.choice(["clerk", "cook", "nurse"], 90)})
    y = np.where(table["age"] > 40, "old", "young")
    model = TableModel(RectifierClassifier(**SMALL)).fit(table, y)
    for layer, units in zip(model.estimator_.network_.hidden, DEAD, strict=True):
        layer.b[units] = -1e3
    pruned = model.prune(table, X_val=table, y_val=[*y[:-1], None])
    assert not kept(pruned)[0] & set(DEAD[0])
    assert pruned.predict_proba(table).tobytes() == model.predict_proba(table).tobytes()
    found = pruned.pruning_.held_out
    assert (found.n_examples, found.score_after) == (89, model.score(table[:-1], y[:-1]))
    pruned.save(tmp_path / "table.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "table.safetensors").predict(table), model.predict(table))


@pytest.mark.parametrize("tied", [False, True])
def test_a_stack_keeps_the_codes_and_decoders_of_its_units(tied, digits):
    X, _ = digits
    model = planted(StackedDenoisingAutoencoder(**STACK, tied=tied), X, None)
    pruned = model.prune(X)
    for layer in (0, 1):
        codes = model.transform(X, layer).toarray()[:, pruned.pruning_.kept[layer]]
        np.testing.assert_array_equal(pruned.transform(X, layer).toarray(), codes)
    first = [m.inverse_transform(m.transform(X, 0), 0) for m in (model, pruned)]
    np.testing.assert_allclose(*first, rtol=1e-5, atol=1e-6)
    assert all(one.tied is tied for one in pruned.autoencoders_)
    seen = pruned.pruning_.seen
    assert (seen.score_before, seen.score_after) == (model.score(X), pruned.score(X))
    # What the decoder made up for dead units of the first layer is gone too; it was little.
    assert seen.score_after == pytest.approx(seen.score_before, rel=0.1)


def test_what_was_pruned_can_be_saved_and_trained_on(digits, tmp_path):
    X, y = digits
    model = planted(RectifierClassifier(**SMALL, activity_l1=(1e-4, 1e-3)), X, y).prune(X)
    model.save(tmp_path / "pruned.safetensors")
    again = load(tmp_path / "pruned.safetensors")
    assert again.get_params() == model.get_params()
    assert again.decision_function(X).tobytes() == model.decision_function(X).tobytes()
    with pytest.raises(AttributeError, match="has no pruning_"):
        _ = again.pruning_
    sizes = model.hidden_layer_sizes
    more = model.set_params(warm_start=True, max_epochs=4).fit(X, y)
    assert more.n_epochs_ == 4
    assert tuple(layer.n_out for layer in more.network_.hidden) == sizes
    with pytest.raises(AttributeError, match="has no pruning_"):  # a fit forgets it
        _ = more.pruning_
    assert again.partial_fit(X, y).score(X, y) > 0.5


def test_what_pretrain_left_is_not_taken_along(digits):
    X, y = digits
    model = RectifierClassifier(**SMALL, pretrain_epochs=1).pretrain(X).fit(X, y)
    pruned = model.prune(X)
    assert pruned.pretrain_history_ == model.pretrain_history_ != []
    with pytest.raises(AttributeError, match="has no pretrained_network_"):
        _ = pruned.pretrained_network_
    pruned.fit(X, y)  # begins anew, in the new sizes


def test_units_go_that_are_on_for_at_most_the_tolerance(digits):
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X, y)
    report = model.sparsity_report(X)
    share = np.sort(report.times_on[0])[10] / 300  # of a unit that is there: it goes too
    pruned = model.prune(X, share)
    for units, times in zip(pruned.pruning_.kept, report.times_on, strict=True):
        np.testing.assert_array_equal(units, np.flatnonzero(times > 300 * share + 1e-9))
    assert len(pruned.pruning_.kept[0]) <= 19


def test_what_changes_is_reported(digits):
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X[:200], y[:200])
    pruned = model.prune(X[:200], 0.45, X[200:], y[200:])
    found = pruned.pruning_
    assert found.seen.disagreement == np.mean(model.predict(X[:200]) != pruned.predict(X[:200]))
    assert found.held_out.disagreement == np.mean(model.predict(X[200:]) != pruned.predict(X[200:])) > 0
    assert found.held_out.n_examples == 100
    assert found.held_out.score_before == model.score(X[200:], y[200:])
    assert found.held_out.score_after == pruned.score(X[200:], y[200:])
    assert (found.tolerance, found.n_units) == (0.45, (30, 20))
    assert found.n_parameters == (model.network_.n_parameters, pruned.network_.n_parameters)
    said = repr(found)
    assert said.startswith("Pruning of units on for at most 45% of 200 examples")
    assert f"hidden layer 1: {len(found.kept[0])} of 30 units kept" in said
    assert f"held out: 100 examples: another class for {found.held_out.disagreement:.3%} of them; score" in said


def test_of_values_the_change_is_reported_in_units_of_the_target(curve):
    X, Y = curve
    model = RectifierRegressor(**SMALL).fit(X, Y[:, 0])
    pruned = model.prune(X, 0.45)
    change = np.sqrt(np.mean((model.predict(X) - pruned.predict(X)) ** 2))
    assert pruned.pruning_.seen.rms_change == change > 0
    assert pruned.pruning_.seen.disagreement is None
    assert f"predictions change by {change:.3g}" in repr(pruned.pruning_)


def test_a_layer_that_would_lose_all_keeps_one_unit_and_says_so(digits):
    X, y = digits
    model = RectifierClassifier(**SMALL).fit(X, y)
    model.network_.layers[0].b[...] = -1e3
    with pytest.warns(UserWarning, match=r"every unit of hidden layer 1 \(of 2\) is off for all of the 300 examples"):
        pruned = model.prune(X)
    assert pruned.hidden_layer_sizes[0] == 1
    assert pruned.decision_function(X).tobytes() == model.decision_function(X).tobytes()
    model = RectifierClassifier(**SMALL).fit(X, y)
    often = model.sparsity_report(X).times_on[1].max() / 300
    with pytest.warns(UserWarning, match=rf"every unit of hidden layer 2 \(of 2\) is on for at most {often:.3%} of"):
        assert model.prune(X, often).hidden_layer_sizes[1] == 1


@pytest.mark.parametrize("tolerance", [-0.1, 1, 1.5, np.nan, "0.1", None, True])
def test_a_tolerance_is_a_share_below_1(tolerance, digits):
    with pytest.raises(ValueError, match=r"tolerance must be a number in \[0, 1\)"):
        RectifierClassifier(**SMALL).fit(*digits).prune(digits[0], tolerance)


def test_what_cannot_be_pruned_is_named(digits):
    X, y = digits
    with pytest.raises(NotFittedError):
        RectifierClassifier().prune(X)
    for unit in ("tanh", "softplus", "logistic", "linear"):
        with pytest.raises(ValueError, match=f"{unit} units are never exactly 0"):
            RectifierClassifier(**SMALL, activation=unit).fit(X, y).prune(X)
    with pytest.raises(ValueError, match="no hidden layer, so there is no unit to remove"):
        RectifierClassifier((), max_epochs=1).fit(X, y).prune(X)
    model = RectifierClassifier(**SMALL).fit(X, y)
    with pytest.raises(ValueError, match="X has 3 features"):
        model.prune(X[:, :3])
    with pytest.raises(ValueError, match="y_val goes with X_val, which is missing"):
        model.prune(X, y_val=y)
    with pytest.raises(AttributeError, match="this RectifierClassifier has no pruning_"):
        _ = model.pruning_
