"""Exact contributions from an engine's affine maps, checked against the outputs on every call.

For one input the active units make the network an affine map, f(x) = A(x) x + c(x) (Glorot et al. 2011, section 3.1).
The contribution of input i is A_i x_i; the constant is what the biases contribute along the same paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.engine import AffineMaps, Engine
from rectinet.inside.explanation import Explanation, check_size
from rectinet.inside.readout import Readout
from rectinet.layout import padded_copy
from rectinet.network import Layer

TOLERANCES: Final = {"float32": 1e-5, "float64": 1e-10}  # error of the sum, relative to the sum of absolute values


def explain(
    engine: Engine,
    layers: Sequence[Layer],
    readout: Readout,
    X: Matrix,
    names: NDArray[np.object_] | None = None,
    *,
    exact: bool = True,
) -> Explanation:
    """Contributions of the inputs of some layers to a readout of the last layer.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n_samples, n_inputs)
    names : ndarray of str, optional
        Names of the inputs.
    exact : bool
        False: use the first-order map at each input, for units of any kind; the constant is what the inputs do not
        explain.

    Raises
    ------
    ValueError
        For units that are not piecewise linear, results above 1 GB, and outputs that are not finite.
    ArithmeticError
        When contributions and constant do not sum to the output, even in float64.
    """
    if exact:
        check_linear(layers)
    dtype, n_outputs = layers[0].W.dtype, len(readout.names)
    entries = -(-int(X.nnz) // X.shape[0]) if isinstance(X, csr_array) else X.shape[1]
    check_size(X.shape[0], n_outputs * entries * dtype.itemsize, "an explanation")
    maps = engine.affine_maps(layers, readout.matrix.astype(dtype), X, contributions=True)
    check_finite(maps.values)
    found = _explanation(maps, readout, X, names, exact)
    if not exact:
        return replace(found, constants=found.outputs - found.sums())
    wrong = ~_adds_up(found, dtype.name)
    if wrong.any() and dtype != np.float64:
        found = _mended(engine, layers, readout, found, np.flatnonzero(wrong))
    elif wrong.any():
        _refuse(found, int(np.flatnonzero(wrong)[0]))
    return found


def check_linear(layers: Sequence[Layer]) -> None:
    """Refuse units that are not piecewise linear."""
    curved = next((layer.activation.name for layer in layers if not layer.activation.homogeneous), None)
    if curved is not None:
        raise ValueError(
            f"{curved} units are not linear where they are on, so no exact explanation goes through them: ask for the "
            'first-order map by method="first_order"'
        )


def check_finite(values: Array) -> None:
    """Refuse outputs that are not finite."""
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise ValueError(
            f"the outputs for row {int(np.flatnonzero(bad)[0])} of X are not finite: its values, or the network's "
            f"parameters, are too large for {values.dtype}. Scale the features, or fit anew with scaled ones"
        )


def in_float64(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """The same layers in double precision."""
    return tuple(
        replace(
            layer,
            W=padded_copy(layer.W, np.float64),
            b=layer.b.astype(np.float64),
            signs=None if layer.signs is None else layer.signs.astype(np.float64),
        )
        for layer in layers
    )


def _explanation(
    maps: AffineMaps, readout: Readout, X: Matrix, names: NDArray[np.object_] | None, exact: bool
) -> Explanation:
    if isinstance(X, csr_array):  # each has its own indices: dropping zeros in one must not affect the others, or X
        found: Array | list[csr_array] = [
            csr_array((data, X.indices.copy(), X.indptr.copy()), X.shape) for data in maps.slopes
        ]
    else:
        found = maps.slopes
    return Explanation(
        found,
        maps.constants.astype(np.float64) + readout.offset,
        readout.of(maps.values),
        X,
        readout.names,
        names,
        readout.quantity,
        exact,
    )


def _adds_up(found: Explanation, dtype: str) -> NDArray[np.bool_]:
    """For each example, whether contributions and constants sum to its outputs."""
    tolerance = TOLERANCES[dtype]
    with np.errstate(invalid="ignore"):  # slopes may overflow even if the outputs do not
        sums = found.sums()
        off = np.abs(sums + found.constants - found.outputs)
    finite = np.isfinite(off)
    fine = np.asarray((finite & (off <= tolerance * (np.abs(sums) + np.abs(found.constants)))).all(axis=1))
    if fine.all():  # |sum| is a lower bound of the sum of sizes, which takes longer
        return fine
    rest = np.flatnonzero(~fine)
    sizes = _rows(found, rest, absolute=True).sums() + np.abs(found.constants[rest])
    fine[rest] = (finite[rest] & (off[rest] <= tolerance * sizes)).all(axis=1)
    return fine


def _rows(found: Explanation, rows: NDArray[np.int64], *, absolute: bool = False) -> Explanation:
    taken = found.contributions
    if isinstance(taken, list):
        some: Array | list[csr_array] = [abs(each[rows]) if absolute else each[rows] for each in taken]
    else:
        some = np.abs(taken[rows]) if absolute else taken[rows]
    return replace(
        found,
        contributions=some,
        constants=found.constants[rows],
        outputs=found.outputs[rows],
        inputs=found.inputs[rows],
    )


def _mended(
    engine: Engine, layers: Sequence[Layer], readout: Readout, found: Explanation, rows: NDArray[np.int64]
) -> Explanation:
    """Recompute some examples in float64; their contributions are rounded to the dtype of the others."""
    X = found.inputs[rows].astype(np.float64)
    maps = engine.affine_maps(in_float64(layers), readout.matrix, X, contributions=True)
    exact = _explanation(maps, readout, X, None, True)
    wrong = ~_adds_up(exact, "float64")
    if wrong.any():
        _refuse(exact, int(np.flatnonzero(wrong)[0]), int(rows[np.flatnonzero(wrong)[0]]))
    mine, theirs = found.contributions, exact.contributions
    if isinstance(mine, list) and isinstance(theirs, list):
        for one, other in zip(mine, theirs, strict=True):
            for k, row in enumerate(rows):
                one.data[one.indptr[row] : one.indptr[row + 1]] = other.data[other.indptr[k] : other.indptr[k + 1]]
    elif not isinstance(mine, list) and not isinstance(theirs, list):
        mine[rows] = theirs
    found.constants[rows], found.outputs[rows] = exact.constants, exact.outputs
    return found


def _refuse(found: Explanation, k: int, row: int | None = None) -> None:
    output = int(np.abs(found.errors[k]).argmax())
    raise ArithmeticError(
        f"the contributions for row {k if row is None else row} of X do not sum up to output "
        f"{found.output_names[output]}: {found.outputs[k, output] + found.errors[k, output]:.17g} instead of "
        f"{found.outputs[k, output]:.17g}, in float64. The parameters differ too much in size: fit anew with scaled "
        "features"
    )
