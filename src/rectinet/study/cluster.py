"""Runs on the workers of a Dask cluster, which may die; the store is the truth, the scheduler keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from logging import CRITICAL, getLogger
from queue import Empty, SimpleQueue
from typing import Any, Final

from rectinet.study.errors import StudyError
from rectinet.study.pool import TRIES, given_up
from rectinet.study.result import Result
from rectinet.study.work import Task, execute
from rectinet.warning import warn

AHEAD: Final = 2  # tasks per thread of the cluster that are submitted: one at work, one that waits for it
PATIENCE_SECONDS: Final = 60  # for a scheduler that is started again
LOOK_SECONDS: Final = 2  # between two looks at whether the scheduler is still there


class Cluster:
    """A cluster by its address.

    What is known to go wrong is provided for: a worker's death blames every task it held, so each is submitted again
    by us, up to `TRIES` times; a result dies with its worker unless it is fetched, so each is fetched as soon as it is
    there and its future released; a scheduler that is started again knows nothing, so all that was on its way is
    submitted anew.

    Parameters
    ----------
    address : str
        For example "tcp://host:8786".
    patience : float
        Seconds to wait for a scheduler that cannot be reached.

    Raises
    ------
    StudyError
        When no cluster answers there.
    ImportError
        Without dask.distributed.
    """

    def __init__(self, address: str, patience: float = PATIENCE_SECONDS) -> None:
        try:
            self.distributed: Any = import_module("distributed")
        except ImportError as problem:
            raise ImportError('--dask needs dask.distributed: pip install "rectinet[dask]"') from problem
        getLogger("distributed.client").setLevel(CRITICAL)  # a scheduler that went away is provided for
        self.address, self.patience = address, patience
        self.deaths: Counter[str] = Counter()
        self.tasks: dict[Any, Task] = {}
        self.ended: SimpleQueue[Any] = SimpleQueue()
        self.sent = 0
        self.lost: list[Result] = []
        self._connect()
        self._advise()

    @property
    def slots(self) -> int:
        """Some wait at the workers, so that none idles."""
        return AHEAD * self.workers

    @property
    def workers(self) -> int:
        return max(1, sum(self._threads()))

    def submit(self, task: Task) -> None:
        self._send(task)

    def next(self) -> Result:
        while not self.lost:
            try:
                future = self.ended.get(timeout=LOOK_SECONDS)
            except Empty:
                future = None
            gone = future is not None and future in self.tasks and future.status == "cancelled"
            if gone or self.client.status != "running":
                self._begin_again()
            elif future in self.tasks:  # and not one that an earlier scheduler had
                result = self._result(future)
                if result is not None:
                    return result
        return self.lost.pop()

    def stop(self) -> Iterator[Result]:
        """Tasks at work end at their next look around; their results are not waited for."""
        for future in self.tasks:
            future.cancel(force=True)
        self.tasks.clear()
        return iter(())

    def close(self) -> None:
        self.client.close(timeout=5)

    def _send(self, task: Task) -> None:
        self.sent += 1  # a name that the scheduler may blame for a death is not used again
        name = f"rectinet-{task.key}-{self.sent}"
        future = self.client.submit(_work, task, key=name, pure=False, retries=0)
        self.tasks[future] = task
        future.add_done_callback(self.ended.put)

    def _result(self, future: Any) -> Result | None:
        """What a task gave; None when it died with its worker, and it has been submitted again."""
        task = self.tasks.pop(future)
        try:
            result: Result = future.result(timeout=self.patience)
            return result
        except Exception:  # KilledWorker and other words for it: a run itself never raises
            self.deaths[task.key] += 1
            if self.deaths[task.key] < TRIES:
                self._send(task)
            else:
                self.lost.append(given_up(task.key))
            return None
        finally:
            future.release()

    def _begin_again(self) -> None:
        """The scheduler that comes back knows none of the tasks, which is no fault of theirs."""
        tasks = list(self.tasks.values())
        self.tasks.clear()
        self._connect()
        for task in tasks:
            self._send(task)

    def _connect(self) -> None:
        old = getattr(self, "client", None)
        if old is not None:
            old.close(timeout=1)
        try:
            self.client = self.distributed.Client(self.address, timeout=self.patience, set_as_default=False)
        except (OSError, TimeoutError) as problem:
            raise StudyError(
                f"no Dask scheduler answers at {self.address}: start one with dask scheduler, and run again"
            ) from problem

    def _threads(self) -> list[int]:
        return [worker["nthreads"] for worker in self.client.scheduler_info(n_workers=-1)["workers"].values()]

    def _advise(self) -> None:
        """Say how the cluster is started rightly where it was not."""
        threads = self._threads()
        if not threads:
            warn(f"the cluster at {self.address} has no workers yet: dask worker {self.address} --nthreads 1")
        elif max(threads) > 1:
            warn(
                f"workers of the cluster at {self.address} run up to {max(threads)} tasks in one process; a run wants "
                f"a process of its own: dask worker {self.address} --nthreads 1 --nworkers {max(threads)}"
            )


def _work(task: Task) -> Result:
    return execute(task, _unwanted())


def _unwanted() -> Any:
    """What tells a task that nobody waits for it any more."""
    distributed: Any = import_module("distributed.worker")
    worker, key = distributed.get_worker(), distributed.thread_state.key

    def unwanted() -> bool:
        state = worker.state.tasks.get(key)
        return state is None or state.state == "cancelled"

    return unwanted
