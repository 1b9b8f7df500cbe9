"""The training loop: epochs of minibatches, early stopping, history, divergence, interruption, resuming.

The loop knows a task, not a network: supervised training and auto-encoders share it. All that changes during a run is
in `State`; a run stopped after any step and resumed from its state gives the same bytes as one never stopped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import numpy as np

from rectinet.arrays import Array
from rectinet.engine import Steps, Totals
from rectinet.errors import DivergenceError
from rectinet.losses import Score
from rectinet.network import row_blocks
from rectinet.optimisers import Schedule, Sgd
from rectinet.randomness import Purpose, stream

Status = Literal["running", "finished", "stopped early", "interrupted"]

BLOCK_SECONDS: Final = 0.2  # how long the engine runs before progress, checkpoints and Ctrl-C get their turn


@dataclass(frozen=True)
class Settings:
    """How the loop proceeds.

    Attributes
    ----------
    patience : int or None
        Epochs without a better validation error before stopping, counted from where the rate begins to fall; None runs
        all `max_epochs`.
    shuffling, part : Purpose, int
        Key of the order of examples.
    keep_best : bool
        Whether the best parameters are kept and put back.
    """

    schedule: Schedule
    batch_size: int
    max_epochs: int
    seed: int
    shuffle: bool = True
    patience: int | None = None
    shuffling: Purpose = Purpose.SHUFFLING
    part: int = 0
    rule: Sgd = Sgd()
    keep_best: bool = True

    @property
    def constant_epochs(self) -> int:
        """Epochs before the rate falls. Most is gained while it does, so patience is not lost before."""
        falls = self.schedule.decay_from < 1
        return math.ceil(self.schedule.decay_from * self.max_epochs) if falls else 0


class Task(Protocol):
    """Something the loop can train."""

    @property
    def n_examples(self) -> int: ...

    @property
    def block_steps(self) -> int | None:
        """How many steps to take between two looks at progress; None: as many as last about `BLOCK_SECONDS`."""
        ...

    def parameters(self) -> Iterable[tuple[str, Array]]:
        """Names and the arrays that training changes in place."""
        ...

    def train(self, steps: Steps, totals: Totals) -> None:
        """Take the steps, adding to the epoch's totals."""
        ...

    def validate(self) -> Score | None:
        """The score on held-out data, or None when there is none."""
        ...

    def summary(self, totals: Totals) -> dict[str, Any]:
        """What the history says about an epoch."""
        ...


@dataclass
class State:
    """Where a run stands. Everything a checkpoint holds beside the parameters themselves."""

    epoch: int = 0  # epochs completed
    step: int = 0  # steps completed in the current epoch
    totals: Totals = field(default_factory=Totals)  # of the current epoch so far
    seconds: float = 0.0  # spent in the current epoch so far
    history: list[dict[str, Any]] = field(default_factory=list)
    best: Score | None = None
    best_epoch: int = 0
    best_parameters: dict[str, Array] = field(default_factory=dict)
    status: Status = "running"

    def out_of_patience(self, settings: Settings) -> bool:
        """Whether early stopping ends the run here."""
        if settings.patience is None or self.best is None:
            return False
        return self.epoch - max(self.best_epoch, settings.constant_epochs) >= settings.patience

    def ends(self, settings: Settings) -> bool:
        """Whether no further epoch is to come."""
        return self.epoch >= settings.max_epochs or self.out_of_patience(settings)


Watch = Callable[[State], bool]


def fit(task: Task, settings: Settings, state: State, watch: Watch) -> State:
    """Train until the epochs are over, patience is, or `watch` wants to stop; the best parameters are put back.

    Parameters
    ----------
    state : State
        Where to begin or to go on; the task's parameters must be those of the same moment.
    watch : callable
        Called with the state after every block of steps and after every epoch: progress, checkpoints, callbacks. When
        it answers True, the run ends as "interrupted".

    Raises
    ------
    DivergenceError
        When the loss (checked every block) or a parameter (checked every epoch) is not finite. The best parameters
        found before are in place when it is raised.
    """
    state.status = "running"
    pace = _Pace()
    try:
        while state.status == "running" and not state.ends(settings):
            stop = _run_epoch(task, settings, state, watch, pace) or watch(state)
            state.status = "interrupted" if stop else "running"
        if state.status == "running":
            state.status = "stopped early" if state.out_of_patience(settings) else "finished"
    except KeyboardInterrupt:
        state.status = "interrupted"
    finally:
        _restore(task, state)
    return state


class _Pace:
    """Chooses how many steps make a block, so that one lasts about `BLOCK_SECONDS`."""

    def __init__(self) -> None:
        self.steps = 1

    def learn(self, steps: int, seconds: float) -> None:
        wanted = steps * BLOCK_SECONDS / max(seconds, 1e-6)
        self.steps = int(max(1, min(wanted, 4 * self.steps)))


def _run_epoch(task: Task, settings: Settings, state: State, watch: Watch, pace: _Pace) -> bool:
    """Whether the run was stopped within the epoch."""
    n = task.n_examples
    order = np.arange(n, dtype=np.int64)
    if settings.shuffle:
        stream(settings.seed, settings.shuffling, state.epoch, settings.part).shuffle(order)
    steps_per_epoch = -(-n // settings.batch_size)
    while state.step < steps_per_epoch:
        began = time.perf_counter()
        n_steps = min(task.block_steps or pace.steps, steps_per_epoch - state.step)
        block = order[state.step * settings.batch_size : (state.step + n_steps) * settings.batch_size]
        first = state.epoch * steps_per_epoch + state.step
        rates = settings.schedule.rates(first, n_steps, settings.max_epochs * steps_per_epoch)
        task.train(Steps(block, settings.batch_size, rates, state.epoch, settings.rule), state.totals)
        if not np.isfinite(state.totals.loss + state.totals.penalty):
            raise DivergenceError(state.epoch + 1, _not_finite(task), settings.schedule.rate, state.history)
        state.step += n_steps
        seconds = time.perf_counter() - began
        state.seconds += seconds
        pace.learn(n_steps, seconds)
        if state.step < steps_per_epoch and watch(state):
            return True
    bad = _not_finite(task)
    if bad is not None:
        raise DivergenceError(state.epoch + 1, bad, settings.schedule.rate, state.history)
    _finish_epoch(task, settings, state)
    return False


def _finish_epoch(task: Task, settings: Settings, state: State) -> None:
    entry: dict[str, Any] = {"epoch": state.epoch + 1, **task.summary(state.totals)}
    score = task.validate()
    if score is not None:
        entry |= {"validation_error": score.error, "validation_loss": score.loss}
        if state.best is None or score.better_than(state.best):
            state.best, state.best_epoch = score, state.epoch + 1
            if settings.keep_best:
                _keep(task, state.best_parameters)
    state.history.append(entry | {"seconds": state.seconds})
    state.epoch += 1
    state.step, state.seconds, state.totals = 0, 0.0, Totals()


def _not_finite(task: Task) -> str | None:
    for name, values in task.parameters():
        if not all(np.isfinite(some).all() for some in row_blocks(values)):
            return name
    return None


def _keep(task: Task, kept: dict[str, Array]) -> None:
    """Copy the parameters; into the arrays that are there, so that no third copy of them is ever held."""
    for name, values in task.parameters():
        if name in kept and kept[name].flags.writeable:
            kept[name][...] = values
        else:
            kept[name] = values.copy()


def _restore(task: Task, state: State) -> None:
    if state.best_parameters:
        for name, values in task.parameters():
            values[...] = state.best_parameters[name]
