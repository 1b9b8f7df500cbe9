"""A network trained on labelled examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.losses import SOFTMAX, SQUARED, Loss
from rectinet.network import Network

SupervisedLoss = Literal["softmax", "squared"]
LOSSES: Final[dict[SupervisedLoss, Loss]] = {"softmax": SOFTMAX, "squared": SQUARED}


@dataclass(frozen=True)
class Examples:
    """Inputs and targets.

    Attributes
    ----------
    X : ndarray of shape (n, n_inputs), C-contiguous, or csr_array in canonical form
        Of the network's dtype.
    Y : ndarray
        int32 of shape (n,), class indices, for "softmax"; of the network's dtype, shape (n, n_outputs), for "squared".
    weight : ndarray of shape (n,) or None
        Of the network's dtype, mean 1 over the training set.
    """

    X: Matrix
    Y: NDArray[np.generic]
    weight: Array | None = None

    @property
    def n(self) -> int:
        return int(self.X.shape[0])

    def take(self, rows: NDArray[np.int64]) -> Examples:
        """These rows alone."""
        return Examples(self.X[rows], self.Y[rows], None if self.weight is None else self.weight[rows])


@dataclass(frozen=True)
class Supervised:
    """Costs are sums over units and means over the minibatch: with weights w_e, a minibatch of size B costs

        (1 / B) sum_e w_e [ loss(x_e, y_e) + sum_layers l1_layer sum_units |h_unit(x_e)| ]

    (Glorot et al. 2011, section 4).

    Attributes
    ----------
    network : Network
        Changed in place by training.
    loss : {"softmax", "squared"}
        "softmax": negative log-likelihood -log p_y of a softmax over the outputs. "squared": sum_k (y_k - o_k)^2.
    activity_l1 : tuple of float
        One coefficient for each hidden layer, on the sum of |h| over its units.
    """

    network: Network
    examples: Examples
    loss: SupervisedLoss
    activity_l1: tuple[float, ...]

    def parameters(self) -> Iterator[tuple[str, Array]]:
        """Names and the arrays that training changes."""
        return self.network.parameters()
