"""Denoising problems: the cost of `rectinet.autoencoder` and its gradient, as the formulas say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix, Rows
from rectinet.engine.protocol import Totals
from rectinet.engine.reference.forward import active_and_union, forward, quiet
from rectinet.network import Layer
from rectinet.noise import corrupt, events
from rectinet.problems import Denoising, Sampling
from rectinet.randomness import Purpose


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


def minibatch(problem: Denoising, rows: Rows, epoch: int) -> Minibatch:
    """Corrupt some examples and say how much each entry of their reconstruction counts."""
    examples, dtype = problem.examples.take(rows), problem.autoencoder.c.dtype
    X, ids = examples.X, examples.ids
    noisy = corrupt(X, problem.corruption, seed=problem.seed, epoch=epoch, examples=ids, purpose=int(Purpose.NOISE))
    clean = _dense(X)
    targets = clean if examples.targets is None else np.asarray(examples.targets, dtype=dtype)
    if problem.sampling is None:
        return Minibatch(X, noisy, targets, np.ones_like(clean))
    drawn = sampled_outputs(problem, ids, epoch)
    return Minibatch(X, noisy, targets, importance(clean, _dense(noisy), drawn, problem.sampling))


def sampled_outputs(problem: Denoising, ids: Rows, epoch: int) -> NDArray[np.bool_]:
    """The outputs drawn for each example, shape (n, n_in)."""
    assert problem.sampling is not None
    p, purpose = problem.sampling.probabilities(problem.autoencoder.n_in), int(Purpose.SAMPLED_OUTPUTS)
    return events(p, seed=problem.seed, epoch=epoch, examples=ids, purpose=purpose)


def importance(clean: Array, noisy: Array, drawn: NDArray[np.bool_], sampling: Sampling) -> Array:
    """1 for what is always reconstructed, 1 / zeros for what was drawn, 0 for all else; shape (n, n_in)."""
    always = (clean != 0) | (noisy != 0)
    return np.where(always, 1, drawn / sampling.zeros).astype(clean.dtype)


@quiet
def cost_and_gradients(problem: Denoising, minibatch: Minibatch) -> tuple[Totals, dict[str, Array]]:
    """The one place that knows the cost and its gradient; the totals are sums over examples, the gradient a mean."""
    autoencoder, activity_l1 = problem.autoencoder, problem.activity_l1
    encoder, loss, n = autoencoder.encoder, autoencoder.loss, minibatch.clean.shape[0]
    V = autoencoder.V.T if autoencoder.by_output else autoencoder.V  # (n_hidden, n_in)

    (H,), (A,) = forward((encoder,), minibatch.noisy)  # code and its pre-activation, (n, n_hidden)
    Z = H @ V + autoencoder.c  # (n, n_in)
    dZ = loss.gradient(Z, minibatch.targets) * (minibatch.importance / Z.dtype.type(n))
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
        loss=float((minibatch.importance * loss.value(Z, minibatch.targets)).sum()),
        penalty=penalty,
        reconstructed=int(np.count_nonzero(minibatch.importance)),
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


def _dense(X: Matrix) -> Array:
    return X.toarray() if isinstance(X, csr_array) else X
