"""What every engine can do: one small protocol, so that a new engine is a new file and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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

    def cut(self, n_values: int, n_inputs: int) -> Iterator[Steps]:
        """The same steps in pieces whose examples have about so many values, a step at least."""
        n_steps = max(1, n_values // max(1, n_inputs * self.batch_size))
        for first in range(0, len(self.rates), n_steps):
            order = self.order[first * self.batch_size : (first + n_steps) * self.batch_size]
            yield replace(self, order=order, rates=self.rates[first : first + n_steps])

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


@dataclass(frozen=True)
class AffineMaps:
    """What some layers are to each of n examples once the units that are on are known: affine in their inputs.

    Attributes
    ----------
    values : ndarray of shape (n, n_top)
        Of the last layer, signs applied: what `Engine.outputs` gives.
    slopes : ndarray of shape (n, n_outputs, n_inputs), or (n_outputs, n_stored) where X is CSR
        Derivatives of what was asked for in every input, or in every stored entry of X, in the order of its data; or
        these times the inputs: the contributions.
    constants : ndarray of shape (n, n_outputs)
        What the biases of all layers add through the units that are on.
    """

    values: Array
    slopes: Array
    constants: Array


class Engine(Protocol):
    """Computes and trains networks. Stateless: every call gets all it needs, so calls may run in many threads."""

    @property
    def name(self) -> str: ...

    @property
    def row_exact(self) -> bool:
        """Whether an example's values are the same bits whatever examples stand beside it."""
        ...

    @property
    def block_steps(self) -> int | None:
        """Steps to take in one call of `train`; None: any number.

        A number where several processes train one network, which must all take the same steps before they look up.
        """
        ...

    def outputs(self, network: Network, X: Matrix) -> Array:
        """The last layer's values, shape (n, n_outputs): logits for a softmax."""
        ...

    def codes(self, layers: Sequence[Layer], X: Matrix) -> list[Array]:
        """Values of each of these layers in one pass from X upward, signs applied, each of shape (n, n_units)."""
        ...

    def affine_maps(
        self, layers: Sequence[Layer], readout: Array, X: Matrix, *, contributions: bool = False
    ) -> AffineMaps:
        """The affine map of these layers for each example, from X to combinations of the last layer's values.

        Parameters
        ----------
        readout : ndarray of shape (n_top, n_outputs), of the layers' dtype
            What is asked for is ``values @ readout``.
        contributions : bool
            Whether slopes are multiplied by their inputs.

        Returns
        -------
        AffineMaps
            Rectifiers and linear units: contributions and constant sum up to ``values @ readout``. For other units the
            slopes are derivatives, and nothing sums up.
        """
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
