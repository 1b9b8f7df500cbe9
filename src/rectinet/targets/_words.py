"""Names of tasks, and wording of messages about targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from rectinet.suggestion import did_you_mean

Task = Literal["classify", "rate", "regress"]
TASKS: Final = get_args(Task)
IN_PYTHON: Final = 'task="{}"'  # how to override the inferred task
_SYNONYMS: Final = {"classification": "classify", "class": "classify", "regression": "regress", "rating": "rate"}


def checked_task(task: str, option: str = IN_PYTHON) -> Task:
    """A valid task; a ValueError suggests the nearest one."""
    if task in TASKS:
        return cast(Task, task)
    near = _SYNONYMS.get(task, task) if isinstance(task, str) else ""
    meant = did_you_mean(near, TASKS, option.format)
    name = option.partition("{")[0].rstrip(' ="')
    raise ValueError(f"{name} must be one of {', '.join(TASKS)}; got {task!r}{meant}")


@dataclass(frozen=True)
class Said:
    """Wording of the messages."""

    name: str
    option: str
    where: Callable[[int], str]

    def task(self, task: Task) -> str:
        return self.option.format(task)
