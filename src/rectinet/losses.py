"""Every loss once: value, gradient, admissible targets and error measure, for training, measuring and tests alike.

A loss is an object that the reference engine, the validation of a run and the reconstruction error all ask, so that
what is measured is what was minimised; the compiled kernels are held to it by the contract tests. Targets that lie
outside a loss's interval are taken as the nearest admissible ones, in value and gradient alike (docs/architecture.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rectinet.activations import Activation, softplus
from rectinet.arrays import Array

Targets = NDArray[Any]
LossName = Literal["softmax", "squared", "cross_entropy"]


class Loss(Protocol):
    """A function of a layer's pre-activations z and of targets."""

    @property
    def interval(self) -> tuple[float, float]:
        """Smallest and largest admissible target."""
        ...

    def value(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        """The terms of every example's loss, shape (n, n_terms): their sum over an example is its loss."""
        ...

    def gradient(self, Z: Array, targets: Targets) -> Array:
        """The derivative of each example's loss by z, shaped and typed as Z."""
        ...

    def error(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        """What people read instead of the loss, for every example; shape (n,)."""
        ...


@dataclass(frozen=True)
class Softmax:
    """-log p_y of a softmax over the outputs; targets are class indices, the error counts wrong classes."""

    interval: tuple[float, float] = (0, np.inf)

    def value(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        shifted = Z - Z.max(axis=1, keepdims=True)
        total = np.exp(shifted).sum(axis=1, keepdims=True, dtype=np.float64)
        return np.asarray(np.log(total) - np.take_along_axis(shifted, targets[:, None].astype(np.int64), axis=1))

    def gradient(self, Z: Array, targets: Targets) -> Array:
        """P - onehot(y)."""
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        P[np.arange(len(Z)), targets] -= 1
        return np.asarray(P)

    def error(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        return np.asarray(Z.argmax(axis=1) != targets, dtype=np.float64)


@dataclass(frozen=True)
class Squared:
    """sum_k (t_k - f(z_k))^2 of an output unit f; the error is the same sum."""

    unit: Activation = Activation("linear")
    interval: tuple[float, float] = (-np.inf, np.inf)

    def value(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        return np.square(self._miss(Z, targets).astype(np.float64))

    def gradient(self, Z: Array, targets: Targets) -> Array:
        return np.asarray(2 * self._miss(Z, targets) * self.unit.derivative(Z))

    def error(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        return np.asarray(self.value(Z, targets).sum(axis=1))

    def _miss(self, Z: Array, targets: Targets) -> Array:
        return np.asarray(self.unit.value(Z) - np.asarray(targets, dtype=Z.dtype))


@dataclass(frozen=True)
class CrossEntropy:
    """-t log s(z) - (1 - t) log(1 - s(z)) = softplus(z) - t z of logistic outputs s; the error is the same sum."""

    interval: tuple[float, float] = (0, 1)

    def value(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        Z = Z.astype(np.float64)
        return np.asarray(softplus(Z) - np.clip(targets, *self.interval) * Z)

    def gradient(self, Z: Array, targets: Targets) -> Array:
        return np.asarray(Activation("logistic").value(Z) - np.clip(targets, *self.interval), dtype=Z.dtype)

    def error(self, Z: Array, targets: Targets) -> NDArray[np.float64]:
        return np.asarray(self.value(Z, targets).sum(axis=1))


SOFTMAX: Final = Softmax()
SQUARED: Final = Squared()


@dataclass(frozen=True)
class Score:
    """A network on held-out data: `error` decides, `loss` breaks ties."""

    error: float
    loss: float

    def better_than(self, other: Score) -> bool:
        """Whether it wins; anything finite beats what is not."""
        mine, theirs = ((not np.isfinite(s.loss), s.error, s.loss) for s in (self, other))
        return mine < theirs
