"""The explained quantities: linear combinations of a layer's values, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array

Quantity = Literal["logit", "difference of logits", "prediction", "unit", "expected rating"]


@dataclass(frozen=True, eq=False)
class Readout:
    """Outputs are ``values @ matrix + offset``.

    Attributes
    ----------
    matrix : ndarray of float64, shape (n_top, n_outputs)
    offset : ndarray of float64, shape (n_outputs,)
    names : tuple of str
        Names of the outputs.
    quantity : str
        What the outputs are; only logits may all be shifted by one number without changing a probability.
    """

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]
    names: tuple[str, ...]
    quantity: Quantity

    @classmethod
    def each(cls, n_top: int, names: Sequence[str], quantity: Quantity) -> Self:
        """The values themselves."""
        return cls(np.eye(n_top), np.zeros(n_top), tuple(names), quantity)

    @classmethod
    def chosen(cls, n_top: int, units: Sequence[int], names: Sequence[str], quantity: Quantity) -> Self:
        """Some of the values."""
        return cls(np.eye(n_top)[:, list(units)], np.zeros(len(units)), tuple(names), quantity)

    @classmethod
    def difference(cls, n_top: int, plus: int, minus: int, name: str) -> Self:
        """One logit minus another."""
        matrix = np.zeros((n_top, 1))
        matrix[[plus, minus], 0] = 1, -1
        return cls(matrix, np.zeros(1), (name,), "difference of logits")

    def of(self, values: Array) -> NDArray[np.float64]:
        """The outputs for values of the layer, shape (n, n_outputs)."""
        return values.astype(np.float64) @ self.matrix + self.offset
