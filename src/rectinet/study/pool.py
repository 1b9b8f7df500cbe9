"""Where runs are executed: the few things the runner asks of it, and the simplest answer, this process itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, Protocol

from rectinet.study.result import Result
from rectinet.study.work import Task, execute

TRIES: Final = 5  # of a run whose worker dies, in one call


class Pool(Protocol):
    """Executes tasks, several at once perhaps."""

    @property
    def slots(self) -> int:
        """How many tasks it is to have at a time."""
        ...

    @property
    def workers(self) -> int:
        """How many of them are executed at a time."""
        ...

    def submit(self, task: Task) -> None: ...

    def next(self) -> Result:
        """The result of whichever task ends first; waits for it."""
        ...

    def stop(self) -> Iterator[Result]:
        """End all tasks soon, their checkpoints written; what became of those of which that is known."""
        ...

    def close(self) -> None:
        """Nothing is to come any more."""
        ...


class Here:
    """One task after the other, in this process."""

    slots: Final = 1
    workers: Final = 1

    def __init__(self) -> None:
        self.tasks: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def next(self) -> Result:
        return execute(self.tasks.popleft())

    def stop(self) -> Iterator[Result]:
        self.tasks.clear()
        return iter(())

    def close(self) -> None:
        """Nothing to close."""


def given_up(key: str) -> Result:
    """The result of a task whose worker died again and again."""
    return Result(key, "failed", error=f"its worker died {TRIES} times, perhaps for want of memory")
