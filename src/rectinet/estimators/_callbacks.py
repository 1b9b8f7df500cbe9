"""scikit-learn's callback protocol (new in 1.9): one task per epoch."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rectinet.network import Network
from rectinet.training import Settings, State


def out_of_patience(settings: Settings, state: State) -> bool:
    """Whether early stopping has ended the run at this epoch."""
    waits = settings.patience is not None and state.best is not None
    return waits and state.epoch - state.best_epoch >= (settings.patience or 0)


class Callbacks:
    """Tells callbacks set by ``estimator.set_callbacks`` when epochs begin and end, and hears when one asks to stop.

    Parameters
    ----------
    estimator : estimator with CallbackSupportMixin, inside a method decorated by ``with_callbacks``
    data : dict
        "X", "y" and "metadata" as callbacks get them.
    """

    def __init__(
        self, estimator: Any, network: Network, settings: Settings, state: State, data: dict[str, Any]
    ) -> None:
        self._hook = {"estimator": estimator, **data}
        self._network = network
        self._settings = settings
        self._state = state
        self._root = estimator._init_callback_context(max_subtasks=settings.max_epochs)
        self._epoch: Any = None

    def __enter__(self) -> Self:
        self._root.call_on_fit_task_begin(**self._hook)
        self._begin_epoch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._end_epoch()
            self._root.call_on_fit_task_end(**self._hook, reconstruction_attributes=self._fitted)

    def end_of_epoch(self, state: State) -> bool:
        """Whether a callback wants training to stop here."""
        stop = self._end_epoch()
        if not stop:
            self._begin_epoch()
        return stop

    def _begin_epoch(self) -> None:
        if self._state.epoch < self._settings.max_epochs and not out_of_patience(self._settings, self._state):
            self._epoch = self._root.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(**self._hook, reconstruction_attributes=self._fitted)

    def _end_epoch(self) -> bool:
        if self._epoch is None:
            return False
        stop = self._epoch.call_on_fit_task_end(**self._hook, reconstruction_attributes=self._fitted)
        self._epoch = None
        return bool(stop)

    def _fitted(self) -> dict[str, Any]:
        """Attributes that make a copy of the estimator a fitted one, as of now."""
        return {
            "network_": self._network.copy(),
            "history_": list(self._state.history),
            "n_epochs_": self._state.epoch,
            "best_epoch_": self._state.best_epoch,
        }
