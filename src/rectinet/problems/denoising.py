"""One denoising auto-encoder trained on unlabelled examples, its noise, and which outputs a step looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix, Rows
from rectinet.autoencoder import Autoencoder
from rectinet.noise import Corruption


@dataclass(frozen=True)
class Sampling:
    """Sampled reconstruction (Dauphin, Glorot, Bengio, ICML 2011), for sparse inputs.

    Of every example are reconstructed: its non-zero inputs, the inputs the noise switched on, and, of all others, those
    a draw picks; their loss is weighted by one over their probability, so that the expected gradient is that of the
    dense reconstruction. The draws are keyed by example like the noise, under a purpose of their own.

    One draw for a whole minibatch would touch fewer rows, but makes the steps of a drawn row 1 / zeros times longer
    instead of averaging over the examples, and units die of it; `rectinet study run sampled-reconstruction` compares
    what is learned with dense reconstruction.

    Attributes
    ----------
    zeros : float or ndarray of shape (n_in,)
        The probability of each input to be drawn where it is 0, in (0, 1]; 1 reconstructs everything.
    """

    zeros: float | NDArray[np.float64]

    def __post_init__(self) -> None:
        if not (np.greater(self.zeros, 0).all() and np.less_equal(self.zeros, 1).all()):
            raise ValueError(f"sampling must lie in (0, 1]; got {self.zeros!r}")

    def probabilities(self, n_in: int) -> NDArray[np.float64]:
        """One for each input."""
        return np.ascontiguousarray(np.broadcast_to(np.asarray(self.zeros, dtype=np.float64), (n_in,)))

    def by_frequency(self, mean: Array) -> Sampling:
        """As many draws on average, but where they matter.

        What a zero of input k contributes to the gradient is about its reconstruction, and that about the input's mean,
        so probabilities in proportion to the mean would weigh all draws alike. Those in proportion to its square do
        better for the same time: time goes into rows of weights, and examples that draw a frequent input share its row.
        No probability is below a tenth of the average. `rectinet study run sampled-reconstruction` measures all this.

        Parameters
        ----------
        mean : ndarray of shape (n_in,)
            Of the targets, over the training examples.
        """
        square = np.square(np.maximum(mean.astype(np.float64), 0))
        if np.ndim(self.zeros) or not square.any():
            return self
        share = float(self.zeros)
        low, high = 0.0, 1 / square[square > 0].min()
        for _ in range(60):
            factor = (low + high) / 2
            drawn = np.clip(factor * square, share / 10, 1)
            low, high = (factor, high) if drawn.mean() < share else (low, factor)
        return Sampling(drawn)

    def check(self, autoencoder: Autoencoder) -> None:
        """Raise ValueError unless the decoder can compute single outputs."""
        if not autoencoder.by_output:
            raise ValueError(
                "sampled reconstruction needs a decoder stored by output, V of shape (n_in, n_hidden); "
                f"got one of shape {autoencoder.V.shape}: use by_output=True or sampling=None"
            )


@dataclass(frozen=True)
class Unlabelled:
    """Examples an auto-encoder learns from.

    Attributes
    ----------
    X : ndarray or csr_array of shape (n, n_in)
    targets : ndarray of shape (n, n_in) or None
        What to reconstruct where that is not X: the unsigned code, the pre-activation, a tanh code mapped to [0, 1].
    ids : ndarray of int64, shape (n,)
        One number for each row: an example has the same noise wherever it stands.
    """

    X: Matrix
    targets: Array | None
    ids: Rows

    def take(self, rows: Rows) -> Unlabelled:
        """These rows alone; they keep their ids."""
        return Unlabelled(self.X[rows], None if self.targets is None else self.targets[rows], self.ids[rows])


@dataclass(frozen=True)
class Denoising:
    """What one layer's pre-training minimises: the cost of `rectinet.autoencoder` over corrupted examples.

    Attributes
    ----------
    autoencoder : Autoencoder
        Changed in place by training.
    activity_l1 : float
        Coefficient of sum |h| over the units of the clean code.
    seed : int
        Of the noise and of the sampled outputs, each under a purpose of its own (`rectinet.randomness.Purpose`).
    sampling : Sampling or None
        Needs a decoder stored by output; None reconstructs every input.
    """

    autoencoder: Autoencoder
    examples: Unlabelled
    corruption: Corruption
    activity_l1: float
    seed: int
    sampling: Sampling | None = None

    def __post_init__(self) -> None:
        if self.sampling is not None:
            self.sampling.check(self.autoencoder)

    def parameters(self) -> Iterator[tuple[str, Array]]:
        """Names and the arrays that training changes."""
        return self.autoencoder.parameters()
