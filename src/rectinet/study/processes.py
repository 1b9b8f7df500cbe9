"""Several runs at once on this machine, each in a process of its own with one thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Final

from rectinet.study.errors import Unguarded
from rectinet.study.pool import TRIES, given_up
from rectinet.study.result import Result
from rectinet.study.work import Task, execute, never

GUARD: Final = (
    "the processes of the study could not begin. A script that runs a study with several jobs is imported by each of "
    'them: put what it does under `if __name__ == "__main__":`, or use one job'
)
CONTEXT: Final = multiprocessing.get_context("spawn")  # a forked child would share the engine's threads and memory
THREAD_POOLS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def refuse_while_imported() -> None:
    """Raise Unguarded in a process of the pool that is importing the script which began the pool."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise Unguarded(GUARD)


class Processes:
    """A pool of processes, begun again when one of them dies.

    Parameters
    ----------
    slots : int
        How many.
    """

    def __init__(self, slots: int) -> None:
        self.slots = self.workers = slots
        self.deaths: Counter[str] = Counter()  # by key: every task at work is suspected when a process dies
        self.tasks: dict[Future[Result], Task] = {}
        self.lost: list[Result] = []
        for name in THREAD_POOLS:  # read when NumPy is imported, so it is set before there is a child
            os.environ.setdefault(name, "1")
        self.began = CONTEXT.Event()  # whether any process got as far as to wait for tasks
        self._begin()

    def submit(self, task: Task) -> None:
        try:
            self._send(task)
        except BrokenProcessPool:  # noticed here before `next` could notice it
            self._begin_again()
            self._send(task)

    def next(self) -> Result:
        while not self.lost:
            ended, _ = wait(self.tasks, return_when=FIRST_COMPLETED)
            future = next(iter(ended))
            if not isinstance(future.exception(), BrokenProcessPool):
                del self.tasks[future]
                return future.result()
            self._begin_again()
        return self.lost.pop()

    def stop(self) -> Iterator[Result]:
        self.stopping.set()
        self.executor.shutdown(wait=True, cancel_futures=True)
        for future in self.tasks:
            if not future.cancelled() and future.exception() is None:
                yield future.result()
        self.tasks.clear()

    def close(self) -> None:
        self.executor.shutdown(wait=True)
        self.lifeline.close()

    def _send(self, task: Task) -> None:
        """Processes are begun here; a Ctrl-C that strikes meanwhile reaches us alone, and after it."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # what children begin with
        try:
            self.tasks[self.executor.submit(_work, task)] = task
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _begin(self) -> None:
        theirs, self.lifeline = CONTEXT.Pipe(duplex=False)
        self.stopping = CONTEXT.Event()
        self.executor = ProcessPoolExecutor(self.slots, CONTEXT, _begin_worker, (theirs, self.stopping, self.began))

    def _begin_again(self) -> None:
        """Every task at work is submitted once more, or given up where that has happened too often."""
        if not self.began.is_set():  # it was no run that killed them
            raise Unguarded(GUARD)
        tasks, finished = dict(self.tasks), self.tasks
        self.close()
        self.tasks = {future: task for future, task in finished.items() if _has_result(future)}
        self._begin()
        for future, task in tasks.items():
            if future in self.tasks:
                continue
            self.deaths[task.key] += 1
            if self.deaths[task.key] < TRIES:
                self._send(task)
            else:
                self.lost.append(given_up(task.key))


def _has_result(future: Future[Result]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


class _Worker:
    """What the processes of the pool know beside their tasks."""

    stop = staticmethod(never)


def _begin_worker(lifeline: Connection, stopping: Event, began: Event) -> None:
    """Ctrl-C is the study's to handle; and a worker whose study has been killed must not go on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.stop = staticmethod(stopping.is_set)
    began.set()
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()


def _die_with_parent(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()  # nothing is ever sent: the other end closes when the study ends, however it ends
    os._exit(1)


def _work(task: Task) -> Result:
    return execute(task, _Worker.stop)
