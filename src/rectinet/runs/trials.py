"""Choosing the learning rate, and with few examples the length, of supervised training by short runs of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.errors import DivergenceError
from rectinet.network import Network
from rectinet.optimisers import Schedule
from rectinet.randomness import Purpose, stream
from rectinet.runs import loop
from rectinet.runs.config import Configuration
from rectinet.runs.data import FEW, Part
from rectinet.runs.loop import Settings, State
from rectinet.runs.plan import Plan, most_epochs
from rectinet.runs.supervised import SupervisedTask
from rectinet.runs.targets import strata
from rectinet.wording import setting

GRID: Final = (0.1, 0.03, 0.01, 0.003, 0.001, 3e-4, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)  # the lower ones: unscaled features
UNTRIED: Final = 0.01  # where there are too few examples to try anything
FOLDS: Final = 3
FEWEST: Final = 2 * FOLDS  # examples to try anything with
SHORT_RUN: Final = 1_000  # updates that a rate is tried for, at most
SHORT_SHARE: Final = 0.25  # of the updates of the real run, at most
JUDGES: Final = 2_000  # held-out examples that many examples are judged by, at most
LONGER: Final = 2  # times the usual length, where a rate that falls was given and its length is chosen
SMOOTHING: Final = 10  # a trial's errors are averaged over a tenth of its epochs


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while a rate was tried.

    Attributes
    ----------
    network : Network
        Of the trial that was under way: nothing better is there yet.
    state : State
        Of its training.
    plan : Plan
        The trial's rate, constant.
    """

    def __init__(self, network: Network, state: State, plan: Plan) -> None:
        super().__init__("learning rates were being tried")
        self.network, self.state, self.plan = network, state, plan


Fold = tuple[Part, Part]
MakeTask = Callable[[Part, Part], SupervisedTask]


@dataclass(frozen=True)
class Trials:
    """What runs are tried, and on what.

    Attributes
    ----------
    task : callable
        Makes the training of a copy of the network on some examples, judged by others.
    folds : list of (Part, Part)
        Examples to train on and examples to judge by.
    settings : Settings
        Of the real run; trials have its seed, minibatches and rule, at a constant rate.
    watch : callable
        Told the rate on trial after every block of steps; the search ends when it answers True.
    """

    task: MakeTask
    folds: Sequence[Fold]
    settings: Settings
    watch: Callable[[float], bool]

    def run(self, rate: float, epochs: int) -> dict[str, Any]:
        """A trial in every fold: the number of epochs with the lowest mean error, and that error."""
        curves = []
        for train, judges in self.folds:
            settings = replace(
                self.settings, schedule=Schedule(rate), max_epochs=epochs, patience=None, keep_best=False
            )
            task = self.task(train, judges)
            try:
                state = loop.fit(task, settings, State(), lambda _: self.watch(rate))
            except DivergenceError:
                return {"learning_rate": rate, "epochs": 0, "validation_error": None, "validation_loss": None}
            if state.status == "interrupted":
                raise Interrupted(task.problem.network, state, Plan(rate, 1.0, max(1, state.epoch)))
            curves.append([(entry["validation_error"], entry["validation_loss"]) for entry in state.history])
        errors, losses = smooth(np.array(curves).mean(axis=0)).T  # (epochs,) each
        best = int(np.lexsort((losses, errors))[0])
        found = {"validation_error": float(errors[best]), "validation_loss": float(losses[best])}
        return {"learning_rate": rate, "epochs": best + 1, **found}

    def descend(self, epochs: int) -> list[dict[str, Any]]:
        """Trials from the highest rate down, until two in a row are worse than the best before."""
        trials: list[dict[str, Any]] = []
        for rate in GRID:
            trials.append(self.run(rate, epochs))
            lowest = error_and_loss(best_of(trials))[0]
            if len(trials) > 2 and all(error_and_loss(each)[0] > lowest for each in trials[-2:]):
                break
        return trials


