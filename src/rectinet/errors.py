"""Errors of training; errors of files live beside the code that reads them."""

from __future__ import annotations

from typing import Any

from rectinet.wording import only_in_python, setting


class DivergenceError(ArithmeticError, ValueError):
    """Training produced a value that is not finite.

    Attributes
    ----------
    epoch : int
        Epoch, counted from 1, in which it was noticed.
    layer : str or None
        First parameter that is not finite ("0.W", "2.b", ...), or None when only the loss was.
    learning_rate : float
    history : list of dict
        Epochs completed before.
    best_model : estimator or None
        A fitted estimator with the parameters of the best epoch before; None without validation. The estimator whose
        fit raised this keeps what it had.
    best : rectinet.runs.Outcome or None
        The same for a run without an estimator.
    """

    def __init__(
        self,
        epoch: int,
        layer: str | None,
        learning_rate: float,
        history: list[dict[str, Any]],
        best: Any = None,
        best_model: Any = None,
    ) -> None:
        super().__init__(self._sentence(epoch, f"parameter {layer}" if layer else "the loss", learning_rate))
        self.epoch = epoch
        self.layer = layer
        self.learning_rate = learning_rate
        self.history = history
        self.best = best
        self.best_model = best_model

    @staticmethod
    def _sentence(epoch: int, where: str, rate: float) -> str:
        return (
            f"training diverged in epoch {epoch}: {where} is not finite at {setting('learning_rate', rate)}. Scale the "
            f"features ({setting('scaling', 'standard')}) or lower {setting('learning_rate')}, by a factor of 10 to "
            "begin with."
        ) + only_in_python(
            " The error's best_model has the best parameters so far, where there was validation, and its history says "
            "how it went."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        facts = (self.epoch, self.layer, self.learning_rate, self.history, self.best, self.best_model)
        return type(self), facts


class PretrainingDiverged(DivergenceError):
    """Pre-training produced a value that is not finite."""

    @staticmethod
    def _sentence(epoch: int, where: str, rate: float) -> str:
        return (
            f"pre-training diverged in epoch {epoch} of a layer: {where} is not finite at the rate {rate:g}. Scale the "
            f"features ({setting('scaling', 'minmax')}), lower {setting('pretrain_learning_rate')}, by a factor of 10 "
            f"to begin with, or have it chosen: {setting('pretrain_learning_rate', 'auto')}"
        )
