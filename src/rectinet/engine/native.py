"""Thin face of the compiled kernels: arrays in the layout they want, nothing computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

import numpy as np
from scipy.sparse import csr_array, issparse

from rectinet import _native
from rectinet.activations import NAMES
from rectinet.arrays import Array, Matrix
from rectinet.engine.protocol import AffineMaps, Problem, Steps, Totals
from rectinet.layout import is_padded, padded_copy
from rectinet.losses import CrossEntropy
from rectinet.network import Layer, Network
from rectinet.problems import Denoising, Supervised
from rectinet.randomness import Purpose

UNITS: Final = {name: code for code, name in enumerate(("rectifier", "softplus", "tanh", "logistic", "linear"))}
NOISES: Final = {kind: code for code, kind in enumerate(("none", "masking", "salt_and_pepper", "gaussian"))}
assert set(UNITS) == set(NAMES)


@dataclass(frozen=True)
class NativeEngine:
    """The zero-skipping C++ engine.

    Parameters
    ----------
    n_threads : int
        Results are the same bits for any number.
    skip_zeros : bool
        False treats every unit as active: the dense-fused control.
    """

    n_threads: int = 1
    skip_zeros: bool = True
    name: str = field(default="native", init=False)
    row_exact: bool = field(default=True, init=False)
    block_steps: None = field(default=None, init=False)

    def outputs(self, network: Network, X: Matrix) -> Array:
        return self._forward(network.layers, X)

    def codes(self, layers: Sequence[Layer], X: Matrix) -> list[Array]:
        found: list[Array] = []
        for layer in layers:
            found.append(self._forward((layer,), found[-1] if found else X))
        return found

    def affine_maps(
        self, layers: Sequence[Layer], readout: Array, X: Matrix, *, contributions: bool = False
    ) -> AffineMaps:
        dtype, n, n_outputs = layers[0].W.dtype, X.shape[0], readout.shape[1]
        values, constants = np.empty((n, layers[-1].n_out), dtype), np.empty((n, n_outputs), dtype)
        slopes = np.empty((n_outputs, X.nnz) if isinstance(X, csr_array) else (n, n_outputs, X.shape[1]), dtype)
        _function("affine_maps", dtype)(
            layers=[_arguments(_padded(layer)) for layer in layers],
            readout=np.ascontiguousarray(readout, dtype=dtype),
            **_inputs(X, dtype),
            contributions=contributions,
            values=values,
            slopes=slopes.reshape(-1),
            constants=constants,
            n_threads=self.n_threads,
        )
        return AffineMaps(values, slopes, constants)

    def train(self, problem: Problem, steps: Steps, totals: Totals | None = None) -> Totals:
        totals = Totals() if totals is None else totals
        denoising = isinstance(problem, Denoising)
        work = _train_autoencoder if denoising else _train_network
        rest = {
            "order": np.ascontiguousarray(steps.order, dtype=np.int64),
            "batch_size": steps.batch_size,
            "learning_rates": np.ascontiguousarray(steps.rates, dtype=np.float64),
            "n_threads": self.n_threads,
            "skip_zeros": self.skip_zeros,
            "rule": steps.rule.constants,
            "totals": (totals.loss, totals.penalty, float(totals.reconstructed) if denoising else totals.error),
        }
        totals.loss, totals.penalty, counted, active, union = work(cast(Any, problem), steps, rest)
        if denoising:
            totals.reconstructed = int(counted)
        else:
            totals.error = counted
        totals.add(Totals(len(steps.rates), len(steps.order), active=np.array(active), union=np.array(union)))
        return totals

    def predictor(self, network: Network, *, softmax: bool) -> Callable[[Array], Array]:
        kind = _function("Predictor", network.dtype)
        layers = [_arguments(_padded(layer)) for layer in network.layers]
        return cast(Callable[[Array], Array], kind(layers=layers, softmax=softmax))

    def _forward(self, layers: Sequence[Layer], X: Matrix) -> Array:
        dtype = layers[0].W.dtype
        out = np.empty((X.shape[0], layers[-1].n_out), dtype=dtype)
        _function("outputs", dtype)(
            layers=[_arguments(_padded(layer)) for layer in layers],
            n_layers=len(layers),
            **_inputs(X, dtype),
            out=out,
            n_threads=self.n_threads,
            skip_zeros=self.skip_zeros,
        )
        return out


def _train_network(problem: Supervised, steps: Steps, rest: dict[str, Any]) -> tuple[Any, ...]:
    network, examples, dtype = problem.network, problem.examples, problem.network.dtype
    softmax = problem.loss == "softmax"
    with _in_place([layer.W for layer in network.layers]) as weights:
        layers = [replace(layer, W=W) for layer, W in zip(network.layers, weights, strict=True)]
        found: tuple[Any, ...] = _function("train", dtype)(
            layers=[_arguments(layer) for layer in layers],
            **_inputs(examples.X, dtype),
            classes=np.ascontiguousarray(examples.Y, dtype=np.int32) if softmax else None,
            values=None if softmax else np.ascontiguousarray(examples.Y, dtype=dtype),
            weight=None if examples.weight is None else np.ascontiguousarray(examples.weight, dtype=dtype),
            l1=list(problem.activity_l1),
            **rest,
        )
    return found


def _train_autoencoder(problem: Denoising, steps: Steps, rest: dict[str, Any]) -> tuple[Any, ...]:
    model, examples, sampling, noise = problem.autoencoder, problem.examples, problem.sampling, problem.corruption
    dtype = model.encoder.W.dtype
    with _in_place([model.encoder.W] if model.tied else [model.encoder.W, model.V]) as (W, *V):
        decoder = V[0] if V else W
        cross_entropy = isinstance(model.loss, CrossEntropy)
        found: tuple[Any, ...] = _function("train_autoencoder", dtype)(
            encoder=_arguments(replace(model.encoder, W=W)),
            decoder=(decoder, model.c, model.by_output, UNITS[model.unit.name], cross_entropy),
            **_inputs(examples.X, dtype),
            targets=None if examples.targets is None else np.ascontiguousarray(examples.targets, dtype=dtype),
            ids=np.ascontiguousarray(examples.ids, dtype=np.int64),
            noise=(NOISES[noise.kind], noise.level, noise.p_one, problem.seed, int(Purpose.NOISE), steps.epoch),
            sampling=(
                None if sampling is None else sampling.probabilities(model.n_in),
                int(Purpose.SAMPLED_OUTPUTS),
            ),
            l1=problem.activity_l1,
            **rest,
        )
    return found


@contextmanager
def _in_place(matrices: Sequence[Array]) -> Iterator[list[Array]]:
    """Matrices that kernels may change: themselves where their memory is laid out so, else copies, written back."""
    used = [values if is_padded(values) else padded_copy(values) for values in matrices]
    yield used
    for mine, theirs in zip(matrices, used, strict=True):
        if theirs is not mine:
            mine[...] = theirs


def _function(name: str, dtype: np.dtype[np.floating]) -> Any:
    return getattr(_native, f"{name}_{'f32' if dtype == np.float32 else 'f64'}")


def _padded(layer: Layer) -> Layer:
    return layer if is_padded(layer.W) else replace(layer, W=padded_copy(layer.W))


def _arguments(layer: Layer) -> tuple[Any, ...]:
    unit = layer.activation
    if unit.derivative_at_zero != 0:
        raise ValueError("derivative_at_zero=1 needs engine='reference': a unit at 0 is skipped by the native engine")
    return layer.W, layer.b, layer.signs, UNITS[unit.name], float(unit.alpha)


def _inputs(X: Matrix, dtype: np.dtype[np.floating]) -> dict[str, Any]:
    if not issparse(X):
        return {"X": np.ascontiguousarray(X, dtype=dtype), "csr": None}
    indptr = np.ascontiguousarray(X.indptr, dtype=np.int64)
    indices = np.ascontiguousarray(X.indices, dtype=np.int32)
    return {"X": None, "csr": (indptr, indices, np.ascontiguousarray(X.data, dtype=dtype), X.shape[1])}