def choose(
    configuration: Configuration,
    task: MakeTask,
    training: Part,
    held_out: Part | None,
    settings: Settings,
    watch: Callable[[float], bool],
) -> Plan:
    """Rate and length of a run: as the configuration says, or as short runs of it say.

    Parameters
    ----------
    held_out : Part or None
        Judges the epochs of the real run, and then the trials too.
    task, settings, watch
        See `Trials`.

    Raises
    ------
    ValueError
        When training diverges at every rate.
    Interrupted
        When the watcher ends the search.
    """
    n, fall = len(training), configuration.falls_from
    epochs = most_epochs(configuration, n)
    rate = None if configuration.learning_rate == "auto" else float(configuration.learning_rate)
    by_length = configuration.early_stopping == "auto" and held_out is None and n < FEW
    if n < FEWEST or (rate is not None and not by_length):
        return Plan(UNTRIED if rate is None else rate, fall, epochs)
    trials = Trials(task, _folds(configuration, training, held_out, settings), settings, watch)
    updates_per_epoch = math.ceil(len(trials.folds[0][0]) / settings.batch_size)
    if rate is not None and fall < 1 and configuration.max_epochs == "auto":
        epochs *= LONGER  # nobody knows how low a given rate is, and the folds say when to stop
    as_far = (1 + fall) / 2  # a constant rate moves as far in `as_far` times the epochs as one that falls
    length = math.ceil(epochs * as_far)
    found, rates = [], [] if rate is None else [rate]
    if rate is None:
        short = min(SHORT_RUN, SHORT_SHARE * length * updates_per_epoch)
        found = trials.descend(max(1, round(short / updates_per_epoch)))
        rate = float(best_of(found)["learning_rate"])
        if best_of(found)["validation_error"] is None:
            raise ValueError(
                f"training diverged at every learning rate from {GRID[0]:g} down to {GRID[-1]:g}: scale the features "
                f"({setting('scaling', 'standard')})"
            )
        rates = [lower for lower in GRID if lower <= rate]
    for rate in rates if by_length else ():
        found.append(trials.run(rate, length))
        if found[-1]["epochs"]:
            epochs = min(epochs, max(1, round(found[-1]["epochs"] / as_far)))
            break  # what diverges only later is tried at the next lower rate
    return Plan(rate, fall, epochs, found)


def best_of(trials: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The trial of lowest error; of equal ones that of lowest loss."""
    return min(trials, key=error_and_loss)


def error_and_loss(trial: dict[str, Any]) -> tuple[float, float]:
    """Of a trial; infinite where it diverged."""
    if trial["validation_error"] is None:
        return math.inf, math.inf
    return float(trial["validation_error"]), float(trial["validation_loss"])


def smooth(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each epoch's mean with its neighbours, of curves of shape (epochs, n): few examples judge in coarse steps."""
    n = len(curves)
    reach = n // SMOOTHING // 2
    sums = np.vstack([np.zeros(curves.shape[1]), np.cumsum(curves, axis=0)])
    low, high = np.maximum(np.arange(n) - reach, 0), np.minimum(np.arange(n) + reach + 1, n)
    return np.asarray((sums[high] - sums[low]) / (high - low)[:, None])


def _folds(configuration: Configuration, training: Part, held_out: Part | None, settings: Settings) -> list[Fold]:
    """Few examples all judge once, every class in its proportion; of many, some judge, and no more than are needed."""
    n = len(training)
    shuffled = stream(settings.seed, Purpose.TRIALS).permutation(n)
    if held_out is None and n < FEW:
        classes = strata(configuration.task, training.targets)
        if classes is not None:
            shuffled = shuffled[np.argsort(classes[shuffled], kind="stable")]
        fold = np.empty(n, dtype=np.int64)
        fold[shuffled] = np.arange(n) % FOLDS
        rows = [np.flatnonzero(fold == k) for k in range(FOLDS)]
        return [(training.take(np.setdiff1d(np.arange(n), judges)), training.take(judges)) for judges in rows]
    n_judges = 0 if held_out is not None else min(JUDGES, n // 10)
    some = np.sort(shuffled[n_judges : n_judges + SHORT_RUN * settings.batch_size])
    if held_out is None:
        return [(training.take(some), training.take(np.sort(shuffled[:n_judges])))]
    few = stream(settings.seed, Purpose.TRIALS, part=1).permutation(len(held_out))[:JUDGES]
    return [(training.take(some), held_out.take(np.sort(few)))]
