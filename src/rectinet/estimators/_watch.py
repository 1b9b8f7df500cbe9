"""What looks on while a network trains: progress bar, checkpoints, scikit-learn callbacks, Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from rectinet.estimators._checkpoint import contents
from rectinet.network import Network
from rectinet.pretraining import LayerSettings, PretrainingState
from rectinet.storage import save_checkpoint
from rectinet.training import State

Watched = State | PretrainingState

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
    pretrain_history : list of dict
        Of the pre-training that came before, once it is over.
    """

    path: str | os.PathLike[str]
    network: Network
    identity: dict[str, Any]
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)
    written: float = field(default_factory=time.monotonic)

    def __call__(self, state: Watched, interrupted: bool) -> None:
        run = state.run if isinstance(state, PretrainingState) else state
        due = (run.step == 0 and run.epoch > 0) or time.monotonic() - self.written >= CHECKPOINT_SECONDS
        if due or interrupted:
            arrays, document = contents(state, self.pretrain_history)
            save_checkpoint(self.path, self.network, arrays, {"identity": self.identity, **document})
            self.written = time.monotonic()


def watcher(
    interrupt: Interrupt,
    checkpointer: Checkpointer | None,
    show: Callable[[Any], None] | None,
    end_of_epoch: Callable[[State], bool] | None,
) -> Callable[[Any], None]:
    """All who look on as one; raises StopIteration when Ctrl-C or `end_of_epoch` ask to stop."""

    def watch(state: Any) -> None:
        if checkpointer is not None:
            checkpointer(state, interrupt.requested)
        if show is not None:
            show(state)
        stop = end_of_epoch is not None and state.step == 0 and end_of_epoch(state)
        if stop or interrupt.requested:
            raise StopIteration

    return watch


@contextmanager
def progress_bar(shown: bool, max_epochs: int, steps_per_epoch: int) -> Iterator[Callable[[State], None] | None]:
    """A live line with epochs, loss, validation error and zeros; None when nothing shall be shown."""
    if not shown:
        yield None
        return
    with _bar(max_epochs * steps_per_epoch) as update:

        def show(state: State) -> None:
            facts = _facts(state.history[-1]) if state.history else ""
            update(state.epoch * steps_per_epoch + state.step, f"epoch {state.epoch}/{max_epochs}", facts)

        yield show


@contextmanager
def pretraining_bar(
    shown: bool, layers: Sequence[LayerSettings], n_examples: int
) -> Iterator[Callable[[PretrainingState], None] | None]:
    """The same for pre-training, over all layers."""
    if not shown:
        yield None
        return
    per_epoch = [-(-n_examples // settings.batch_size) for settings in layers]
    steps = [settings.epochs * n for settings, n in zip(layers, per_epoch, strict=True)]
    with _bar(sum(steps)) as update:

        def show(state: PretrainingState) -> None:
            k, run = state.layer, state.run
            title = f"pre-training layer {k + 1}/{len(layers)} epoch {run.epoch}/{layers[k].epochs}"
            facts = _facts(run.history[-1]) if run.history else ""
            update(sum(steps[:k]) + run.epoch * per_epoch[k] + run.step, title, facts)

        yield show


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int, str, str], None]]:
    """A line of progress to be told the steps done, a title and facts."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[title]}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("", total=total, title="", facts="")
        yield lambda done, title, facts: progress.update(task, completed=done, title=title, facts=facts)


def _facts(entry: dict[str, Any]) -> str:
    parts = [f"loss {entry['loss']:.4g}"]
    if "validation_error" in entry:
        parts.append(f"validation error {entry['validation_error']:.4g}")
    zeros = entry["zeros"] if isinstance(entry["zeros"], list) else [entry["zeros"]]
    if zeros:
        parts.append("zeros " + " ".join(f"{share:.0%}" for share in zeros))
    return " · ".join(parts)
