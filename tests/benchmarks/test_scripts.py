"""Bars and texts of pre-training, and the parts of its scripts that no data set is needed for."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import few_labels, pretraining, readme, run, text_stars
from benchmarks.bars import BARS, AtLeastTimes, Figure, judge
from benchmarks.experiments import all_scripts
from benchmarks.results import read_scripts, write_results


def contender(**cpu):
    """Contenders that need these processor seconds for one step, and ten times as long on the clock."""
    return {
        label: {"chunks": [{"count": 1, "seconds": 10.0 * s, "cpu_seconds": s, "outside_seconds": 10.0 * s}]}
        for label, s in cpu.items()
    }


def test_a_bar_may_go_by_processor_time():
    entrants = contender(ours=1.0, torch=4.0)
    entrants["torch"]["chunks"][0]["seconds"] = 5.0  # the clock would say half as fast
    results = {"experiments": {"e": {"whole_run": False, "entrants": entrants}}}
    assert AtLeastTimes("claim", "e", "ours", ("torch",), 4.0, "cpu_seconds").judge(results).passed
    assert not AtLeastTimes("claim", "e", "ours", ("torch",), 4.0).judge(results).passed


@pytest.mark.parametrize(("value", "passed"), [(0.02, True), (0.021, False)])
def test_a_figure_is_judged_on_what_a_script_stored(value, passed, tmp_path):
    write_results(tmp_path / "sampling.json", {"figures": {"excess": value}})
    write_results(tmp_path / "bench.json", {})
    scripts = read_scripts(tmp_path)
    assert list(scripts) == ["sampling"]
    assert Figure("claim", "sampling", "excess", 0.02).judge({"scripts": scripts}).passed is passed


def test_a_figure_not_there_yet_has_no_verdict():
    results = {"experiments": {}, "scripts": {"sampling": {"figures": {"excess": None}}, "memory": {}}}
    assert judge(results) == []


def test_every_figure_belongs_to_a_script():
    names = {script.name for script in all_scripts(quick=False)}
    assert {bar.script for bar in BARS if isinstance(bar, Figure)} <= names


def test_excess_takes_the_worse_of_clean_and_corrupted():
    runs = [
        {"zeros": 1.0, "test_cost": 100.0, "test_cost_of_corrupted": 200.0},
        {"zeros": 0.1, "test_cost": 101.0, "test_cost_of_corrupted": 206.0},
    ]
    assert pretraining.excess(runs, 0.1) == pytest.approx(0.03)
    assert pretraining.excess(runs[:1], 0.1) is None
    assert pretraining.excess(runs[1:], 0.1) is None


def test_the_corpus_is_binary_sparse_and_skewed(monkeypatch):
    monkeypatch.setattr(pretraining, "CORPUS", (2000, 5000))
    X = pretraining.corpus(0)
    assert X.shape == (2000, 5000)
    assert set(X.data) == {1.0}
    assert X.nnz / np.prod(X.shape) == pytest.approx(0.006, rel=0.05)
    counts = np.asarray(X.sum(axis=0)).ravel()
    assert counts[:100].mean() > 20 * counts[-1000:].mean()


@pytest.mark.parametrize("n_labels", [100, 1000])
def test_draws_are_balanced_and_differ(n_labels):
    y = np.repeat(np.arange(10), 500)
    first, again, second = (few_labels.labelled_rows(y, n_labels, draw) for draw in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert len(set(first.tolist())) == n_labels
    assert np.array_equal(np.bincount(y[first]), np.full(10, n_labels // 10))


def test_mcnemar_counts_only_what_one_of_the_two_gets_wrong():
    assert few_labels.mcnemar([1, 2, 3], [1, 2, 3]) == 1.0
    assert few_labels.mcnemar([1, 2, 3, 4, 5], [9]) == pytest.approx(2 * (1 + 6) / 2**6)
    assert few_labels.mcnemar(list(range(10)), []) == pytest.approx(2 / 2**10)


def test_visible_biases_answer_with_the_mean():
    targets = np.array([[0.0, 0.25, 1.0], [0.0, 0.75, 1.0]])
    reconstruction = 1 / (1 + np.exp(-few_labels.visible_bias(targets)))
    assert reconstruction == pytest.approx([0.01, 0.5, 0.99])


CELL = {
    "unit": "rectifier",
    "n_labels": 1000,
    "errors": {"without": [0.09, 0.1], "with": [0.06, 0.07]},
    "mean": {"without": 0.095, "with": 0.065},
    "learning_rate": {"without": 0.1, "with": 0.03},
    "activity_l1": {"without": 0.0, "with": 0.001},
    "p_paired_t": 0.001,
    "p_mcnemar": [1e-9, 1e-5],
}


def test_claims_on_few_labels_are_made_of_their_cells():
    results = {"experiments": {}, "scripts": {"few_labels": {"figures": few_labels.figures([CELL])}}}
    verdicts = judge(results)
    assert [verdict.measured for verdict in verdicts] == ["6.50%", "p = 0.001"]
    assert all(verdict.passed for verdict in verdicts)


STARS = {
    "validation/1000/3 hidden layers, rate 0.01": {"rmse": 1.0, "half_width": 0.5},
    "1000/0/logistic regression, C=1": {"rmse": 2.6, "half_width": 0.02},
    "1000/0/logistic regression, C=0.3": {"rmse": 2.5, "half_width": 0.02},
    "1000/0/MLP regressor": {"rmse": 2.4, "half_width": 0.02},  # of no account with so few labels
    "1000/0/rectinet, 0 hidden layers": {"rmse": 2.5, "half_width": 0.02},
    "1000/0/rectinet, 1 hidden layers": {"rmse": 2.2, "half_width": 0.02},
    "1000/0/rectinet, 3 hidden layers": {"rmse": 2.0, "half_width": 0.02},
    "1000/1/rectinet, 3 hidden layers": {"rmse": 2.2, "half_width": 0.04},
    f"1000/0/{text_stars.DENSE}": {"rmse": 2.115, "half_width": 0.03},
}


def test_claims_on_stars_are_made_of_means_over_the_draws():
    cells = text_stars.cells(STARS)
    assert list(cells) == ["1000"]
    three_layers = cells["1000"]["rectinet, 3 hidden layers"]
    assert three_layers == {"rmse": pytest.approx(2.1), "half_width": pytest.approx(0.03), "draws": 2}
    expected = {"against the best rival": -0.4, "with depth": -0.1, "sampled against dense": 0.5}
    assert text_stars.figures(cells) == pytest.approx({f"1000 {name}": value for name, value in expected.items()})


def test_the_width_of_an_interval_shrinks_with_the_reviews():
    stars, predicted = np.tile([1.0, 5.0], 200), np.tile([3.0, 6.0], 200)
    few, many = text_stars.scores(stars[:100], predicted[:100]), text_stars.scores(stars, predicted)
    assert few["rmse"] == many["rmse"] == pytest.approx(np.sqrt(2.5))
    assert few["half_width"] == pytest.approx(2 * many["half_width"], rel=0.01)
    assert many["half_width"] == pytest.approx(1.96 * 1.5 / 20 / (2 * np.sqrt(2.5)), rel=0.01)


def test_the_readme_shows_few_labels_sampling_memory_and_stars(tmp_path):
    machine = {"cpu": "c", "instruction_set": "i", "cores": 1, "threads": 1, "system": "s", "python": "3"}
    machine |= {"versions": {}, "load_average": [0.0], "date": "d"}
    folder = tmp_path / "results"
    write_results(folder / "bench.json", {"machine": machine, "seed": 0, "experiments": {}})
    write_results(folder / "few_labels.json", {"sizes": [784, 10], "cells": [CELL], "figures": {}})
    run_ = {"sampling_ratio": 0.13, "hidden_zeros": 0.5, "cpu_seconds": 7.0}
    runs = [
        {"zeros": 0.1, "test_cost": 101.0, "test_cost_of_corrupted": 202.0} | run_,
        {"zeros": 1.0, "test_cost": 100.0, "test_cost_of_corrupted": 200.0} | run_,
    ]
    write_results(folder / "sampling.json", {"n_train": 20000, "n_test": 5000, "runs": runs})
    memory = {"n_examples": 310000, "n_inputs": 5000, "density": 0.006, "steps": 300}
    write_results(folder / "memory.json", memory | {"figures": {"peak_gigabytes": 1.234}})
    stars = {"words": 5000, "n_test": 9, "texts_seen": 99, "width": 1000, "cells": text_stars.cells(STARS)}
    write_results(folder / "text_stars.json", stars)
    readme.write(folder)
    text = (tmp_path / "README.md").read_text()
    assert "| rectinet, 3 hidden layers | 2.100 (± 0.030; 2 draws) |" in text
    assert (
        "| 1,000 | rectifier | 9.50% (9.0%, 10.0%; rate 0.1, L1 0) | 6.50% (6.0%, 7.0%; rate 0.03, L1 0.001) | 0.001 "
        "| 1e-05 |" in text
    )
    assert "| 10% | 13.0% | 101.00 (+1.00%) | 202.00 (+1.00%) | 50% | 7 |" in text
    assert "1.23 GB at the peak" in text
    assert "| memory for 310,000 reviews | 1.23 GB | <= 4.00 GB | holds |" in text


def test_a_script_that_fails_ends_the_benchmark(tmp_path, monkeypatch):
    called = []

    def failing(command, **_):
        called.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(run.subprocess, "run", failing)
    script = all_scripts(quick=True)[0]
    with pytest.raises(SystemExit, match=script.title):
        run.run_script(script, tmp_path, run.options([]))
    assert called[0][:3] == [sys.executable, "-m", f"benchmarks.{script.module}"]
    assert str(tmp_path / f"{script.name}.json") in called[0]


def test_what_scripts_store_is_json(tmp_path):
    write_results(tmp_path / "few_labels.json", few_labels.description())
    assert json.loads((tmp_path / "few_labels.json").read_text())["batch_size"] == 10
