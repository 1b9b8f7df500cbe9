"""Choosing a layer's learning rate by its reconstruction error (section 4: from this grid, the lowest error wins)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from rectinet.errors import DivergenceError
from rectinet.optimisers import Schedule
from rectinet.randomness import Purpose, stream
from rectinet.runs import loop
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.loop import Settings, State
from rectinet.wording import setting

GRID: Final = (0.1, 0.01, 0.001, 0.0001)
SHORT_RUN: Final = 10_000  # examples a rate is tried on, once each
HELD_OUT: Final = 1_000  # examples it is judged by, at most a tenth of all


def choose_rate(task: LayerTask, settings: Settings, watch: Callable[[], bool]) -> float | None:
    """The rate of the grid with the lowest error on held-out examples after a short run from the task's start.

    The task's own parameters stay as they are. A short run favours high rates a little; those that diverge lose.

    Parameters
    ----------
    settings : Settings
        Of the real run: seed, batch size, part.
    watch : callable
        Called after every block; the search ends when it answers True.

    Returns
    -------
    float or None
        None when the search was interrupted.

    Raises
    ------
    ValueError
        When every rate diverges.
    """
    n = task.source.n
    order = stream(settings.seed, Purpose.VALIDATION_SPLIT, part=task.layer + 1).permutation(n)
    n_held = min(HELD_OUT, n // 10)
    held, some = (order[:n_held], order[n_held : n_held + SHORT_RUN]) if n_held else (order, order)
    errors = {}
    for rate in GRID:
        trial = replace(
            task,
            autoencoder=task.autoencoder.copy(),
            settings=replace(task.settings, learning_rate=rate),
            source=task.source.take(np.sort(some)),
            validation=task.source.take(np.sort(held)),
        )
        one_epoch = replace(settings, schedule=Schedule(rate), max_epochs=1)
        try:
            state = loop.fit(trial, one_epoch, State(), lambda _: watch())
        except DivergenceError:
            continue
        if state.best is None:
            return None
        if np.isfinite(state.best.error):
            errors[rate] = state.best.error
    if not errors:
        raise ValueError(
            f"pre-training of hidden layer {task.layer} diverged at every rate of {GRID}: scale the features "
            f"({setting('scaling', 'minmax')}), or give a smaller {setting('pretrain_learning_rate')}"
        )
    return min(errors, key=lambda rate: errors[rate])
