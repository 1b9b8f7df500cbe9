"""What is seen while a study is running."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from rectinet.study.jobs import jobs_of
from rectinet.study.progress import Pace, board, spoken
from rectinet.study.result import Result
from tests.study import tiny


def test_the_time_left_follows_the_measured_speed():
    pace = Pace(left=100.0, workers=2)
    assert pace.seconds_left() is None
    pace.learn(20.0, 10.0)
    assert pace.seconds_left() == 20.0
    pace.learn(40.0, 0.0)  # failed at once: that is no speed
    assert pace.seconds_left() == 10.0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "measuring the time left"), (4.2, "4 s left"), (600, "10 min left"), (3 * 3600, "3.0 h left")],
)
def test_times_are_said_as_people_say_them(seconds, said):
    assert spoken(seconds) == said


def test_what_goes_wrong_is_told_at_once():
    jobs = jobs_of(tiny.runs("quick"))
    output = io.StringIO()
    console = Console(file=output, width=200, force_terminal=False)
    with board(jobs, 1, console) as shown:
        for job in jobs[:2]:
            shown.began(job)
        shown.ended(jobs[0], Result(jobs[0].key, "done"))
        shown.ended(jobs[1], Result(jobs[1].key, "failed", error="ValueError: [it] broke"))
    assert "seed=0, pretrained=True failed: ValueError: [it] broke" in output.getvalue()


def test_an_interrupted_run_is_not_counted():
    jobs = jobs_of(tiny.runs("quick"))
    with board(jobs, 1, Console(quiet=True)) as shown:
        shown.ended(jobs[0], Result(jobs[0].key, "interrupted"))
        assert shown.progress.tasks[0].completed == 0
