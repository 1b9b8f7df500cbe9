"""What the demo shows in the terminal: networks training side by side, then the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from rectinet.demo.contest import Contender, Outcome, Plan
from rectinet.demo.labels import N_NETWORKS, Labels
from rectinet.demo.table import CELL_HEADINGS, HEADINGS, ROW_NAMES, cell_rows, percentages, rows
from rectinet.runs.loop import State, Watch


class Board:
    """One line for each contender: epochs done, validation error, zeros counted while training."""

    def __init__(self, progress: Progress, contenders: Sequence[Contender], max_epochs: int) -> None:
        self._progress = progress
        self._lines = {
            contender: progress.add_task(contender.label, total=max_epochs, error="", zeros="", seconds=0.0)
            for contender in contenders
        }

    def watcher(self, contender: Contender, n_steps: int) -> Watch:
        """What training calls after every block of steps; an epoch has `n_steps`."""
        line = self._lines[contender]

        def watch(state: State) -> bool:
            seconds = state.seconds + sum(entry["seconds"] for entry in state.history)
            self._progress.update(line, completed=state.epoch + state.step / n_steps, seconds=seconds)
            if state.history:
                latest = state.history[-1]
                error = f"{100 * latest['validation_error']:4.1f} %"
                self._progress.update(line, error=error, zeros=percentages(latest["zeros"]))
            return False

        return watch


@contextmanager
def board(console: Console, contenders: Sequence[Contender], plan: Plan) -> Iterator[Board]:
    """The live display; without a terminal only its last state is printed."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=10),
        TextColumn("{task.completed:2.0f}/{task.total:.0f}"),
        TextColumn("[dim]error[/] {task.fields[error]:>6}"),
        TextColumn("[dim]zeros, %[/] {task.fields[zeros]:<12}"),
        TextColumn("{task.fields[seconds]:5.2f} s"),
        console=console,
    )
    with progress:
        yield Board(progress, contenders, plan.max_epochs)


@contextmanager
def counter(console: Console, label: str) -> Iterator[Callable[[], None]]:
    """A bar that goes on by one network at every call."""
    progress = Progress(TextColumn("{task.description}"), BarColumn(bar_width=10), console=console)
    with progress:
        line = progress.add_task(label, total=N_NETWORKS)
        yield lambda: progress.advance(line)


def print_table(console: Console, outcomes: Sequence[Outcome]) -> None:
    console.print(_table(HEADINGS, rows(outcomes)))


def print_labels(console: Console, labels: Labels) -> None:
    """The six cells, and the errors from few labels."""
    console.print(_table(CELL_HEADINGS, cell_rows(labels)))
    numbers = [n for n, _ in labels.curves[True]]
    errors = [
        (name, *(f"{100 * outcome.error:.1f}" for _, outcome in labels.curves[before]))
        for before, name in ROW_NAMES.items()
    ]
    console.print(_table(("rectifier, error by labels, %", *(f"{n:,}" for n in numbers)), errors))


def _table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="left" if k == 0 else "right")
    for row in cells:
        table.add_row(*row)
    return table
