"""The training loop: epochs of minibatches, early stopping, history, divergence, interruption, resuming.

The loop knows a task, not a network: supervised training and auto-encoders share it. All that changes during a run is
in `State`; a run stopped after any step and resumed from its state gives the same bytes as one never stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from rectinet.engine import Array, Engine, Examples, Objective, Totals
from rectinet.errors import DivergenceError
from rectinet.network import Network
from rectinet.randomness import Purpose, stream

Status = Literal["running", "finished", "stopped early", "interrupted"]


@dataclass(frozen=True)
class Settings:
    """How a run proceeds (section 4: constant rate, minibatches of 10).

    Attributes
    ----------
    patience : int or None
        Epochs without a better validation error before stopping; None runs all `max_epochs`.
    decay_from : float
        Share of the run after which the rate falls linearly to 0; 1 keeps it constant, as in the paper.
    block_seconds : float
        How long the engine may run before progress, checkpoints and Ctrl-C get their turn. Changes no result.
    block_steps : int or None
        Fixed number of steps instead, for tests.
    """

    learning_rate: float
    batch_size: int
    max_epochs: int
    seed: int
    shuffle: bool = True
    patience: int | None = None
    decay_from: float = 1.0
    shuffling: Purpose = Purpose.SHUFFLING
    part: int = 0
    block_seconds: float = 0.2
    block_steps: int | None = None

    def rates(self, first_step: int, n_steps: int, total_steps: int) -> NDArray[np.float64]:
        """The learning rate of each of `n_steps` steps, counted over the whole run."""
        if self.decay_from >= 1:
            return np.full(n_steps, self.learning_rate)
        done = np.arange(first_step, first_step + n_steps) / total_steps
        return self.learning_rate * np.minimum(1.0, (1.0 - done) / (1.0 - self.decay_from))


@dataclass(frozen=True)
class Score:
    """A task on held-out data: `error` decides, `loss` breaks ties."""

    error: float
    loss: float

    def better_than(self, other: Score) -> bool:
        """Whether it wins; anything finite beats what is not."""
        mine, theirs = ((not np.isfinite(s.loss), s.error, s.loss) for s in (self, other))
        return mine < theirs


class Task(Protocol):
    """Something the loop can train."""

    @property
    def n_examples(self) -> int: ...

    def parameters(self) -> Iterable[tuple[str, Array]]:
        """Names and the arrays that training changes in place."""
        ...

    def run(
        self, order: NDArray[np.int64], epoch: int, batch_size: int, rates: NDArray[np.float64], totals: Totals
    ) -> None:
        """One step per minibatch of `order`, adding to the epoch's totals."""
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


Watcher = Callable[[State], None]


def fit(task: Task, settings: Settings, state: State | None = None, watch: Watcher | None = None) -> State:
    """Train until the epochs are over, patience is, or Ctrl-C is pressed; the best parameters are put back.

    Parameters
    ----------
    state : State, optional
        Where to go on; the task's parameters must be those of the same moment.
    watch : callable, optional
        Called with the state after every block of steps and after every epoch: progress, checkpoints, callbacks. A
        StopIteration from it ends the run as "interrupted".

    Raises
    ------
    DivergenceError
        When the loss (checked every block) or a parameter (checked every epoch) is not finite. The best parameters
        found before are in place when it is raised.
    """
    state = state or State()
    state.status = "running"
    watch = watch or _nobody
    pace = _Pace(settings)
    try:
        while state.epoch < settings.max_epochs and not _out_of_patience(settings, state):
            _run_epoch(task, settings, state, watch, pace)
            watch(state)
        state.status = "stopped early" if _out_of_patience(settings, state) else "finished"
    except (KeyboardInterrupt, StopIteration):
        state.status = "interrupted"
    except DivergenceError:
        _restore(task, state)
        raise
    _restore(task, state)
    return state


def _nobody(state: State) -> None:
    pass


def _out_of_patience(settings: Settings, state: State) -> bool:
    waits = settings.patience is not None and state.best is not None
    return waits and state.epoch - state.best_epoch >= (settings.patience or 0)


class _Pace:
    """Chooses how many steps make a block, so that one lasts about `block_seconds`."""

    def __init__(self, settings: Settings) -> None:
        self.seconds = settings.block_seconds
        self.fixed = settings.block_steps is not None
        self.steps = settings.block_steps or 1

    def learn(self, steps: int, seconds: float) -> None:
        if not self.fixed:
            wanted = steps * self.seconds / max(seconds, 1e-6)
            self.steps = int(max(1, min(wanted, 4 * self.steps)))


