"""What looks on while a network trains: progress bars and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from rectinet.runs.greedy import PretrainingState
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.loop import State

Show = Callable[[Any], None]


@dataclass
class Interrupt:
    """Whether Ctrl-C was pressed."""

    requested: bool = False


@contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """Note the first Ctrl-C instead of raising at once, so that training stops between two steps, never within one.

    A second Ctrl-C raises KeyboardInterrupt where it strikes. Handlers of the application are left alone, and so is
    every thread but the main one, which is the only one that Ctrl-C reaches.
    """
    interrupt = Interrupt()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )

    def note(signum: int, frame: FrameType | None) -> None:
        if interrupt.requested:
            raise KeyboardInterrupt
        interrupt.requested = True

    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield interrupt
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def training_bar(shown: bool, max_epochs: int, steps_per_epoch: int) -> Iterator[Show]:
    """A live line with epochs, loss, validation error and zeros, where it is to be shown."""
    with _bar(shown, max_epochs * steps_per_epoch) as update:

        def show(state: State) -> None:
            facts = _facts(state.history[-1]) if state.history else ""
            update(state.epoch * steps_per_epoch + state.step, f"epoch {state.epoch}/{max_epochs}", facts)

        yield show


@contextmanager
def pretraining_bar(shown: bool, layers: Sequence[LayerConfiguration], n_examples: int) -> Iterator[Show]:
    """The same for pre-training, over all layers."""
    per_epoch = [-(-n_examples // settings.batch_size) for settings in layers]
    steps = [settings.epochs * n for settings, n in zip(layers, per_epoch, strict=True)]
    with _bar(shown, sum(steps)) as update:

        def show(state: PretrainingState) -> None:
            k, run = state.layer, state.run
            title = f"pre-training layer {k + 1}/{len(layers)} epoch {run.epoch}/{layers[k].epochs}"
            facts = _facts(run.history[-1]) if run.history else ""
            update(sum(steps[:k]) + run.epoch * per_epoch[k] + run.step, title, facts)

        yield show


@contextmanager
def trial_bar(shown: bool) -> Iterator[Callable[[float], None]]:
    """A live line with the learning rate that is being tried; how many will be is not known beforehand."""
    with _bar(shown, None) as update:
        yield lambda rate: update(0, f"trying learning rate {rate:g}", "")


@contextmanager
def _bar(shown: bool, total: int | None) -> Iterator[Callable[[int, str, str], None]]:
    """A line of progress to be told the steps done, a title and facts."""
    if not shown:
        yield lambda done, title, facts: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[title]}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    progress = Progress(*columns)
    ended = not _worked(progress.start)
    task = progress.add_task("", total=total, title="", facts="")

    def update(done: int, title: str, facts: str) -> None:
        nonlocal ended
        ended = ended or not _worked(lambda: progress.update(task, completed=done, title=title, facts=facts))

    try:
        yield update
    finally:
        _worked(progress.stop)


def _worked(show: Callable[[], object]) -> bool:
    """Whether something could be shown. A terminal that was closed, that lacks a character or that another live display
    has taken is no reason to lose a fit, whatever the display raises.
    """
    try:
        show()
    except Exception:
        return False
    return True


def _facts(entry: dict[str, Any]) -> str:
    parts = [f"loss {entry['loss']:.4g}"]
    if "validation_error" in entry:
        parts.append(f"validation error {entry['validation_error']:.4g}")
    zeros = entry["zeros"] if isinstance(entry["zeros"], list) else [entry["zeros"]]
    if zeros:
        parts.append("zeros " + " ".join(f"{share:.0%}" for share in zeros))
    return " · ".join(parts)
