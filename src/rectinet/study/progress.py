"""What a person sees while a study is running: runs done, what went wrong, and the time left by measured speed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn

from rectinet.study.jobs import Job
from rectinet.study.result import Result


@dataclass
class Pace:
    """How fast work gets done, by the training seconds of the runs that have ended.

    Attributes
    ----------
    left : float
        Cost of all runs that have not ended, in any one unit.
    workers : int
        Runs at a time.
    cost, seconds : float
        Of those that have ended and told their seconds.
    """

    left: float
    workers: int
    cost: float = 0.0
    seconds: float = 0.0

    def learn(self, cost: float, seconds: float) -> None:
        """A run has ended."""
        self.left -= cost
        if seconds > 0:
            self.cost += cost
            self.seconds += seconds

    def seconds_left(self) -> float | None:
        """By the speed so far; None before a run has ended."""
        return self.left * self.seconds / self.cost / self.workers if self.cost else None


def spoken(seconds: float | None) -> str:
    """A time as people say it."""
    if seconds is None:
        return "measuring the time left"
    minutes, hours = round(seconds / 60), seconds / 3600
    if seconds < 90:
        return f"{seconds:.0f} s left"
    return f"{minutes} min left" if minutes < 90 else f"{hours:.1f} h left"


class Board:
    """A line that moves; see `board`."""

    def __init__(self, progress: Progress, line: TaskID, pace: Pace) -> None:
        self.progress, self.line, self.pace = progress, line, pace
        self.working: dict[str, str] = {}

    def began(self, job: Job) -> None:
        self.working[job.key] = _name(job)
        self._show()

    def paused(self, job: Job) -> None:
        """It waits for other runs."""
        self.working.pop(job.key, None)
        self._show()

    def ended(self, job: Job, result: Result) -> None:
        self.working.pop(job.key, None)
        if result.state == "interrupted":
            return
        self.pace.learn(job.cost, float(result.moment.get("seconds", 0.0)))
        if result.state in ("diverged", "failed"):
            sentence = f"{_name(job)} {result.state}: {result.error}"
            self.progress.console.print(f"[yellow]{escape(sentence)}[/]")
        self.progress.advance(self.line)
        self._show()

    def _show(self) -> None:
        now = next(iter(self.working.values()), "")
        more = f" and {len(self.working) - 1} more" if len(self.working) > 1 else ""
        self.progress.update(self.line, now=now + more, left=spoken(self.pace.seconds_left()))


@contextmanager
def board(jobs: list[Job], workers: int, console: Console) -> Iterator[Board]:
    """A live line over the runs of this call."""
    columns = (
        SpinnerColumn(),
        MofNCompleteColumn(),
        TextColumn("runs"),
        BarColumn(),
        TextColumn("{task.fields[left]}"),
        TextColumn("[dim]{task.fields[now]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        line = progress.add_task("", total=len(jobs), now="", left=spoken(None))
        yield Board(progress, line, Pace(sum(job.cost for job in jobs), workers))


def _name(job: Job) -> str:
    return ", ".join(f"{name}={value}" for name, value in job.planned.labels.items()) or job.key[:12]
