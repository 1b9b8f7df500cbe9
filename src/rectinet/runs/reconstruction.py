"""Reconstructions in plain NumPy: where visible biases start, and how well an auto-encoder does, always dense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.autoencoder import Autoencoder, Reconstruction
from rectinet.noise import Corruption, corrupt
from rectinet.randomness import Purpose
from rectinet.runs.source import Source, Target
from rectinet.stored import dense

LEAST_MEAN: Final = 0.01  # below, softplus and rectifier outputs would start where they hardly learn


def visible_biases(reconstruction: Reconstruction, mean: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Biases with which an auto-encoder whose code is 0 answers with the mean target; shape (n_in,).

    The inverse of the output unit at the mean, except where that would be infinite or learn nothing:

    - sigmoid: the logit of (n mean + 1/2) / (n + 1), so that an input never seen in n examples counts as half one;
    - softplus: log(e^m - 1) and rectifier: m, with m = max(mean, 0.01);
    - linear: the mean.
    """
    if reconstruction == "sigmoid":
        p = (n * mean + 0.5) / (n + 1)
        return np.asarray(np.log(p) - np.log1p(-p))
    if reconstruction == "linear":
        return mean
    least = np.maximum(mean, LEAST_MEAN)
    return np.asarray(least + np.log(-np.expm1(-least))) if reconstruction == "softplus" else least


def reconstruction_error(source: Source, autoencoder: Autoencoder, corruption: Corruption, seed: int) -> float:
    """Mean over the examples of the cost summed over inputs, without the L1.

    Every input counts, and the noise is the same at every call: keyed by the example under a purpose of its own.

    Parameters
    ----------
    corruption : Corruption
        Corruption() for none.
    seed : int
        Of the noise.
    """
    total = 0.0
    purpose = int(Purpose.HELD_OUT_NOISE)
    for part in source.chunks():
        noisy = corrupt(part.X, corruption, seed=seed, epoch=0, examples=part.ids, purpose=purpose)
        (codes,) = source.engine.codes((autoencoder.encoder,), noisy)
        targets = part.X if part.targets is None else part.targets
        total += float(costs(autoencoder, pre_activations(autoencoder, codes), targets).sum())
    return total / source.n


def pre_activations(autoencoder: Autoencoder, codes: Array) -> Array:
    """z of the reconstruction, shape (n, n_in)."""
    V = autoencoder.V.T if autoencoder.by_output else autoencoder.V
    return np.asarray(codes @ V + autoencoder.c)


def costs(autoencoder: Autoencoder, z: Array, targets: Matrix) -> NDArray[np.float64]:
    """Cost of every example, summed over inputs; shape (n,)."""
    t = dense(targets).astype(z.dtype, copy=False)
    return np.asarray(autoencoder.loss.value(z, t).sum(axis=1))


def reconstruct(autoencoders: Sequence[Autoencoder], targets: Sequence[Target], codes: Array) -> Array:
    """From codes of the topmost auto-encoder down to pre-activations z of the reconstruction of X.

    Parameters
    ----------
    autoencoders : sequence of Autoencoder
        From the first layer up to the one whose codes are given.
    targets : sequence of Target
        Of the auto-encoders but the first.
    codes : ndarray of shape (n, n_units)
        Signs applied.

    Returns
    -------
    ndarray of shape (n, n_inputs)
        The output unit of the first auto-encoder is not applied yet.
    """
    for autoencoder, target in zip(reversed(autoencoders[1:]), reversed(targets), strict=True):
        codes = target.decoded(autoencoder.unit.value(pre_activations(autoencoder, codes)))
    return pre_activations(autoencoders[0], codes)
