"""The demo: rectifier, softplus and tanh networks on real digits, zeros counted, everything shown on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rectinet.datasets import load
from rectinet.demo.contest import CONTENDERS as CONTENDERS
from rectinet.demo.contest import Contender as Contender
from rectinet.demo.contest import Entry
from rectinet.demo.contest import Outcome as Outcome
from rectinet.demo.contest import Plan as Plan
from rectinet.demo.labels import compare
from rectinet.demo.page import write_page
from rectinet.demo.terminal import Board, board, counter, print_labels, print_table


def run(
    out: Path = Path("rectinet-demo"),
    plan: Plan | None = None,
    contenders: Sequence[Contender] = CONTENDERS,
    console: Console | None = None,
) -> Path:
    """Train the contenders on the bundled digits, print the table and write ``out/index.html``.

    Ctrl-C ends the contest; the page shows the contenders that have at least one epoch behind them.

    Returns
    -------
    Path
        Of the page, which needs no other file and no network.

    Raises
    ------
    KeyboardInterrupt
        When Ctrl-C was pressed within the very first epoch.
    OSError
        When the page cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be had is better known before training
    plan = plan or Plan()
    console = console or Console()
    data = load("digits")
    layers = " - ".join(str(n) for n in (data.train.X.shape[1], *plan.n_hidden, len(data.class_names)))
    console.print(
        f"{len(data.train):,} handwritten digits of 8 x 8 pixels, networks of {layers} units, minibatches of "
        f"{plan.batch_size}, rate {plan.learning_rate:g}.\nA zero is a hidden unit whose output is exactly 0; the "
        "weights leaving it are skipped.\n"
    )
    entries = [Entry(contender, plan, data) for contender in contenders]
    with board(console, contenders, plan) as lines:
        _take_turns(entries, lines, plan.max_epochs, n_steps=-(-len(data.train) // plan.batch_size))
    outcomes = [entry.outcome() for entry in entries if entry.state.history]
    if not outcomes:
        raise KeyboardInterrupt  # pressed within the very first epoch: there is nothing to show
    console.print()
    print_table(console, outcomes)
    console.print(
        f"On {len(data.test)} test digits: error with its 95 % interval, and zeros by layer from the input; p compares "
        f"with the first network (exact McNemar test). Seconds and examples/s: training alone, {plan.n_threads} "
        "thread(s). The network without skipping is the control: the same numbers, with units that are off computed "
        "as if on.\n",
        style="dim",
        highlight=False,
    )
    labels = None
    if len(outcomes) == len(entries) and entries[-1].state.status != "interrupted":
        console.print("Now the same after pre-training: the hidden layers first learn to clean the images, unlabelled.")
        with counter(console, "networks") as count:
            labels = compare(plan, data, outcomes, count)
    if labels is not None:
        console.print()
        print_labels(console, labels)
    page = write_page(out, outcomes, plan, data, labels)
    console.print(f"Learning curves, filters and who fires for which digit: [bold]{page}[/]")
    return page


def _take_turns(entries: Sequence[Entry], lines: Board, max_epochs: int, n_steps: int) -> None:
    """An epoch each in turn, so that a busy moment of the machine strikes all alike; until Ctrl-C."""
    for _ in range(max_epochs):
        for entry in entries:
            if not entry.train_one_epoch(lines.watcher(entry.contender, n_steps)):
                return
