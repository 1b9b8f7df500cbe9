"""The affine map of layers for every example: the chain rule over all units, those that are off having slope 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.engine.protocol import AffineMaps
from rectinet.engine.reference.forward import forward, quiet
from rectinet.network import Layer

TOGETHER = 64  # examples whose derivatives by all units of a layer are held at once


@quiet
def affine_maps(layers: Sequence[Layer], readout: Array, X: Matrix, contributions: bool) -> AffineMaps:
    """See `rectinet.engine.Engine.affine_maps`."""
    n, n_outputs, dtype = X.shape[0], readout.shape[1], readout.dtype
    values = np.empty((n, layers[-1].n_out), dtype)
    constants = np.empty((n, n_outputs), dtype)
    slopes = np.empty((n_outputs, X.nnz) if isinstance(X, csr_array) else (n, n_outputs, X.shape[1]), dtype)
    for start in range(0, n, TOGETHER):
        rows = slice(start, min(start + TOGETHER, n))
        values[rows], constants[rows], D = _derivatives(layers, readout, X[rows])
        W = layers[0].W
        if isinstance(X, csr_array):
            for row in range(rows.start, rows.stop):
                stored = slice(X.indptr[row], X.indptr[row + 1])
                slopes[:, stored] = (W[X.indices[stored]] @ D[row - start]).T
        else:
            slopes[rows] = np.matmul(W, D).transpose(0, 2, 1)
    if contributions:
        slopes *= X.data if isinstance(X, csr_array) else X[:, np.newaxis]
    return AffineMaps(values, slopes, constants)


def _derivatives(layers: Sequence[Layer], readout: Array, X: Matrix) -> tuple[Array, Array, Array]:
    """Values of the last layer, constants, and the derivatives by the first layer's sums, (n, n_units, n_outputs)."""
    H, Z = forward(layers, X)
    D = np.broadcast_to(readout, (X.shape[0], *readout.shape))
    constants = np.zeros((X.shape[0], readout.shape[1]), readout.dtype)
    for k in reversed(range(len(layers))):
        slope, signs = layers[k].activation.derivative(Z[k]), layers[k].signs  # (n, n_units)
        if signs is not None:
            slope = slope * signs
        D = slope[:, :, np.newaxis] * D
        constants += np.einsum("j,njo->no", layers[k].b, D)
        if k > 0:
            D = np.matmul(layers[k].W, D)
    return H[-1], constants, D
