"""The benchmark's claims are judged, and its README rendered, from stored results alone."""

import json

import pytest

from benchmarks import readme
from benchmarks.bars import BARS, AtLeastTimes, Figure, Limit, judge, quickest, roofline_share, seconds_per_count
from benchmarks.experiments import REFERENCE_SIZES, all_experiments
from benchmarks.results import read_results, write_results


def chunk(count, seconds):
    return {"count": count, "seconds": seconds, "cpu_seconds": seconds, "outside_seconds": seconds}


def experiment(*, whole_run=False, **seconds):
    """Contenders that need these seconds for 100 steps, round by round."""
    return {
        "title": "Training",
        "whole_run": whole_run,
        "batch_size": None,
        "parameter": None,
        "bandwidth": [{"read": 1e10, "read_modify_write": 2e10}] * 2,
        "entrants": {
            label: {"chunks": [chunk(100, s) for s in values], "evaluations": [], "report": {}, "command": label}
            for label, values in seconds.items()
        },
    }


def test_short_experiments_count_by_their_median():
    assert seconds_per_count(experiment(a=[1.0, 2.0, 90.0]), "a") == pytest.approx(0.02)


def test_a_whole_run_counts_by_its_total():
    assert seconds_per_count(experiment(whole_run=True, a=[1.0, 2.0, 90.0]), "a") == pytest.approx(93 / 300)


def test_bars_are_held_against_the_quickest_rival():
    measured = experiment(**{"ours": [1.0], "torch eager": [9.0], "torch compile": [4.0], "sklearn": [0.1]})
    assert quickest(measured, ("torch",)) == "torch compile"
    results = {"experiments": {"run": measured}}
    assert AtLeastTimes("claim", "run", "ours", ("torch",), 4.0).judge(results).passed
    verdict = AtLeastTimes("claim", "run", "ours", ("torch",), 4.1).judge(results)
    assert verdict.passed is False
    assert verdict.measured.startswith("4.00 x")


def test_a_claim_not_measured_has_no_verdict():
    assert judge({"experiments": {}}) == []


@pytest.mark.parametrize(("value", "passed"), [(0.015, True), (0.016, True), (0.0161, False)])
def test_a_limit_is_judged_at_the_lowest_validation_error(value, passed):
    measured = experiment(ours=[1.0])
    measured["entrants"]["ours"]["evaluations"] = [
        {"validation_error": 0.03, "test_error": 1.0},
        {"validation_error": 0.02, "test_error": value},
        {"validation_error": 0.04, "test_error": 0.0},
    ]
    verdict = Limit("claim", "run", "ours", "test_error", at_most=0.016).judge({"experiments": {"run": measured}})
    assert verdict.passed is passed


def test_a_limit_on_layers_is_judged_on_their_mean():
    measured = experiment(ours=[1.0])
    measured["entrants"]["ours"]["evaluations"] = [{"validation_error": 0.02, "test_zeros": [0.7, 0.9]}]
    claim = Limit("claim", "run", "ours", "test_zeros", at_least=0.79)
    assert claim.judge({"experiments": {"run": measured}}).passed


def test_the_roofline_counts_touched_rows_once_read_and_once_updated():
    measured = experiment(ours=[2.0, 2.0])
    measured["entrants"]["ours"]["evaluations"] = [{"union": [1.0, 0.0, 0.0, 0.0]}] * 2
    n_bytes = 4 * REFERENCE_SIZES[0] * REFERENCE_SIZES[1]
    needed = 100 * (n_bytes / 1e10 + 2 * n_bytes / 2e10)
    assert roofline_share(measured, "ours") == pytest.approx(needed / 2.0)


@pytest.mark.parametrize("quick", [True, False])
def test_every_bar_names_contenders_that_take_part(quick):
    experiments = {e.name: {entrant.label for entrant in e.entrants} for e in all_experiments(quick=quick)}
    for bar in BARS:
        if isinstance(bar, Figure):  # of a script: see test_scripts
            continue
        labels = experiments[bar.experiment]
        if isinstance(bar, AtLeastTimes):
            assert bar.ours in labels
            for rival in bar.rivals:
                assert any(label.startswith(rival) for label in labels)
        else:
            assert bar.contender in labels


def test_the_readme_shows_what_was_stored(tmp_path):
    results = {
        "machine": {
            "cpu": "a processor",
            "instruction_set": "baseline",
            "cores": 2,
            "threads": 1,
            "system": "a system",
            "python": "3.11",
            "versions": {"rectinet": "0"},
            "load_average": [0.5, 0.25, 0.0],
            "date": "a day",
        },
        "seed": 7,
        "experiments": {"tanh": experiment(**{"rectinet": [0.123], "torch eager, loop": [0.246]})},
    }
    folder = tmp_path / "results"
    write_results(folder / "bench.json", results)
    assert read_results(folder / "bench.json") == json.loads(json.dumps(results))
    readme.write(folder)
    text = (tmp_path / "README.md").read_text()
    assert (
        "| tanh against PyTorch eager | 2.00 x (1.23 ms against 2.46 ms, torch eager, loop) | >= 1 x | holds |" in text
    )
    assert "seed 7, on a processor" in text
