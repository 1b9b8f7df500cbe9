"""Running the training loop for an estimator: all who look on, and keeping what came of it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any, Final

import numpy as np

from rectinet import sparsity, training
from rectinet.errors import DivergenceError
from rectinet.estimators._callbacks import Callbacks, out_of_patience
from rectinet.estimators._watch import Checkpointer, deferred_interrupt, progress_bar, watcher
from rectinet.network import Network
from rectinet.training import Settings, State, Supervised

JUDGED_EXAMPLES: Final = 1000  # of the training examples, enough to see a silent layer
FEWEST_ACTIVE: Final = 0.1  # units per example on average; below, nine of ten examples reach no unit at all


def train(
    estimator: Any,
    task: Supervised,
    settings: Settings,
    state: State,
    checkpointer: Checkpointer | None,
    data: dict[str, Any],
) -> None:
    """Train until the epochs are over, patience is, or someone asks to stop; leave the estimator fitted.

    Parameters
    ----------
    state : State
        Where to begin: fresh, or from a checkpoint.
    data : dict
        What scikit-learn callbacks are shown: "X", "y", "metadata".

    Raises
    ------
    DivergenceError
        The estimator then has its history, and is fitted only when best parameters were known.
    """
    steps_per_epoch = -(-task.n_examples // settings.batch_size)
    if out_of_patience(settings, state):  # resumed after the last epoch of a run that had stopped early
        settings = replace(settings, max_epochs=state.epoch)
    try:
        with (
            Callbacks(estimator, task.network, settings, state, data) as callbacks,
            progress_bar(bool(estimator.verbose), settings.max_epochs, steps_per_epoch) as show,
            deferred_interrupt() as interrupt,
            np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
        ):
            training.fit(task, settings, state, watcher(interrupt, checkpointer, show, callbacks.end_of_epoch))
    except DivergenceError:
        keep(estimator, task.network if state.best is not None else None, state)
        raise
    keep(estimator, task.network, state)
    if interrupt.requested:
        warn_of_interruption(estimator, stacklevel=5)
    warn_of_silence(task, stacklevel=5)


def train_one_epoch(estimator: Any, task: Supervised, settings: Settings, state: State) -> None:
    """One epoch, no one but Ctrl-C looking on; the estimator changes only when it has gone well."""
    with deferred_interrupt() as interrupt, np.errstate(over="ignore", invalid="ignore"):
        training.fit(task, settings, state, watcher(interrupt, None, None, None))
    keep(estimator, task.network, state)
    if interrupt.requested:
        warn_of_interruption(estimator, stacklevel=5)


def keep(estimator: Any, network: Network | None, state: State) -> None:
    """Set the fitted attributes; without a network the estimator stays unfitted."""
    if network is not None:
        estimator.network_ = network
    estimator.history_ = state.history
    estimator.n_epochs_ = state.epoch
    estimator.best_epoch_ = state.best_epoch


def warn_of_silence(task: Supervised, stacklevel: int) -> None:
    """Say when a hidden layer hardly ever fires: nothing diverges then, and nothing is learned either."""
    n = task.n_examples
    some = np.unique(np.linspace(0, n - 1, min(n, JUDGED_EXAMPLES)).astype(np.int64))
    zeros = sparsity.zeros(task.engine, task.network, task.examples.X[some])
    for k, (layer, share) in enumerate(zip(task.network.hidden, zeros, strict=True)):
        active = (1 - share) * layer.n_out
        if active < FEWEST_ACTIVE:
            remedy = ", or lower activity_l1" if task.objective.activity_l1[k] else ""
            warnings.warn(
                f"hidden layer {k} is silent: of its {layer.n_out} units {active:.2g} fire per example, so the outputs "
                "hardly depend on X. Scale the features (for example StandardScaler or MinMaxScaler) or lower "
                f"learning_rate, by a factor of 10 at a time{remedy}",
                UserWarning,
                stacklevel=stacklevel,
            )
            return


def warn_of_interruption(estimator: Any, stacklevel: int) -> None:
    warnings.warn(
        f"training was interrupted after {estimator.n_epochs_} whole epochs; the estimator is usable as it is",
        UserWarning,
        stacklevel=stacklevel,
    )
