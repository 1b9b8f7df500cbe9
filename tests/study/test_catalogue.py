"""Experiments by name, what they are given, and plans as jobs."""

from __future__ import annotations

import re

import pytest

from rectinet.study.catalogue import experiment, experiments
from rectinet.study.errors import StudyError, UnknownExperiment
from rectinet.study.jobs import jobs_of
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival
from tests.study import tiny
from tests.study.tiny import Points, fine_tuning, pretraining


def test_every_experiment_has_a_title_and_a_name_for_the_command_line():
    for each in experiments():
        assert re.fullmatch(r"[a-z0-9-]+", each.name)
        assert each.title.endswith(".")
        assert experiment(each.name) == experiment(each.name.replace("-", "_")) == each


def test_the_nearest_name_is_offered():
    with pytest.raises(UnknownExperiment, match=r"no experiment 'few-lables'; did you mean few-labels\?"):
        experiment("few-lables")
    for other in ("no.such.module", "json", "sys"):  # modules, but no experiments
        with pytest.raises(UnknownExperiment):
            experiment(other)


def test_an_experiment_of_ones_own_is_a_module():
    mine = experiment("tests.study.tiny")
    assert mine.title == (
        "A tiny study: pre-training that three runs start from, runs of their own, one that diverges, and a rival."
    )
    assert len(mine.runs("quick", seeds=1)) == 4
    assert mine.runs("quick")[0].configuration.max_epochs == 2


def test_what_an_experiment_has_no_choice_of_is_refused():
    with pytest.raises(StudyError, match="few-labels has no choice of data: leave --data out"):
        experiment("few-labels").runs("quick", data="digits")


def test_a_run_comes_after_the_one_it_starts_from_which_is_there_once():
    jobs = jobs_of(tiny.runs("quick"))
    keys = [job.key for job in jobs]
    assert len(keys) == len(set(keys)) == 10
    for job in jobs:
        assert job.start is None or keys.index(job.start) < keys.index(job.key)


def test_the_key_of_a_run_names_all_that_decides_it():
    plan = Planned(fine_tuning("quick", 0), Points(), labels={"seed": 0})
    checksum = Points().load().checksum()
    (job,) = jobs_of([plan])
    assert job.key == plan.key(checksum) == fine_tuning("quick", 0).key(checksum)
    others = [
        Planned(fine_tuning("quick", 1), Points()),
        Planned(fine_tuning("quick", 0), Points(seed=1)),
        Planned(fine_tuning("quick", 0), Points(), pretraining(0)),
        Planned(fine_tuning("quick", 0), Points(), pretraining(1)),
        Planned(Rival("one", "sklearn.neighbors:KNeighborsClassifier"), Points()),
        Planned(Rival("one", "sklearn.neighbors:KNeighborsClassifier", {"n_neighbors": 1}), Points()),
    ]
    keys = {job.key for job in jobs_of([plan, *others])}
    assert len(keys) == 7 + 2  # and what two of them start from


def test_equal_runs_under_two_labels_are_one_run_listed_twice():
    plans = [Planned(fine_tuning("quick", 0), Points(), labels={"cell": cell}) for cell in "ab"]
    jobs = jobs_of(plans)
    assert len(jobs) == 2
    assert jobs[0].key == jobs[1].key


def test_longer_runs_cost_more():
    costs = [job.cost for job in jobs_of(Planned(fine_tuning(b, 0), Points()) for b in ("quick", "standard"))]
    assert costs[1] == 3 * costs[0]
