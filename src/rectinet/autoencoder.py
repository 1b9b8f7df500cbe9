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

from rectinet.activations import Activation
from rectinet.arrays import Array
from rectinet.layout import padded_copy, padded_zeros
from rectinet.losses import CrossEntropy, Loss, Squared
from rectinet.network import Layer

Reconstruction = Literal["softplus", "sigmoid", "linear", "rectifier"]

# The four reconstructions of section 3.2: output unit and loss.
RECONSTRUCTIONS: Final[dict[Reconstruction, tuple[Activation, Loss]]] = {
    "softplus": (Activation("softplus"), Squared(Activation("softplus"))),
    "sigmoid": (Activation("logistic"), CrossEntropy()),
    "linear": (Activation("linear"), Squared()),
    "rectifier": (Activation("rectifier"), Squared(Activation("rectifier"))),
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
        return RECONSTRUCTIONS[self.reconstruction][0]

    @property
    def loss(self) -> Loss:
        """Of the output unit's pre-activations."""
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
        encoder = self.encoder.copy()
        return replace(self, encoder=encoder, V=encoder.W if self.tied else padded_copy(self.V), c=self.c.copy())


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
