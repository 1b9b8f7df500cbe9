"""The engine `torch` under an estimator: whole runs, resumed ones, and what it refuses."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

import rectinet
from rectinet import RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder
from rectinet.engine import Steps, get_engine
from rectinet.engine import torch as torch_engine
from rectinet.optimisers import Sgd
from tests.contract.problems import assert_same_bytes, draw


@pytest.fixture
def table(rng) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(230, 12)) * (rng.random((230, 12)) < 0.5)
    return X, (X @ rng.normal(size=12) > 0).astype(int)


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_a_run_is_that_of_the_native_engine_to_rounding(table, csr) -> None:
    X, y = table
    X = csr_array(X) if csr else X
    settings = {"learning_rate": 0.1, "max_epochs": 3, "dtype": "float64", "random_state": 1, "activity_l1": 1e-3}
    settings |= {"pretrain_epochs": 2, "corruption": "salt_and_pepper", "reconstruction": "linear", "signs": "random"}
    native, other = (RectifierClassifier((20, 15), engine=e, **settings).fit(X, y) for e in ("native", "torch"))
    for (name, mine), (_, theirs) in zip(native.network_.parameters(), other.network_.parameters(), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=0, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(other.predict_proba(X), native.predict_proba(X), rtol=0, atol=1e-9)
    assert [e["union"] for e in other.history_] == [e["union"] for e in native.history_]


def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(table, tmp_path) -> None:
    X, y = table
    settings = {"engine": "torch", "random_state": 0, "early_stopping": False, "decay_from": 1.0, "learning_rate": 0.1}
    whole = RectifierRegressor((9,), max_epochs=4, **settings).fit(X, y)
    checkpoint = tmp_path / "run"
    for epochs in (2, 4):
        again = RectifierRegressor((9,), max_epochs=epochs, checkpoint=checkpoint, **settings).fit(X, y)
    assert_same_bytes(whole.network_, again.network_)


def test_it_saves_explains_and_predicts_one_by_one(table, tmp_path) -> None:
    X, y = table
    clf = RectifierClassifier((9, 8), engine="torch", max_epochs=2, random_state=0).fit(X, y)
    clf.save(tmp_path / "model")
    loaded = rectinet.load(tmp_path / "model")
    assert loaded.engine == "torch"
    predict, expected = loaded.predictor(), clf.predict_proba(X)
    np.testing.assert_allclose([predict(x) for x in X], expected, rtol=0, atol=1e-6)
    explained = clf.explain(X)
    total = explained.contributions.sum(axis=2) + explained.constants
    np.testing.assert_allclose(total, explained.outputs, rtol=0, atol=1e-4)
    with pytest.raises(ValueError, match=r"one example of shape \(12,\); got shape \(3,\)"):
        predict(np.zeros(3))


def test_codes_of_many_rows_are_computed_in_pieces(rng, monkeypatch) -> None:
    problem = draw(rng, n=11)
    engine = get_engine("torch")
    whole = engine.codes(problem.network.layers, problem.examples.X)
    monkeypatch.setattr(torch_engine, "CHUNK_ROWS", 3)
    for mine, theirs in zip(engine.codes(problem.network.layers, problem.examples.X), whole, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-14)


def test_a_block_of_steps_cut_into_chunks_is_the_same_to_the_bit(rng, monkeypatch) -> None:
    problem, order = draw(rng, n=40), rng.permutation(40)
    whole, totals = problem.train(get_engine("torch"), order, batch_size=3, rate=0.1)
    monkeypatch.setattr(torch_engine, "CHUNK_VALUES", 17 * 3 * 2)
    cut, cut_totals = problem.train(get_engine("torch"), order, batch_size=3, rate=0.1)
    assert_same_bytes(whole, cut)
    assert totals.loss == cut_totals.loss
    np.testing.assert_array_equal(totals.union, cut_totals.union)


def test_threads_are_given_back(rng) -> None:
    before = torch.get_num_threads()
    get_engine("torch", n_threads=before + 1).outputs(draw(rng).network, draw(rng).examples.X)
    assert torch.get_num_threads() == before


def test_auto_encoders(rng) -> None:
    X = rng.random((60, 8))
    settings = {"epochs": 2, "random_state": 0, "dtype": "float64"}
    native, other = (StackedDenoisingAutoencoder((6, 5), engine=e, **settings).fit(X) for e in ("native", "torch"))
    np.testing.assert_allclose(other.inverse_transform(other.transform(X)), native.inverse_transform(
        native.transform(X)), rtol=0, atol=1e-10)  # fmt: skip


@pytest.mark.parametrize("device", ["cuda:99", "mps", "toaster"])
def test_a_device_that_is_not_there(device) -> None:
    with pytest.raises(
        ValueError, match=rf'engine="torch:{device}" needs a device that PyTorch has here, with float64'
    ):
        get_engine(f"torch:{device}")


def test_a_derivative_of_1_at_0_is_refused(rng) -> None:
    unit = rectinet.activations.Activation("rectifier", derivative_at_zero=1.0)
    problem = draw(rng, unit=unit)
    with pytest.raises(ValueError, match='derivative_at_zero=1 needs engine="reference"'):
        problem.train(get_engine("torch"))


def test_another_update_rule_is_refused(rng) -> None:
    class Momentum(Sgd):
        constants = (0.9,)

    problem = draw(rng)
    with pytest.raises(ValueError, match=r"knows plain gradient descent alone; got the rule .*Momentum"):
        get_engine("torch").train(problem, Steps(np.arange(4), 4, np.ones(1), rule=Momentum()))
