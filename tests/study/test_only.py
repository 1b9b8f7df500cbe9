"""Some of the runs that an experiment lists."""

from __future__ import annotations

import re

import pytest

from rectinet.study.catalogue import experiment
from rectinet.study.errors import StudyError
from rectinet.study.only import matching, parsed
from rectinet.study.store import Store


def test_only_runs_with_these_labels_are_executed_and_what_they_start_from(run_tiny, tmp_path):
    some = run_tiny(only={"pretrained": "true", "seed": "0"})
    with Store(tmp_path / "study") as store:
        records = store.records("tiny")
    done = [record for record in records if record.state != "queued"]
    assert some.listed == some.executed == len(done) == 2
    assert {record.configuration["task"] for record in done} == {"encode", "classify"}
    assert len(records) > len(done)  # the others are listed, and wait
    assert run_tiny().states["queued"] == 0


def test_a_mistyped_label_is_said_before_anything_is_written(run_tiny, tmp_path):
    with pytest.raises(StudyError, match="no run has seed=9"):
        run_tiny(only={"seed": "9"})
    assert not (tmp_path / "study").exists()


def test_labels_as_they_are_typed():
    plans = experiment("table1").runs("standard", 2, "mnist")
    found = matching(plans, parsed(["unit=tanh", "learning_rate=0.01", "pretrained=False"]))
    assert [plan.labels["seed"] for plan in found] == [0, 1]
    assert {plan.configuration.activation for plan in found} == {"tanh"}
    assert all(plan.start is None for plan in found)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["tanh"], "--only takes a label and its value, as in --only unit=tanh; got 'tanh'"),
        (["units=tanh"], "no run has the label 'units'; there are data, learning_rate, pretrained, seed, unit"),
        (["unit=relu"], "no run has unit=relu; there are rectifier, tanh, softplus"),
    ],
)
def test_what_no_run_has_is_said(typed, said):
    with pytest.raises(StudyError, match=re.escape(said)):
        matching(experiment("table1").runs("standard", 1, "mnist"), parsed(typed))


def test_rates_that_compete_stay_together():
    plans = experiment("table1").runs("paper", 1, "mnist")
    assert len(matching(plans, {"unit": "tanh", "pretrained": "false"})) == 4
    with pytest.raises(StudyError, match="the rates of a cell compete"):
        matching(plans, {"learning_rate": "0.1"})
