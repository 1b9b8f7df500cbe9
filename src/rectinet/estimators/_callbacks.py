"""scikit-learn's callback protocol (new in 1.9): one task per epoch."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Inputs
from rectinet.runs.run import Moment


class Callbacks:
    """Tells callbacks set by ``estimator.set_callbacks`` when epochs begin and end; any of them can stop training.

    Parameters
    ----------
    estimator : estimator with CallbackSupportMixin, inside a method decorated by ``with_callbacks``
    data : dict
        "X", "y" and "metadata" as passed to callbacks.
    """

    def __init__(self, estimator: Any, inputs: Inputs, data: dict[str, Any]) -> None:
        self._estimator = estimator
        self._inputs = inputs
        self._hook = {"estimator": estimator, **data}
        self._root: Any = None
        self._epoch: Any = None
        self._latest: Moment | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._root is not None:
            self._end_epoch()
            self._root.call_on_fit_task_end(**self._hook, reconstruction_attributes=self._fitted)

    def __call__(self, moment: Moment) -> bool:
        """Whether a callback requests that training stop here."""
        self._latest = moment
        if moment.kind == "begin":
            self._root = self._estimator._init_callback_context(max_subtasks=moment.max_epochs)
            self._root.call_on_fit_task_begin(**self._hook)
        elif self._root is None or moment.kind == "block":
            return False
        if self._end_epoch():
            return True
        if not moment.last:
            self._epoch = self._root.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(**self._hook, reconstruction_attributes=self._fitted)
        return False

    def _end_epoch(self) -> bool:
        if self._epoch is None:
            return False
        stop = self._epoch.call_on_fit_task_end(**self._hook, reconstruction_attributes=self._fitted)
        self._epoch = None
        return bool(stop)

    def _fitted(self) -> dict[str, Any]:
        """The attributes that make a copy of the estimator fitted with the current parameters."""
        assert self._latest is not None
        return {"_fitted": Fitted(self._latest.outcome(), self._inputs)}
