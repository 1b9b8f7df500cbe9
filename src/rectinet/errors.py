"""Errors of training; errors of files live beside the code that reads them."""

from __future__ import annotations

from typing import Any


class DivergenceError(ArithmeticError):
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
    """

    def __init__(self, epoch: int, layer: str | None, learning_rate: float, history: list[dict[str, Any]]) -> None:
        where = f"parameter {layer}" if layer else "the loss"
        super().__init__(
            f"training diverged in epoch {epoch}: {where} is not finite at learning_rate={learning_rate:g}. "
            "Scale the features (for example StandardScaler or MinMaxScaler) or lower learning_rate, by a factor "
            "of 10 to begin with. The best parameters so far and the history are kept."
        )
        self.epoch = epoch
        self.layer = layer
        self.learning_rate = learning_rate
        self.history = history

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.epoch, self.layer, self.learning_rate, self.history)
