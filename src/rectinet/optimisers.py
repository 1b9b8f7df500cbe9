"""How parameters follow the gradient: the schedule of the learning rate, and the update rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array


@dataclass(frozen=True)
class Schedule:
    """The learning rate of every step.

    Attributes
    ----------
    rate : float
    decay_from : float
        Share of the run after which the rate falls linearly to 0; 1 keeps it constant, as in the paper (section 4).
    """

    rate: float
    decay_from: float = 1.0

    def rates(self, first_step: int, n_steps: int, total_steps: int) -> NDArray[np.float64]:
        """Of `n_steps` steps, counted over the whole run."""
        if self.decay_from >= 1:
            return np.full(n_steps, self.rate)
        done = np.arange(first_step, first_step + n_steps) / total_steps
        return self.rate * np.minimum(1.0, (1.0 - done) / (1.0 - self.decay_from))


@dataclass(frozen=True)
class Sgd:
    """Plain stochastic gradient descent (section 4: no momentum, no weight decay). Its twin is `_native/update.hpp`.

    A constant of the rule is a field here, an entry of `constants`, and its use in `step` and in the twin.
    """

    @property
    def constants(self) -> tuple[float, ...]:
        """What the kernels are told beside the learning rate of each step."""
        return ()

    def step(self, name: str, gradient: Array, rate: float) -> Array:
        """What is taken from the parameter of this name ("0.W", "0.b", "V", "c", ...)."""
        return np.asarray(gradient.dtype.type(rate) * gradient)
