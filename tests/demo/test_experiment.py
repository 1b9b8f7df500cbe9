"""The five networks of the demo: what they share, what they learn, how they take turns, how they end."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from rectinet.demo.experiment import Contender, Result, contest, digits
from rectinet.demo.turns import Turns
from rectinet.errors import DivergenceError
from rectinet.runs import Data, run
from rectinet.runs.loop import State
from rectinet.runs.run import Moment
from rectinet.runs.statistics import error_interval

from .conftest import SMALL, Trained


def test_digits_come_in_three_parts() -> None:
    data = digits()
    assert data.validation is not None
    assert data.test is not None
    assert (len(data.train), len(data.validation), len(data.test)) == (1000, 297, 500)


def test_rectifiers_have_zeros_and_the_others_none(trained: Trained) -> None:
    assert (trained.results["rectifier"].zeros > 0).all()
    assert not trained.results["softplus"].zeros.any()
    assert not trained.results["tanh"].zeros.any()


def test_the_control_learns_the_same_numbers(trained: Trained) -> None:
    skipping, control = trained.results["l1"], trained.results["control"]
    assert skipping.contender.engine.skip_zeros  # type: ignore[attr-defined]
    assert not control.contender.engine.skip_zeros  # type: ignore[attr-defined]
    assert skipping.contender.configuration is control.contender.configuration
    for mine, other in zip(skipping.outcome.network.layers, control.outcome.network.layers, strict=True):
        np.testing.assert_allclose(mine.W, other.W, rtol=0, atol=1e-5)


def test_zeros_and_errors_are_those_of_the_network(trained: Trained) -> None:
    assert trained.data.test is not None
    X, y = trained.data.test.X, trained.data.test.targets
    for result in trained.results.values():
        counted = [float((h == 0).mean()) for h in result.codes(X)]
        np.testing.assert_allclose(result.zeros, counted, rtol=0, atol=1e-12)
        predicted = result.contender.engine.outputs(result.outcome.network, X).argmax(axis=1)
        assert result.percent == pytest.approx(100 * (predicted != y).mean())
        low, high = error_interval(result.wrong)
        assert 100 * low < result.percent < 100 * high


def test_taking_turns_changes_no_bit(trained: Trained) -> None:
    for result in trained.results.values():
        alone = run(result.contender.configuration, trained.data, engine=result.contender.engine)
        for mine, other in zip(result.outcome.network.layers, alone.network.layers, strict=True):
            assert mine.W.tobytes() == other.W.tobytes()


def test_every_epoch_is_followed_by_one_of_each_other(trained: Trained) -> None:
    ends = [contender for contender, kind in trained.moments if kind == "epoch"]
    assert len(ends) == 2 * len(SMALL)
    assert len(set(ends[:5])) == len(set(ends[5:])) == len(SMALL)


def moment(kind: str) -> Moment:
    return Moment(kind, State(), 1, False, lambda: pytest.fail("nobody asks for the outcome"))


def test_one_that_leaves_does_not_hold_up_the_others() -> None:
    turns, seen = Turns(["a", "b"]), []

    def second() -> None:
        with turns.taking_part("b"):
            seen.append(turns.watch("b", moment("begin")))

    def first() -> None:
        with turns.taking_part("a"):
            turns.watch("a", moment("begin"))
            thread.start()
            raise RuntimeError("broken")

    thread = threading.Thread(target=second)
    with pytest.raises(RuntimeError, match="broken"):
        first()
    thread.join(timeout=60)
    assert seen == [False]


def test_a_run_that_fails_is_heard_of(data: Data) -> None:
    wild = replace(SMALL[0], configuration=replace(SMALL[0].configuration, learning_rate=1e30))
    with pytest.raises(DivergenceError):
        contest([wild, SMALL[1]], data, lambda contender, moment: None)


def test_a_run_that_was_ended_early_has_no_result(data: Data) -> None:
    with pytest.raises(KeyboardInterrupt):
        SMALL[0].learn(data, lambda moment: moment.kind == "epoch")


def test_ctrl_c_ends_every_thread(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    endless = [replace(c, configuration=replace(c.configuration, max_epochs=10**6, patience=10**6)) for c in SMALL[:2]]

    def pressed(running: object) -> None:
        begun.wait(timeout=60)
        raise KeyboardInterrupt

    monkeypatch.setattr("rectinet.demo.experiment.wait", pressed)
    n_threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        contest(endless, data, lambda contender, moment: begun.set())
    assert threading.active_count() == n_threads


def test_seconds_are_of_training(trained: Trained) -> None:
    result: Result = trained.results["tanh"]
    contender: Contender = result.contender
    assert len(result.outcome.history) == contender.configuration.max_epochs
    assert result.seconds == pytest.approx(sum(entry["seconds"] for entry in result.outcome.history))
