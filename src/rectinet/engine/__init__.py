"""How a network is computed and trained: one small protocol, several engines beside each other.

Costs are sums over units and means over the minibatch. With examples e of a minibatch of size B and normalised
weights w_e, one step descends

    (1 / B) sum_e w_e [ loss(x_e, y_e) + sum_layers l1_layer sum_units |h_unit(x_e)| ]

at a constant rate, without momentum or decay (Glorot et al. 2011, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.autoencoder import Autoencoder, NoiseKey, Sampling, Unlabelled
from rectinet.network import Network
from rectinet.noise import Corruption

Array = NDArray[np.floating]
Matrix = Array | csr_array
Loss = Literal["softmax", "squared"]


@dataclass(frozen=True)
class Objective:
    """What supervised training minimises.

    Attributes
    ----------
    loss : {"softmax", "squared"}
        "softmax": negative log-likelihood -log p_y of a softmax over the outputs. "squared": sum_k (y_k - o_k)^2.
    activity_l1 : tuple of float
        One coefficient per hidden layer, on the sum of |h| over its units.
    """

    loss: Loss
    activity_l1: tuple[float, ...]


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
    errors : float
        Misclassified examples ("softmax") or the sum of squared errors ("squared").
    active : ndarray of int64, shape (n_layers,)
        Non-zero inputs of each layer (the first entry counts the data's own), summed over examples.
    union : ndarray of int64, shape (n_layers,)
        Inputs of each layer that are non-zero for at least one example of the minibatch, summed over steps: the
        rows of W that were touched.
    """

    steps: int = 0
    examples: int = 0
    loss: float = 0.0
    penalty: float = 0.0
    errors: float = 0.0
    active: NDArray[np.int64] = field(default_factory=_counts)
    union: NDArray[np.int64] = field(default_factory=_counts)

    def add(self, other: Totals) -> None:
        """Add a later step."""
        self.steps += other.steps
        self.examples += other.examples
        self.loss += other.loss
        self.penalty += other.penalty
        self.errors += other.errors
        self.active = other.active + self.active if self.active.size else other.active
        self.union = other.union + self.union if self.union.size else other.union


class Engine(Protocol):
    """Computes and trains networks. Stateless: every call gets all it needs, so calls may run in many threads."""

    @property
    def name(self) -> str: ...

    def outputs(self, network: Network, X: Matrix) -> Array:
        """The last layer's values, shape (n, n_outputs): logits for a softmax head."""
        ...

    def hidden(self, network: Network, X: Matrix, layer: int) -> Array:
        """Codes of hidden layer `layer` (0 is the first), signs applied, shape (n, n_units)."""
        ...

    def train(
        self,
        network: Network,
        examples: Examples,
        objective: Objective,
        *,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        totals: Totals | None = None,
    ) -> Totals:
        """Run one step per minibatch of `order`, changing the network in place.

        Parameters
        ----------
        order : ndarray of int64
            Examples to visit; every `batch_size` of them make a step (the last step may be shorter).
        learning_rates : ndarray of float64, shape (n_steps,)
        totals : Totals, optional
            Running sums to add to, step by step: a run cut into pieces reports the same bits as a whole one.

        Returns
        -------
        Totals
            `totals` itself where given.
        """
        ...

    def train_autoencoder(
        self,
        autoencoder: Autoencoder,
        examples: Unlabelled,
        corruption: Corruption,
        key: NoiseKey,
        *,
        activity_l1: float,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        sampling: Sampling | None = None,
        totals: Totals | None = None,
    ) -> Totals:
        """Run one denoising step per minibatch of `order`, changing the auto-encoder in place.

        The totals' `active` and `union` count the corrupted inputs and the units of their code; `errors` counts the
        reconstructed entries, so that errors / (examples n_in) is the sampling ratio.

        Parameters
        ----------
        order : ndarray of int64
            Rows of `examples.X` to visit.
        sampling : Sampling, optional
            Needs a decoder stored by output; None reconstructs every input.
        """
        ...


def get_engine(name: str = "auto", *, n_threads: int | None = None, skip_zeros: bool = True) -> Engine:
    """An engine by name.

    Parameters
    ----------
    name : {"auto", "native", "reference"}
        "auto" is the native engine.
    n_threads : int or None
        None means 1: a step of a small net is too short to share. Results do not depend on it.
    skip_zeros : bool
        False computes with every unit as if it were on: the control of the benchmarks, same numbers, no zeros skipped.
    """
    if name in ("auto", "native"):
        from rectinet.engine.native import NativeEngine

        return NativeEngine(n_threads=1 if n_threads is None else n_threads, skip_zeros=skip_zeros)
    if name == "reference":
        from rectinet.engine.reference import ReferenceEngine

        return ReferenceEngine()
    raise ValueError(f'engine must be "auto", "native" or "reference"; got {name!r}')


def numerics_version() -> str:
    """What the native engine computes, as one word: stored results of another word were computed differently.

    It is the digest of the bytes of the golden runs (`tests/golden`), which hold it to what the engine does.
    """
    return "389e2044200596ed"
