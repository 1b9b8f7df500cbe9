"""Rates and lengths chosen by trials: what is tried and taken, and that the run is then the one of those numbers."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet import RectifierClassifier, RectifierRegressor, load
from rectinet.runs import Configuration, Data, Outcome, Part, run
from rectinet.runs.data import FEW
from rectinet.runs.loop import Settings
from rectinet.runs.plan import Plan, most_epochs
from rectinet.runs.supervised import SupervisedTask
from rectinet.runs.trials import FOLDS, GRID, UNTRIED, Trials, best_of, smooth

from .conftest import interrupt
from .small import bits

AUTO: dict[str, Any] = {
    "hidden_layer_sizes": (9, 7),
    "learning_rate": "auto",
    "max_epochs": "auto",
    "early_stopping": "auto",
    "random_state": 3,
}


def draw(n: int, seed: int = 0) -> Part:
    """Six features in [0, 1], half of them zero, and three classes."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, 6)) * (rng.random((n, 6)) < 0.5)
    return Part(X.astype(np.float32), (3 * X[:, 0] + 2 * X[:, 1]).astype(int).clip(0, 2))


FEW_EXAMPLES, MANY = draw(90), draw(FEW + 200)


def plan_of(outcome: Outcome) -> Plan:
    assert outcome.plan is not None
    return outcome.plan


@pytest.mark.parametrize("part", [FEW_EXAMPLES, MANY], ids=["few", "many"])
def test_the_run_is_the_one_of_the_numbers_that_were_chosen(part: Part) -> None:
    chosen = run(Configuration(**AUTO), Data(part))
    plan = plan_of(chosen)
    given = AUTO | {"learning_rate": plan.rate, "decay_from": 0.1, "max_epochs": plan.epochs}
    stopping = len(part) >= FEW  # with few examples none were held out
    again = run(Configuration(**given | {"early_stopping": stopping}), Data(part))
    assert bits(chosen.network) == bits(again.network)
    assert (chosen.best_epoch > 0) is stopping
    assert chosen.n_epochs == again.n_epochs


def test_the_trial_of_lowest_error_is_taken() -> None:
    plan = plan_of(run(Configuration(**AUTO), Data(MANY)))
    rates = [trial["learning_rate"] for trial in plan.trials]
    assert rates == list(GRID[: len(rates)])
    assert plan.rate == min(plan.trials, key=lambda t: (t["validation_error"], t["validation_loss"]))["learning_rate"]


def test_few_examples_all_judge_once_and_every_class_in_its_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[tuple[Part, Part]]] = []
    healthy = Trials.run

    def noted(trials: Trials, rate: float, epochs: int) -> dict[str, Any]:
        seen.append(list(trials.folds))
        return healthy(trials, rate, epochs)

    monkeypatch.setattr(Trials, "run", noted)
    run(Configuration(**AUTO), Data(FEW_EXAMPLES))
    folds = seen[0]
    assert len(folds) == FOLDS
    judged = np.concatenate([judges.X for _, judges in folds])
    assert sorted(map(tuple, judged.tolist())) == sorted(map(tuple, FEW_EXAMPLES.X.tolist()))
    for train, judges in folds:
        assert len(train) + len(judges) == len(FEW_EXAMPLES)
        shares = [np.bincount(part.targets, minlength=3) / len(part) for part in (FEW_EXAMPLES, judges)]
        assert np.abs(shares[0] - shares[1]).max() < 1 / len(judges) + 1e-9


def test_what_never_generalises_is_hardly_trained() -> None:
    rng = np.random.default_rng(0)
    noise = Part(rng.normal(size=(200, 20)).astype(np.float32), rng.normal(size=200))
    plan = plan_of(run(Configuration(**AUTO | {"task": "regress"}), Data(noise)))
    assert plan.epochs < most_epochs(Configuration(**AUTO), 200) / 4


def test_a_rate_that_was_given_is_kept_and_its_length_chosen() -> None:
    settings = AUTO | {"learning_rate": 0.05, "max_epochs": 7}
    plan = plan_of(run(Configuration(**settings), Data(FEW_EXAMPLES)))
    assert plan.rate == 0.05
    assert 1 <= plan.epochs <= 7
    assert [trial["learning_rate"] for trial in plan.trials] == [0.05]


@pytest.mark.parametrize(("scale", "notes"), [(1e3, 0), (1e6, 1)])
def test_features_that_nobody_scaled(scale: float, notes: int) -> None:
    X, y = scale * FEW_EXAMPLES.X.astype(np.float64), FEW_EXAMPLES.targets
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clf = RectifierClassifier((9, 7), random_state=0).fit(X, y)
    said = [str(one.message) for one in caught]
    assert len(said) == notes
    assert all(one.startswith("training ended too early") and 'scaling="standard"' in one for one in said)
    assert clf.score(X, y) > np.bincount(y).max() / len(y)


def test_when_every_rate_diverges_it_is_said() -> None:
    huge = Part(1e200 * FEW_EXAMPLES.X.astype(np.float64), FEW_EXAMPLES.targets)
    with pytest.raises(ValueError, match=r"diverged at every learning rate from 0\.1 down.*scale the features"):
        run(Configuration(**AUTO | {"dtype": "float64"}), Data(huge))


