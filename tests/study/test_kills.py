"""A study that is killed at random moments ends with the bytes of one that never was."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path

import pytest

from rectinet.runs import Data
from rectinet.study.jobs import Facts
from rectinet.study.planned import Planned
from rectinet.study.processes import Processes
from rectinet.study.store import Store
from rectinet.study.work import Task
from tests.study.tiny import Points, fine_tuning

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("kill_driver.py")


@pytest.mark.parametrize(("kills", "jobs"), [("50", "1"), ("2", "2")])
def test_kills_change_no_byte_of_the_export(kills, jobs, tmp_path):
    command = [sys.executable, str(DRIVER), str(tmp_path), kills, jobs]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{kills} kills, different: []\n"


@dataclass(frozen=True)
class Deadly(Points):
    """Kills the process of the pool that loads it, as often as is wanted."""

    told: str = ""
    deaths: int = 1

    def load(self) -> Data:
        told = Path(self.told)
        times = len(told.read_text()) if told.exists() else 0
        if parent_process() is not None and times < self.deaths:
            told.write_text("x" * (times + 1))
            os.kill(os.getpid(), 9)
        return super().load()


def test_a_run_whose_process_dies_is_run_again(run_tiny, tmp_path):
    plans = [
        Planned(fine_tuning("quick", 0), Deadly(told=str(tmp_path / "told"))),
        *(Planned(fine_tuning("quick", seed), Points()) for seed in (1, 2)),
    ]
    assert run_tiny(plans=plans, jobs=2).states == {"done": 3}


def test_a_run_that_kills_every_process_is_given_up(run_tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("rectinet.study.processes.TRIES", 2)
    plans = [Planned(fine_tuning("quick", 0), Deadly(told=str(tmp_path / "told"), deaths=99))]
    assert run_tiny(plans=plans, jobs=2).states == {"failed": 1}
    with Store(tmp_path / "study") as store:
        assert "died" in store.records()[0].error


def test_a_stopped_pool_ends_its_runs_within_a_moment(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    endless = Planned(fine_tuning("endless", 0), Points())
    facts = Facts.of(Points().load())
    pool = Processes(1)
    pool.submit(Task(endless, endless.key(facts.checksum), facts.checksum, endless.numerics, None, False, tmp_path))
    assert [result.state for result in pool.stop()] in ([], ["interrupted"])
    pool.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_number_of_jobs_changes_no_prediction(jobs, run_tiny, finished, tmp_path):
    run_tiny(f"by {jobs}", jobs=jobs)
    with Store(finished) as one, Store(tmp_path / f"by {jobs}") as other:
        for mine, its in zip(one.records(), other.records(), strict=True):
            assert (mine.key, mine.history, mine.zeros) == (its.key, its.history, its.zeros)
            assert mine.predictions == its.predictions
