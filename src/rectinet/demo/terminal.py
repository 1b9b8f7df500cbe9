"""What the demo shows in the terminal: networks training side by side in time, then the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from rectinet.demo.contest import Contender, Outcome
from rectinet.demo.table import HEADINGS, percentages, rows
from rectinet.training import State, Watcher


class Board:
    """One line for each contender: epochs done, validation error, zeros counted while training."""

    def __init__(self, progress: Progress, contenders: Sequence[Contender], max_epochs: int) -> None:
        self._progress = progress
        self._lines = {
            contender: progress.add_task(contender.label, total=max_epochs, start=False, error="", zeros="")
            for contender in contenders
        }

    def watcher(self, contender: Contender, n_steps: int) -> Watcher:
        """What training calls after every block of steps; an epoch has `n_steps`."""
        line = self._lines[contender]
        self._progress.start_task(line)

        def watch(state: State) -> None:
            done = state.epoch + state.step / n_steps
            if state.history:
                latest = state.history[-1]
                error = f"{100 * latest['validation_error']:4.1f} %"
                self._progress.update(line, completed=done, error=error, zeros=percentages(latest["zeros"]))
            else:
                self._progress.update(line, completed=done)

        return watch

    def finish(self, contender: Contender) -> None:
        self._progress.stop_task(self._lines[contender])


@contextmanager
def board(console: Console, contenders: Sequence[Contender], max_epochs: int) -> Iterator[Board]:
    """The live display; without a terminal only its last state is printed."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=10),
        TextColumn("{task.completed:2.0f}/{task.total:.0f}"),
        TextColumn("[dim]error[/] {task.fields[error]:>6}"),
        TextColumn("[dim]zeros, %[/] {task.fields[zeros]:<12}"),
        TimeElapsedColumn(),
        console=console,
    )
    with progress:
        yield Board(progress, contenders, max_epochs)


def print_table(console: Console, outcomes: Sequence[Outcome]) -> None:
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for k, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if k == 0 else "right")
    for row in rows(outcomes):
        table.add_row(*row)
    console.print(table)
