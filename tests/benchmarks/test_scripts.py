"""Bars and texts of what is a program of its own, and the program for memory on a corpus that fits a test."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import memory, readme, run
from benchmarks.bars import BARS, AtLeastTimes, Figure, judge
from benchmarks.experiments import all_scripts
from benchmarks.results import read_results, read_scripts, write_results
from rectinet.study.sources import labelled_rows


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
    names = {script.name for script in all_scripts()}
    assert {bar.script for bar in BARS if isinstance(bar, Figure)} <= names


def test_the_corpus_is_binary_sparse_and_skewed(monkeypatch):
    monkeypatch.setattr(memory, "CORPUS", (2000, 5000))
    X = memory.corpus(0)
    assert X.shape == (2000, 5000)
    assert set(X.data) == {1.0}
    assert X.nnz / np.prod(X.shape) == pytest.approx(0.006, rel=0.05)
    counts = np.asarray(X.sum(axis=0)).ravel()
    assert counts[:100].mean() > 20 * counts[-1000:].mean()


@pytest.mark.parametrize("n_labels", [100, 1000])
def test_draws_are_balanced_and_differ(n_labels):
    y = np.repeat(np.arange(10), 500)
    first, again, second = (labelled_rows(y, n_labels, draw) for draw in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert len(set(first.tolist())) == n_labels
    assert np.array_equal(np.bincount(y[first]), np.full(10, n_labels // 10))


def test_peak_memory_is_measured_after_some_steps_of_each_layer(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(memory, "CORPUS", (400, 300))
    monkeypatch.setattr(memory, "WIDTH", 8)
    monkeypatch.setattr(memory, "STEPS", 3)  # of 40 in an epoch
    memory.measure(seed=0, threads=1, out=tmp_path / "memory.json")
    told = capsys.readouterr().out
    for layer in (0, 1):
        assert f"pre-training was interrupted in hidden layer {layer} after 3 steps" in told
    stored = read_results(tmp_path / "memory.json")
    assert (stored["n_examples"], stored["n_inputs"], stored["steps"]) == (400, 300, 3)
    assert 0 < stored["density"] < 1
    assert 0.01 < stored["figures"]["peak_gigabytes"] < 100


@pytest.mark.parametrize(("gigabytes", "passed"), [(1.234, True), (4.01, False)])
def test_the_claim_on_memory_is_made_of_its_figure(gigabytes, passed):
    (verdict,) = judge({"experiments": {}, "scripts": {"memory": {"figures": {"peak_gigabytes": gigabytes}}}})
    assert (verdict.measured, verdict.required) == (f"{gigabytes:.2f} GB", "<= 4.00 GB")
    assert verdict.passed is passed


def test_the_readme_shows_memory(tmp_path):
    machine = {"cpu": "c", "instruction_set": "i", "cores": 1, "threads": 1, "system": "s", "python": "3"}
    machine |= {"versions": {}, "load_average": [0.0], "date": "d"}
    folder = tmp_path / "results"
    write_results(folder / "bench.json", {"machine": machine, "seed": 0, "experiments": {}})
    about = {"n_examples": 310000, "n_inputs": 5000, "density": 0.006, "steps": 300}
    write_results(folder / "memory.json", about | {"figures": {"peak_gigabytes": 1.234}})
    readme.write(folder)
    text = (tmp_path / "README.md").read_text()
    assert "1.23 GB at the peak" in text
    assert "| memory for 310,000 reviews | 1.23 GB | <= 4.00 GB | holds |" in text


@pytest.mark.parametrize("script", all_scripts(), ids=lambda script: script.name)
def test_a_script_takes_what_the_benchmark_passes(script, tmp_path, monkeypatch):
    module = importlib.import_module(f"benchmarks.{script.module}")
    measured = []
    monkeypatch.setattr(module, "measure", lambda *given: measured.append(given))
    module.main(["--threads", "1", "--out", str(tmp_path / "found.json")])
    assert len(measured) == 1
    assert tmp_path / "found.json" in measured[0]


def test_a_script_that_fails_ends_the_benchmark(tmp_path, monkeypatch):
    called = []

    def failing(command, **_):
        called.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(run.subprocess, "run", failing)
    script = all_scripts()[0]
    with pytest.raises(SystemExit, match=script.title):
        run.run_script(script, tmp_path, run.options([]))
    assert called[0][:3] == [sys.executable, "-m", f"benchmarks.{script.module}"]
    assert str(tmp_path / f"{script.name}.json") in called[0]
