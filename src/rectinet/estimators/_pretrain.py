"""Running pre-training for an estimator: all who look on, and keeping its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rectinet.engine import Matrix
from rectinet.errors import DivergenceError
from rectinet.estimators._watch import Checkpointer, deferred_interrupt, pretraining_bar, watcher
from rectinet.network import Network
from rectinet.pretraining import LayerSettings, PretrainingState, pretrain


def run_pretraining(
    estimator: Any,
    network: Network,
    X: Matrix,
    layers: Sequence[LayerSettings],
    state: PretrainingState,
    checkpointer: Checkpointer | None,
    *,
    X_val: Matrix | None = None,
    keep_decoders: bool = False,
) -> None:
    """Pre-train the hidden layers of a network in place; `pretrain_history_` says how it went.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, between two steps and with the checkpoint written: half a stack is no estimator.
    PretrainingDiverged
    """
    try:
        with (
            pretraining_bar(bool(estimator.verbose), layers, int(X.shape[0])) as show,
            deferred_interrupt() as interrupt,
            np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
        ):
            pretrain(
                network,
                X,
                layers,
                engine=estimator._engine(),
                seed=estimator.seed_,
                state=state,
                watch=watcher(interrupt, checkpointer, show, None),
                X_val=X_val,
                keep_decoders=keep_decoders,
            )
    except DivergenceError:
        estimator.pretrain_history_ = state.history
        raise
    estimator.pretrain_history_ = state.history
    if state.status == "interrupted":
        raise KeyboardInterrupt(f"pre-training was interrupted in hidden layer {state.layer}")
