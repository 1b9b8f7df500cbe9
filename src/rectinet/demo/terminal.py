"""What the demo shows in the terminal: networks training side by side, time left, then the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rectinet.demo.experiment import Contender, Result
from rectinet.demo.labels import Comparison, Planned
from rectinet.demo.table import CELL_HEADINGS, HEADINGS, ROW_NAMES, cell_rows, percentages, rows
from rectinet.runs.greedy import PretrainingState
from rectinet.runs.run import Moment, Watch


@contextmanager
def board(
    console: Console, contenders: Sequence[Contender], n_examples: int
) -> Iterator[Callable[[Contender, Moment], None]]:
    """A line for each contender: epochs, error, zeros, seconds; without a terminal only the last state is printed."""
    with _bars(console, "{task.completed:2.0f}/{task.total:.0f}", "{task.fields[facts]}") as progress:
        lines = {c: progress.add_task(c.label, total=int(c.configuration.max_epochs), facts="") for c in contenders}

        def show(contender: Contender, moment: Moment) -> None:
            line, state = lines[contender], moment.state
            progress.update(line, completed=_visits(contender, moment, n_examples) / n_examples)
            if state.history:
                latest, seconds = state.history[-1], sum(entry["seconds"] for entry in state.history)
                error, zeros = 100 * latest["validation_error"], f"{percentages(latest['zeros'])} %"
                progress.update(line, facts=f"[dim]error[/] {error:4.1f} % [dim]zeros[/] {zeros:<14} {seconds:4.1f} s")

        yield show


@contextmanager
def counter(console: Console, planned: Sequence[Planned]) -> Iterator[Callable[[Planned], Watch]]:
    """One bar over all planned runs, which begin in this order."""
    with _bars(console) as progress:
        line = progress.add_task(f"{len(planned)} networks", total=sum(this.visits for this in planned))

        def watcher(this: Planned) -> Watch:
            before = sum(earlier.visits for earlier in planned[: planned.index(this)])

            def watch(moment: Moment) -> bool:
                progress.update(line, completed=before + _visits(this.contender, moment, this.n))
                return False

            return watch

        yield watcher


def _visits(contender: Contender, moment: Moment, n_examples: int) -> int:
    """Examples seen so far, of every layer where layers are trained one by one."""
    state, epochs, c = moment.state, 0, contender.configuration
    if isinstance(state, PretrainingState):
        epochs, state = sum(c.per_layer(c.pretrain_epochs)[: state.layer]), state.run
    return (epochs + state.epoch) * n_examples + state.step * c.batch_size


def _bars(console: Console, *texts: str) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=8), *map(TextColumn, texts))
    return Progress(*columns, TimeRemainingColumn(compact=True), TextColumn("[dim]left[/]"), console=console)


def print_results(console: Console, results: Iterable[Result]) -> None:
    console.print(_table(HEADINGS, rows(results)))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Errors from few labels, then the six cells with all of them."""
    curves = {name: comparison.curve(pretrained) for pretrained, name in ROW_NAMES.items()}
    errors = [(name, *(f"{result.percent:.1f}" for _, result in curve)) for name, curve in curves.items()]
    numbers = [f"{n:,}" for n, _ in comparison.curve(False)]
    console.print(_table(("rectifier, error (%) by labels", *numbers), errors))
    console.print(_table(CELL_HEADINGS, cell_rows(comparison)))


def _table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="left" if k == 0 else "right")
    for row in cells:
        table.add_row(*row)
    return table
