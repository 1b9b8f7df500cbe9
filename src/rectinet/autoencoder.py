"""One denoising auto-encoder: the parameters of a layer being pre-trained and what it minimises.

For clean input x, corrupted input x~ and target t (the clean input unless said otherwise):

    h~ = signs * f(x~ W + b)                           the code of the corrupted input
    z = h~ V' + c,   r = g(z)                          its reconstruction
    cost = loss(r, t) + l1 sum_units |signs * f(x W + b)|

summed over units and inputs, averaged over the minibatch (Glorot et al. 2011, section 3.2; the L1 on the clean code as
in the first author's 2010 code).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.network import Array, Layer, padded_copy, padded_zeros

ReconstructionLoss = Literal["squared", "cross_entropy"]
Reconstruction = Literal["softplus", "sigmoid", "linear", "rectifier"]

# The four reconstructions of section 3.2: output unit and cost. Cross-entropy wants targets in [0, 1].
RECONSTRUCTIONS: Final[dict[Reconstruction, tuple[str, ReconstructionLoss]]] = {
    "softplus": ("softplus", "squared"),
    "sigmoid": ("logistic", "cross_entropy"),
    "linear": ("linear", "squared"),
    "rectifier": ("rectifier", "squared"),
}


@dataclass(frozen=True)
class Autoencoder:
    """An encoder layer and its decoder.

    Attributes
    ----------
    encoder : Layer
        W of shape (n_in, n_hidden).
    V : ndarray of shape (n_in, n_hidden) or (n_hidden, n_in)
        The decoder. Row k of (n_in, n_hidden) holds the weights into the reconstruction of input k: tied decoders,
        where V is the encoder's own W, and sampled ones are stored so. Row j of (n_hidden, n_in) holds the weights
        leaving hidden unit j, so that units that are off are skipped.
    c : ndarray of shape (n_in,)
        Visible biases.
    reconstruction : {"softplus", "sigmoid", "linear", "rectifier"}
    by_output : bool
        Whether V is (n_in, n_hidden).
    """

    encoder: Layer
    V: Array
    c: Array
    reconstruction: Reconstruction
    by_output: bool

    def __post_init__(self) -> None:
        n_in, n_hidden = self.encoder.W.shape
        expected = (n_in, n_hidden) if self.by_output else (n_hidden, n_in)
        if self.V.shape != expected or self.c.shape != (n_in,):
            raise ValueError(
                f"the decoder needs V {expected} and c ({n_in},); got V {self.V.shape} and c {self.c.shape}"
            )
        if self.reconstruction not in RECONSTRUCTIONS:
            raise ValueError(f"reconstruction must be one of {', '.join(RECONSTRUCTIONS)}; got {self.reconstruction!r}")

    @property
    def tied(self) -> bool:
        return self.V is self.encoder.W

    @property
    def n_in(self) -> int:
        return self.encoder.n_in

    @property
    def unit(self) -> Activation:
        """The output unit g."""
        return Activation(RECONSTRUCTIONS[self.reconstruction][0])

    @property
    def loss(self) -> ReconstructionLoss:
        return RECONSTRUCTIONS[self.reconstruction][1]

    def parameters(self) -> Iterator[tuple[str, Array]]:
        """("W", W), ("b", b), ("V", V) unless tied, ("c", c)."""
        yield "W", self.encoder.W
        yield "b", self.encoder.b
        if not self.tied:
            yield "V", self.V
        yield "c", self.c

    def copy(self) -> Autoencoder:
        """A deep copy, matrices in the padded layout; tied stays tied."""
        W = padded_copy(self.encoder.W)
        encoder = replace(self.encoder, W=W, b=self.encoder.b.copy())
        return replace(self, encoder=encoder, V=W if self.tied else padded_copy(self.V), c=self.c.copy())


def autoencoder(
    encoder: Layer, *, reconstruction: Reconstruction, tied: bool, by_output: bool, rng: np.random.Generator
) -> Autoencoder:
    """A fresh decoder for a layer: V drawn as every W is, c = 0."""
    n_in, n_hidden = encoder.W.shape
    if tied:
        V = encoder.W
    else:
        V = padded_zeros(*((n_in, n_hidden) if by_output else (n_hidden, n_in)), dtype=encoder.W.dtype)
        bound = np.sqrt(6.0 / (n_in + n_hidden))
        V[...] = rng.uniform(-bound, bound, size=V.shape)
    return Autoencoder(encoder, V, np.zeros(n_in, encoder.W.dtype), reconstruction, tied or by_output)


@dataclass(frozen=True)
class Sampling:
    """Sampled reconstruction (Dauphin, Glorot, Bengio, ICML 2011), for sparse inputs.

    Of every example are reconstructed: its non-zero inputs, the inputs the noise switched on, and, of all others, those
    a draw picks; their loss is weighted by one over their probability, so that the expected gradient is that of the
    dense reconstruction. The draws are keyed by example like the noise, under a purpose of their own.

    One draw for a whole minibatch would touch fewer rows, but makes the steps of a drawn row 1 / zeros times longer
    instead of averaging over the examples, and units die of it; `python -m benchmarks.pretraining sampling` compares
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
        No probability is below a tenth of the average. `python -m benchmarks.pretraining sampling` measures all this.

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
class NoiseKey:
    """Which noise: that of `rectinet.noise.corrupt`, and the sampled outputs' draws under their own purpose."""

    seed: int
    epoch: int
    purpose: int


@dataclass(frozen=True)
class Unlabelled:
    """Examples an auto-encoder learns from.

    Attributes
    ----------
    X : ndarray or csr_array of shape (n, n_in)
    targets : ndarray of shape (n, n_in) or None
        What to reconstruct where that is not X: the unsigned code, the pre-activation, a tanh code mapped to [0, 1].
    ids : ndarray of int64, shape (n,)
        Who the rows are, for the keys of the noise.
    """

    X: Array | csr_array
    targets: Array | None
    ids: NDArray[np.int64]
