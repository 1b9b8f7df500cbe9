"""What every engine can do: one small protocol, so that a new engine is a new file and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix, Rows
from rectinet.network import Layer, Network
from rectinet.optimisers import Sgd
from rectinet.problems import Denoising, Supervised

Problem = Supervised | Denoising


@dataclass(frozen=True)
class Steps:
    """Which steps to take.

    Attributes
    ----------
    order : ndarray of int64
        Examples to visit; every `batch_size` of them make a step (the last step may be shorter).
    rates : ndarray of float64, shape (n_steps,)
        Learning rates.
    epoch : int
        Part of the key of the noise.
    rule : Sgd
        How a parameter follows its gradient.
    """

    order: Rows
    batch_size: int
    rates: NDArray[np.float64]
    epoch: int = 0
    rule: Sgd = Sgd()

    def __post_init__(self) -> None:
        if self.batch_size < 1 or len(self.rates) != -(-len(self.order) // self.batch_size):
            raise ValueError(
                f"{len(self.order)} examples in minibatches of {self.batch_size} need one learning rate for each step; "
                f"got {len(self.rates)}"
            )

    def minibatches(self) -> list[Rows]:
        """The examples of every step."""
        return [self.order[k * self.batch_size : (k + 1) * self.batch_size] for k in range(len(self.rates))]


def _counts() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass
class Totals:
    """Sums over the examples of a piece of training, so that pieces add up.

    Attributes
    ----------
    steps, examples : int
    loss, penalty : float
        Sums over examples of the weighted loss and of the weighted L1 term, measured before each update.
    error : float
        Of supervised problems: misclassified examples ("softmax") or the sum of squared errors ("squared").
    reconstructed : int
        Of denoising problems: output entries computed; divided by examples times inputs, the sampling ratio.
    active : ndarray of int64, shape (n_layers,)
        Non-zero inputs of each layer (the first entry counts the data's own, corrupted where there is noise), summed
        over examples.
    union : ndarray of int64, shape (n_layers,)
        Inputs of each layer that are non-zero for at least one example of the minibatch, summed over steps: the
        rows of W that were touched.
    """

    steps: int = 0
    examples: int = 0
    loss: float = 0.0
    penalty: float = 0.0
    error: float = 0.0
    reconstructed: int = 0
    active: NDArray[np.int64] = field(default_factory=_counts)
    union: NDArray[np.int64] = field(default_factory=_counts)

    def add(self, other: Totals) -> None:
        """Add a later step."""
        self.steps += other.steps
        self.examples += other.examples
        self.loss += other.loss
        self.penalty += other.penalty
        self.error += other.error
        self.reconstructed += other.reconstructed
        self.active = other.active + self.active if self.active.size else other.active
        self.union = other.union + self.union if self.union.size else other.union


class Engine(Protocol):
    """Computes and trains networks. Stateless: every call gets all it needs, so calls may run in many threads."""

    @property
    def name(self) -> str: ...

    @property
    def row_exact(self) -> bool:
        """Whether an example's values are the same bits whatever examples stand beside it."""
        ...

    def outputs(self, network: Network, X: Matrix) -> Array:
        """The last layer's values, shape (n, n_outputs): logits for a softmax."""
        ...

    def codes(self, layers: Sequence[Layer], X: Matrix) -> list[Array]:
        """Values of each of these layers in one pass from X upward, signs applied, each of shape (n, n_units)."""
        ...

    def train(self, problem: Problem, steps: Steps, totals: Totals | None = None) -> Totals:
        """Take the steps, changing the problem's parameters in place.

        Parameters
        ----------
        totals : Totals, optional
            Running sums to add to, step by step: a run cut into pieces reports the same bits as a whole one.

        Returns
        -------
        Totals
            `totals` itself where given.
        """
        ...

    def predictor(self, network: Network, *, softmax: bool) -> Callable[[Array], Array]:
        """A callable from one example (n_inputs,) to outputs, or to probabilities when `softmax`, with own parameters.

        Only the shape of the example is checked.
        """
        ...
