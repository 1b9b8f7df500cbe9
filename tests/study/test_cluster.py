"""Runs on a cluster, here one that is made up: what it is asked for, and what happens when parts of it die.

`python -m benchmarks.study_cluster` does the same to a real one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from rectinet.study.cluster import Cluster
from rectinet.study.errors import StudyError
from rectinet.study.pool import TRIES
from rectinet.study.result import Result


class KilledWorker(Exception):
    """As distributed names it."""


class Future:
    """One that has ended as the cluster's script says."""

    def __init__(self, fate: str, key: str) -> None:
        self.status, self.key = fate, key

    def add_done_callback(self, told: Callable[[Any], None]) -> None:
        told(self)

    def result(self, timeout: float) -> Result:
        if self.status != "finished":
            raise KilledWorker
        return Result(self.key.split("-")[1], "done")

    def release(self) -> None:
        """Nothing to release."""

    def cancel(self, force: bool) -> None:
        """Nothing to cancel."""


class Client:
    """A scheduler that answers by a script of fates."""

    threads = 1
    fates: Iterator[str]
    made = 0

    def __init__(self, address: str, **options: Any) -> None:
        if address == "tcp://nowhere:1":
            raise OSError
        type(self).made += 1
        self.status, self.names = "running", []

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {k: {"nthreads": self.threads} for k in range(2)}}

    def submit(self, work: Any, task: Any, key: str, **options: Any) -> Future:
        self.names.append(key)
        return Future(next(self.fates), key)

    def close(self, timeout: float) -> None:
        self.status = "closed"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    class Mine(Client):
        pass

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Mine))
    return Mine


TASK: Any = SimpleNamespace(key="abc")


def test_a_result_is_fetched(client):
    client.fates = iter(["finished"])
    cluster = Cluster("tcp://here:1")
    assert cluster.slots == 4
    cluster.submit(TASK)
    assert cluster.next().state == "done"
    cluster.close()


def test_a_run_is_submitted_again_under_another_name_when_its_worker_dies(client):
    client.fates = iter(["error", "error", "finished"])
    cluster = Cluster("tcp://here:1")
    cluster.submit(TASK)
    assert cluster.next().state == "done"
    assert cluster.client.names == ["rectinet-abc-1", "rectinet-abc-2", "rectinet-abc-3"]


def test_a_run_that_kills_its_workers_is_given_up(client):
    client.fates = iter(["error"] * TRIES)
    cluster = Cluster("tcp://here:1")
    cluster.submit(TASK)
    lost = cluster.next()
    assert (lost.state, lost.key) == ("failed", "abc")
    assert "died 5 times" in lost.error


def test_a_run_that_goes_on_from_a_rung_loses_no_try_by_that(client):
    client.fates = iter([*["finished"] * TRIES, "error", "finished"])
    cluster = Cluster("tcp://here:1")
    for _ in range(TRIES + 1):
        cluster.submit(TASK)
        assert cluster.next().state == "done"


def test_a_scheduler_that_is_started_again_is_given_everything_again(client):
    client.fates = iter(["cancelled"] * (TRIES + 1) + ["finished"])
    cluster = Cluster("tcp://here:1")
    cluster.submit(TASK)
    assert cluster.next().state == "done"  # and no try of its own was lost
    assert client.made == TRIES + 2


def test_stopping_waits_for_nothing(client):
    client.fates = iter(["finished"])
    cluster = Cluster("tcp://here:1")
    cluster.submit(TASK)
    assert list(cluster.stop()) == []


def test_nobody_answers(client):
    with pytest.raises(StudyError, match="no Dask scheduler answers at tcp://nowhere:1"):
        Cluster("tcp://nowhere:1")


def test_a_cluster_that_was_started_otherwise_is_told_how(client):
    client.threads = 4
    with pytest.warns(UserWarning, match="dask worker tcp://here:1 --nthreads 1 --nworkers 4"):
        Cluster("tcp://here:1")


def test_without_dask_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r'pip install "rectinet\[dask\]"'):
        Cluster("tcp://here:1")
