"""What looks on while a network trains: progress bar, checkpoints, scikit-learn callbacks, Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from rectinet.network import Network
from rectinet.storage import save_checkpoint, state_arrays, state_document
from rectinet.training import State, Watcher

CHECKPOINT_SECONDS: Final = 30.0  # between two checkpoints within an epoch


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


@dataclass
class Checkpointer:
    """Writes a checkpoint at the end of every epoch, every half minute within one, and when training is interrupted.

    Attributes
    ----------
    identity : dict
        What a fit must have in common with the checkpoint to resume it.
    """

    path: str | os.PathLike[str]
    network: Network
    identity: dict[str, Any]
    written: float = field(default_factory=time.monotonic)

    def __call__(self, state: State, interrupted: bool) -> None:
        if state.step == 0 or interrupted or time.monotonic() - self.written >= CHECKPOINT_SECONDS:
            document = {"identity": self.identity, "phase": "supervised", "state": state_document(state)}
            save_checkpoint(self.path, self.network, state_arrays(state), document)
            self.written = time.monotonic()


def watcher(
    interrupt: Interrupt,
    checkpointer: Checkpointer | None,
    show: Watcher | None,
    end_of_epoch: Callable[[State], bool] | None,
) -> Watcher:
    """All who look on as one; raises StopIteration when Ctrl-C or `end_of_epoch` ask to stop."""

    def watch(state: State) -> None:
        if checkpointer is not None:
            checkpointer(state, interrupt.requested)
        if show is not None:
            show(state)
        stop = state.step == 0 and end_of_epoch is not None and end_of_epoch(state)
        if stop or interrupt.requested:
            raise StopIteration

    return watch


@contextmanager
def progress_bar(shown: bool, max_epochs: int, steps_per_epoch: int) -> Iterator[Watcher | None]:
    """A live line with epochs, loss, validation error and zeros; None when nothing shall be shown."""
    if not shown:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("epoch {task.fields[epoch]}/" + str(max_epochs)),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("", total=max_epochs * steps_per_epoch, epoch=0, facts="")

        def show(state: State) -> None:
            done = state.epoch * steps_per_epoch + state.step
            facts = _facts(state.history[-1]) if state.history else ""
            progress.update(task, completed=done, epoch=state.epoch, facts=facts)

        yield show


def _facts(entry: dict[str, Any]) -> str:
    parts = [f"loss {entry['loss']:.4g}"]
    if "validation_error" in entry:
        parts.append(f"validation error {entry['validation_error']:.4g}")
    if entry["zeros"]:
        parts.append("zeros " + " ".join(f"{share:.0%}" for share in entry["zeros"]))
    return " · ".join(parts)
