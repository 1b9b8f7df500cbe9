"""Grids of learning rates: hopeless ones stop at rungs, by a rule that neither order nor interruptions change."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from rectinet.study import exchange
from rectinet.study.grid import Grid, Rung, lowest_error
from rectinet.study.planned import Planned
from rectinet.study.result import Result
from rectinet.study.rival import Rival
from rectinet.study.store import Store
from rectinet.study.work import execute
from tests.study import tiny
from tests.study.conftest import files, states
from tests.study.tiny import Points, fine_tuning, pretraining

GRID = tiny.GRID


def by_rate(folder, seed=0):
    with Store(folder) as store:
        records = store.records()
    return {r.labels["learning_rate"]: r for r in records if r.labels.get("learning_rate") and r.seed == seed}


def exported(folder):
    with Store(folder) as store:
        exchange.export(store, folder / "export")
    return files(folder / "export")


def test_hopeless_rates_are_stopped_and_the_others_end_as_if_they_were_alone(run_tiny, tmp_path):
    tally = run_tiny(plans=list(tiny.grid()), budget="paper")
    assert tally.states["done"] == tally.executed == tally.listed
    found = by_rate(tmp_path / "study")
    stopped = {rate for rate, record in found.items() if record.rung is not None}
    assert {0.0001} <= stopped < set(GRID.rates)
    errors = {rate: lowest_error(record.history, GRID.rungs[0].epochs, False) for rate, record in found.items()}
    first = {rate for rate in stopped if found[rate].rung == 1}
    assert first == {rate for rate, e in errors.items() if e > GRID.rungs[0].times * max(0.01, min(errors.values()))}
    for rate, record in found.items():
        epochs = GRID.rungs[record.rung - 1].epochs if record.rung else tiny.EPOCHS["paper"]
        assert (record.n_epochs, len(record.history)) == (epochs, epochs)
        assert record.ending == ("stopped early" if record.rung else "finished")
        assert record.best_epoch <= record.n_epochs
        assert record.configuration["grid"]["rungs"] == [[r.epochs, r.times] for r in GRID.rungs]
        assert record.moment["attempts"] == 1
        assert rate in GRID.rates
    alone = [Planned(replace(fine_tuning("paper", 0), learning_rate=0.1), Points(), pretraining(0), {"alone": 1})]
    run_tiny("alone", plans=alone, budget="paper")
    with Store(tmp_path / "alone") as store:
        (one,) = (record for record in store.records() if record.labels == {"alone": 1})
    assert one.history == found[0.1].history
    assert one.predictions == found[0.1].predictions
    assert one.key != found[0.1].key
    assert run_tiny(plans=list(tiny.grid()), budget="paper").executed == 0


@pytest.mark.parametrize("jobs", [1, 2])
def test_neither_order_nor_jobs_change_anything(run_tiny, tmp_path, jobs):
    run_tiny("one", plans=list(tiny.grid()), budget="paper")
    run_tiny("other", plans=list(tiny.grid())[::-1], budget="paper", jobs=jobs)
    one, other = (exported(tmp_path / name) for name in ("one", "other"))
    assert {name: content for name, content in one.items() if "plans" not in name} == {
        name: content for name, content in other.items() if "plans" not in name
    }


def test_a_call_that_is_interrupted_anywhere_decides_the_same(run_tiny, tmp_path, monkeypatch):
    run_tiny("whole", plans=list(tiny.grid()), budget="paper")

    def interrupted_at(k):  # the k-th time that a run begins or goes on
        times = iter(range(1, 100))
        return lambda task: Result(task.key, "interrupted") if next(times) == k else execute(task)

    for k in range(1, 100):
        monkeypatch.setattr("rectinet.study.pool.execute", interrupted_at(k))
        try:
            run_tiny(plans=list(tiny.grid()), budget="paper")
        except KeyboardInterrupt:
            assert "running" not in states(tmp_path / "study").values()
        else:
            break
    assert k > 5
    assert exported(tmp_path / "study") == exported(tmp_path / "whole")


def test_a_rate_that_fails_leaves_the_others_waiting(run_tiny, tmp_path, monkeypatch):
    plans = [plan for plan in tiny.grid() if plan.configuration.random_state == 0]

    def failing(task):
        is_it = task.planned.grid is not None and task.planned.configuration.learning_rate == 0.01
        return Result(task.key, "failed", error="no memory") if is_it else execute(task)

    monkeypatch.setattr("rectinet.study.pool.execute", failing)
    assert run_tiny(plans=plans, budget="paper").states == Counter(done=1, failed=1, interrupted=3)
    monkeypatch.undo()
    assert run_tiny(plans=plans, budget="paper").states == Counter(done=5)
    run_tiny("whole", plans=plans, budget="paper")
    assert exported(tmp_path / "study") == exported(tmp_path / "whole")


def test_a_rate_that_diverges_is_over_and_no_rate_is_compared_with_it(run_tiny, tmp_path):
    grid = Grid((0.1, 1e12), (Rung(2, 2.0),))
    plans = [Planned(replace(tiny.hopeless("paper"), learning_rate=rate), Points(), grid=grid) for rate in grid.rates]
    assert run_tiny(plans=plans, budget="paper").states == Counter(done=1, diverged=1)
    with Store(tmp_path / "study") as store:
        assert {record.rung for record in store.records()} == {None}


def test_every_rate_of_a_grid_must_be_listed(run_tiny):
    with pytest.raises(ValueError, match=r"without some rates of its grid \(0\.1, 0\.01, "):
        run_tiny(plans=list(tiny.grid())[:-1], budget="paper")


def test_a_rival_has_no_grid():
    with pytest.raises(ValueError, match="only these have a grid"):
        Planned(Rival("nearest", "sklearn.neighbors:KNeighborsClassifier"), Points(), grid=GRID)


def test_a_falling_rate_has_no_grid():
    with pytest.raises(ValueError, match="leave decay_from out, or its grid"):
        Planned(replace(fine_tuning("paper", 0), decay_from=0.5), Points(), grid=GRID)


def test_a_run_that_may_be_stopped_is_another_one_than_the_same_that_may_not():
    plan = Planned(fine_tuning("paper", 0), Points())
    competing = replace(plan, grid=GRID)
    assert plan.key("0") != competing.key("0") != replace(plan, grid=Grid(GRID.rates, GRID.rungs[:1])).key("0")
    assert json.loads(json.dumps(competing.document())) == competing.document()
    assert plan.key("0") == fine_tuning("paper", 0).key("0")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ({"a": 0.02, "b": 0.04, "c": 0.041}, ["c"]),
        ({"a": 0.0, "b": 0.02, "c": 0.021}, ["c"]),  # multiples of 0 would stop every other rate
        ({"a": float("inf"), "b": float("inf")}, []),
        ({"a": 0.5, "b": float("inf")}, ["b"]),
    ],
)
def test_the_rule(errors, expected):
    assert Grid((1.0, 2.0), (Rung(5, 2.0),)).hopeless(0, errors) == expected


def test_errors_until_a_rung_do_not_see_what_came_later():
    history = [{"validation_error": e} for e in (0.5, 0.3, 0.4, 0.1)]
    assert lowest_error(history, 3, False) == 0.3
    assert lowest_error(history, 3, True) == 0.3
    assert lowest_error(history, 9, False) == 0.1
    assert lowest_error(history, 9, True) == float("inf")
    assert lowest_error([{"loss": 1.0}], 1, False) == float("inf")
