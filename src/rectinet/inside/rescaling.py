"""Rescaling of layers against each other, which leaves the function unchanged (section 2).

For positively homogeneous units, W'_i = W_i / a_i and b'_i = b_i / (a_1 ... a_i) divide the values of layer i by a_1
... a_i: if the product over all layers is 1, the outputs are unchanged.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rectinet.arrays import Array
from rectinet.layout import padded_copy
from rectinet.network import Network


def rescaled(network: Network, factors: ArrayLike) -> Network:
    """A copy of the network whose outputs are divided by the product of the factors.

    Parameters
    ----------
    factors : array-like of shape (n_layers,)
        Positive, one for each layer including the output layer.

    Raises
    ------
    ValueError
        For factors of another shape or not above 0, units that are not positively homogeneous (tanh, logistic,
        softplus), and parameters that would be too large or too small for the network's dtype.
    """
    a = _checked(network, factors)
    _require_homogeneous(network)
    with np.errstate(over="ignore", under="ignore"):  # `_divided` raises for the biases
        so_far, layers = np.cumprod(a), []
    for k, layer in enumerate(network.layers):
        W, b = _divided(layer.W, a[k], k), _divided(layer.b, so_far[k], k)
        signs = None if layer.signs is None else layer.signs.copy()
        layers.append(replace(layer, W=padded_copy(W), b=b, signs=signs))
    return Network(tuple(layers))


def balancing_factors(network: Network) -> NDArray[np.float64]:
    """Factors with product 1 that give the weights of all layers the same Frobenius norm, their geometric mean.

    Raises
    ------
    ValueError
        For a layer whose weights are all 0: no factor changes its norm.
    """
    norms = np.array([np.linalg.norm(layer.W.astype(np.float64)) for layer in network.layers])
    empty = np.flatnonzero(norms == 0)
    if len(empty):
        raise ValueError(
            f"all weights of layer {empty[0] + 1} are 0, so that no factor gives it the norm of the others"
        )
    return np.asarray(norms / np.exp(np.log(norms).mean()))


def _checked(network: Network, factors: ArrayLike) -> NDArray[np.float64]:
    n = len(network.layers)
    needed = f"factors must be {n} finite numbers above 0, one for each layer from the first hidden to the output layer"
    try:
        a = np.asarray(factors, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{needed}; got {factors!r:.60}") from problem
    if a.shape != (n,):
        raise ValueError(f"{needed}; got an array of shape {a.shape}")
    if not (np.isfinite(a).all() and (a > 0).all()):
        raise ValueError(f"{needed}; got {a.tolist()}")
    return a


def _require_homogeneous(network: Network) -> None:
    curved = next((layer.activation.name for layer in network.layers if not layer.activation.homogeneous), None)
    if curved is not None:
        raise ValueError(f"{curved} units do not keep their function when their inputs are scaled: only rectifiers do")


def _divided(values: Array, factor: float, layer: int) -> Array:
    """The quotient, rounded once; an error if the dtype cannot hold it."""
    with np.errstate(all="ignore"):
        found = (values.astype(np.float64) / factor).astype(values.dtype)
    tiny = np.finfo(values.dtype).tiny
    if not np.isfinite(found).all() or ((np.abs(found) < tiny) & (np.abs(values) >= tiny)).any():
        raise ValueError(
            f"divided by {factor:.3g}, parameters of layer {layer + 1} are too large or too small for {values.dtype}; "
            "choose factors nearer to 1"
        )
    return np.asarray(found)