@pytest.mark.parametrize("n", range(2, 12))
def test_very_few_examples_will_do(n: int) -> None:
    part = Part(FEW_EXAMPLES.X[:n], np.arange(n) % 2)
    outcome = run(Configuration(**AUTO), Data(part))
    assert plan_of(outcome).rate == (UNTRIED if n < 2 * FOLDS else plan_of(outcome).rate)
    assert np.isfinite(outcome.network.layers[0].W).all()


def test_threads_choose_alike() -> None:
    one, two = (run(Configuration(**AUTO | {"n_threads": n}), Data(FEW_EXAMPLES)) for n in (1, 2))
    assert plan_of(one) == plan_of(two)
    assert bits(one.network) == bits(two.network)


def test_a_resumed_run_is_the_same_and_tries_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = tmp_path / "run.checkpoint", run(Configuration(**AUTO), Data(FEW_EXAMPLES))
    epochs = 0

    def soon(moment: Any) -> bool:
        nonlocal epochs
        epochs += moment.kind == "epoch"
        return epochs == 3

    assert run(Configuration(**AUTO), Data(FEW_EXAMPLES), checkpoint=path, watch=soon).ending == "interrupted"
    monkeypatch.setattr(Trials, "run", None)
    resumed = run(Configuration(**AUTO), Data(FEW_EXAMPLES), checkpoint=path)
    assert bits(resumed.network) == bits(whole.network)
    assert resumed.plan == whole.plan


def test_ctrl_c_while_rates_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    clf = RectifierClassifier((9, 7), max_epochs=100, early_stopping=False, random_state=0)
    interrupt(monkeypatch, SupervisedTask, 1)  # whose only block of steps it is
    with pytest.warns(UserWarning, match="while learning rates were being tried: .* after 2 whole epochs"):
        clf.fit(FEW_EXAMPLES.X, FEW_EXAMPLES.targets)
    assert (clf.n_epochs_, clf.learning_rate_, len(clf.history_)) == (2, GRID[0], 2)
    assert clf.predict_proba(FEW_EXAMPLES.X).shape == (len(FEW_EXAMPLES), 3)


def test_ctrl_c_in_the_trials_of_a_first_part_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clf = RectifierClassifier((9, 7), random_state=0)
    interrupt(monkeypatch, SupervisedTask, 0)
    with pytest.raises(KeyboardInterrupt, match="rates were being tried"):
        clf.partial_fit(FEW_EXAMPLES.X, FEW_EXAMPLES.targets)
    assert not hasattr(clf, "network_")


def test_after_ctrl_c_in_the_trials_a_checkpoint_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = tmp_path / "run.checkpoint", run(Configuration(**AUTO), Data(FEW_EXAMPLES))
    with monkeypatch.context() as patched:
        interrupt(patched, SupervisedTask, 0)
        with pytest.warns(UserWarning, match="learning rates were being tried"):
            stopped = run(Configuration(**AUTO), Data(FEW_EXAMPLES), checkpoint=path)
    assert stopped.ending == "interrupted"
    resumed = run(Configuration(**AUTO), Data(FEW_EXAMPLES), checkpoint=path)
    assert bits(resumed.network) == bits(whole.network)


def test_partial_fit_keeps_the_rate_it_chose(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(60, 4))
    model = RectifierRegressor((8,), random_state=0).partial_fit(X, X[:, 0])
    rate = model.learning_rate_
    assert rate in GRID
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    for each in (model, again):
        each.partial_fit(X, X[:, 0])
        assert each.learning_rate_ == rate
        assert each.n_epochs_ == 2
    np.testing.assert_array_equal(model.predict(X), again.predict(X))


@pytest.mark.parametrize(("n", "batch", "epochs"), [(100, 10, 100), (1_000, 10, 20), (50_000, 10, 5), (10**8, 10, 1)])
def test_updates_grow_more_slowly_than_the_examples(n: int, batch: int, epochs: int) -> None:
    assert most_epochs(Configuration(**AUTO | {"batch_size": batch}), n) == epochs
    assert most_epochs(Configuration(**AUTO | {"max_epochs": 5}), n) == 5
    assert most_epochs(Configuration(**AUTO | {"learning_rate": 0.1}), n) == 100


def test_smoothing_is_the_mean_with_the_neighbours() -> None:
    curve = np.arange(40.0)[:, None] ** 2
    reach = 40 // 10 // 2
    expected = [curve[max(0, k - reach) : k + reach + 1].mean() for k in range(40)]
    np.testing.assert_allclose(smooth(curve)[:, 0], expected)
    np.testing.assert_array_equal(smooth(curve[:5]), curve[:5])


def test_a_trial_that_diverged_is_never_the_best() -> None:
    diverged = {"learning_rate": 0.1, "epochs": 0, "validation_error": None, "validation_loss": None}
    fine = {"learning_rate": 0.03, "epochs": 2, "validation_error": 0.5, "validation_loss": 9.0}
    assert best_of([diverged, fine]) is fine


def test_settings_of_a_plan() -> None:
    settings = Plan(0.1, 0.5, 7).settings(Settings(Plan(1.0, 1.0, 1).schedule, 10, 1, seed=0))
    assert settings.max_epochs == 7
    assert settings.schedule.rates(0, 1, 10)[0] == 0.1
    assert settings.schedule.rates(9, 1, 10)[0] == pytest.approx(0.02)
