"""The reference's auto-encoders: the cost of `rectinet.autoencoder` and its gradient, as the formulas say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.activations import Activation, softplus
from rectinet.autoencoder import Autoencoder, NoiseKey, Sampling, Unlabelled
from rectinet.engine import Array, Matrix, Totals
from rectinet.engine._reference_network import active_and_union, forward, quiet
from rectinet.network import Layer
from rectinet.noise import Corruption, corrupt, events
from rectinet.randomness import Purpose

Gradients = dict[str, Array]  # by the names of Autoencoder.parameters, each shaped as its parameter


@dataclass(frozen=True)
class Minibatch:
    """What one step looks at.

    Attributes
    ----------
    clean, noisy : ndarray or csr_array of shape (n, n_in)
    targets : ndarray of shape (n, n_in)
    importance : ndarray of shape (n, n_in)
        What the loss of every entry is multiplied by: 0 where it is not reconstructed, 1 everywhere without sampling.
    """

    clean: Matrix
    noisy: Matrix
    targets: Array
    importance: Array


def autoencoder_gradients(
    autoencoder: Autoencoder,
    examples: Unlabelled,
    corruption: Corruption,
    key: NoiseKey,
    *,
    activity_l1: float,
    sampling: Sampling | None = None,
) -> tuple[float, Gradients]:
    """Cost of all examples as one minibatch and its derivatives, the noise being what the key says.

    Returns
    -------
    cost : float
        Mean over the examples of the importance-weighted loss plus the activity L1.
    gradients : dict of str to ndarray
        By the names of `Autoencoder.parameters`; with a tied decoder "W" holds the sum of both its parts.
    """
    minibatch = prepare(autoencoder, examples, corruption, key, sampling)
    totals, by_name = cost_and_gradients(autoencoder, minibatch, activity_l1)
    return (totals.loss + totals.penalty) / totals.examples, by_name


def prepare(
    autoencoder: Autoencoder, examples: Unlabelled, corruption: Corruption, key: NoiseKey, sampling: Sampling | None
) -> Minibatch:
    """Corrupt the examples and say how much each entry of their reconstruction counts."""
    X, dtype = examples.X, autoencoder.c.dtype
    noisy = corrupt(X, corruption, seed=key.seed, epoch=key.epoch, examples=examples.ids, purpose=key.purpose)
    clean = _dense(X)
    targets = clean if examples.targets is None else np.asarray(examples.targets, dtype=dtype)
    if sampling is None:
        return Minibatch(X, noisy, targets, np.ones_like(clean))
    sampling.check(autoencoder)
    drawn = sampled_outputs(sampling, key, examples.ids, autoencoder.n_in)
    return Minibatch(X, noisy, targets, importance(clean, _dense(noisy), drawn, sampling))


def sampled_outputs(sampling: Sampling, key: NoiseKey, ids: NDArray[np.int64], n_in: int) -> NDArray[np.bool_]:
    """The outputs drawn for each example, shape (n, n_in)."""
    purpose = Purpose.SAMPLED_OUTPUTS
    return events(sampling.probabilities(n_in), seed=key.seed, epoch=key.epoch, examples=ids, purpose=purpose)


def importance(clean: Array, noisy: Array, drawn: NDArray[np.bool_], sampling: Sampling) -> Array:
    """1 for what is always reconstructed, 1 / zeros for what was drawn, 0 for all else; shape (n, n_in)."""
    always = (clean != 0) | (noisy != 0)
    return np.where(always, 1, drawn / sampling.zeros).astype(clean.dtype)


@quiet
def cost_and_gradients(autoencoder: Autoencoder, minibatch: Minibatch, activity_l1: float) -> tuple[Totals, Gradients]:
    """The one place that knows the cost and its gradient; the totals are sums over examples, the gradient a mean."""
    encoder, unit, n = autoencoder.encoder, autoencoder.unit, minibatch.clean.shape[0]
    V = autoencoder.V.T if autoencoder.by_output else autoencoder.V  # (n_hidden, n_in)

    (H,), (A,) = forward((encoder,), minibatch.noisy)  # code and its pre-activation, (n, n_hidden)
    Z = H @ V + autoencoder.c  # (n, n_in)
    losses, dZ = (_cross_entropy if autoencoder.loss == "cross_entropy" else _squared)(unit, Z, minibatch.targets)
    dZ *= minibatch.importance / Z.dtype.type(n)
    dV = H.T @ dZ  # (n_hidden, n_in)
    dW, db = _through_encoder(encoder, minibatch.noisy, A, dZ @ V.T)

    penalty = 0.0
    if activity_l1 > 0:
        (clean_H,), (clean_A,) = forward((encoder,), minibatch.clean)
        penalty = activity_l1 * float(np.abs(clean_H).sum(dtype=np.float64))
        clean_dW, clean_db = _through_encoder(encoder, minibatch.clean, clean_A, activity_l1 / n * np.sign(clean_H))
        dW, db = dW + clean_dW, db + clean_db

    active, union = active_and_union([minibatch.noisy, H])
    totals = Totals(
        steps=1,
        examples=n,
        loss=float((minibatch.importance * losses).sum()),
        penalty=penalty,
        errors=float(np.count_nonzero(minibatch.importance)),
        active=active,
        union=union,
    )
    if autoencoder.by_output:
        dV = dV.T
    if autoencoder.tied:
        return totals, {"W": dW + dV, "b": db, "c": dZ.sum(axis=0)}
    return totals, {"W": dW, "b": db, "V": dV, "c": dZ.sum(axis=0)}


def _through_encoder(encoder: Layer, X: Matrix, A: Array, dH: Array) -> tuple[Array, Array]:
    """dW and db from the derivative by the code of X, whose pre-activation is A."""
    dA = dH * encoder.activation.derivative(A)  # (n, n_hidden)
    if encoder.signs is not None:
        dA *= encoder.signs
    return np.asarray(X.T @ dA), dA.sum(axis=0)


def _squared(unit: Activation, Z: Array, targets: Array) -> tuple[Array, Array]:
    """(g(z) - t)^2 of every entry in float64, and its derivative by z."""
    difference = unit.value(Z) - targets
    return np.square(difference.astype(np.float64)), 2 * difference * unit.derivative(Z)


def _cross_entropy(unit: Activation, Z: Array, targets: Array) -> tuple[Array, Array]:
    """-t log g(z) - (1 - t) log(1 - g(z)) = softplus(z) - t z of every entry in float64, and its derivative by z."""
    z = Z.astype(np.float64)
    return softplus(z) - targets * z, unit.value(Z) - targets


def _dense(X: Matrix) -> Array:
    return X.toarray() if isinstance(X, csr_array) else X