def _run_epoch(task: Task, settings: Settings, state: State, watch: Watcher, pace: _Pace) -> None:
    n = task.n_examples
    order = np.arange(n, dtype=np.int64)
    if settings.shuffle:
        stream(settings.seed, settings.shuffling, state.epoch, settings.part).shuffle(order)
    steps_per_epoch = -(-n // settings.batch_size)
    while state.step < steps_per_epoch:
        began = time.perf_counter()
        steps = min(pace.steps, steps_per_epoch - state.step)
        piece = order[state.step * settings.batch_size : (state.step + steps) * settings.batch_size]
        first = state.epoch * steps_per_epoch + state.step
        rates = settings.rates(first, steps, settings.max_epochs * steps_per_epoch)
        task.run(piece, state.epoch, settings.batch_size, rates, state.totals)
        if not np.isfinite(state.totals.loss + state.totals.penalty):
            raise DivergenceError(state.epoch + 1, _not_finite(task), settings.learning_rate, state.history)
        state.step += steps
        seconds = time.perf_counter() - began
        state.seconds += seconds
        pace.learn(steps, seconds)
        if state.step < steps_per_epoch:
            watch(state)
    bad = _not_finite(task)
    if bad is not None:
        raise DivergenceError(state.epoch + 1, bad, settings.learning_rate, state.history)
    _finish_epoch(task, state)


def _finish_epoch(task: Task, state: State) -> None:
    entry: dict[str, Any] = {"epoch": state.epoch + 1, **task.summary(state.totals)}
    score = task.validate()
    if score is not None:
        entry |= {"validation_error": score.error, "validation_loss": score.loss}
        better = state.best is None or score.better_than(state.best)
        if better:
            state.best, state.best_epoch = score, state.epoch + 1
            state.best_parameters = {name: values.copy() for name, values in task.parameters()}
    state.history.append(entry | {"seconds": state.seconds})
    state.epoch += 1
    state.step, state.seconds, state.totals = 0, 0.0, Totals()


def _not_finite(task: Task) -> str | None:
    return next((name for name, values in task.parameters() if not np.isfinite(values).all()), None)


def _restore(task: Task, state: State) -> None:
    if state.best_parameters:
        for name, values in task.parameters():
            values[...] = state.best_parameters[name]


@dataclass(frozen=True)
class Supervised:
    """A network with a softmax or squared-error head, trained on labelled examples."""

    network: Network
    examples: Examples
    objective: Objective
    engine: Engine
    validation: Examples | None = None

    @property
    def n_examples(self) -> int:
        return self.examples.n

    def parameters(self) -> Iterable[tuple[str, Array]]:
        return self.network.parameters()

    def run(
        self, order: NDArray[np.int64], epoch: int, batch_size: int, rates: NDArray[np.float64], totals: Totals
    ) -> None:
        self.engine.train(
            self.network,
            self.examples,
            self.objective,
            order=order,
            batch_size=batch_size,
            learning_rates=rates,
            totals=totals,
        )

    def validate(self) -> Score | None:
        if self.validation is None:
            return None
        outputs = self.engine.outputs(self.network, self.validation.X)
        return score(outputs, self.validation, self.objective)

    def summary(self, totals: Totals) -> dict[str, Any]:
        inputs = np.array([layer.n_in for layer in self.network.layers])
        density = totals.active / (totals.examples * inputs)
        return {
            "loss": totals.loss / totals.examples,
            "penalty": totals.penalty / totals.examples,
            "training_error": totals.errors / totals.examples,
            "density": density.tolist(),
            "zeros": (1 - density[1:]).tolist(),
            "union": (totals.union / (totals.steps * inputs)).tolist(),
        }


def score(outputs: Array, examples: Examples, objective: Objective) -> Score:
    """Error rate and mean negative log-likelihood, or mean squared error twice; weighted when the examples are."""
    if objective.loss == "softmax":
        rows = np.arange(len(outputs))
        losses = logsumexp(outputs.astype(np.float64), axis=1) - outputs[rows, examples.Y]
        errors = (outputs.argmax(axis=1) != examples.Y).astype(np.float64)
    else:
        difference = outputs.astype(np.float64) - examples.Y.astype(np.float64)
        losses = errors = np.square(difference).mean(axis=1)
    return Score(float(np.average(errors, weights=examples.weight)), float(np.average(losses, weights=examples.weight)))
