"""Thin face of the compiled kernels: arrays in the layout they want, nothing computed here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from rectinet import _native
from rectinet.activations import NAMES
from rectinet.autoencoder import Autoencoder, NoiseKey, Sampling, Unlabelled
from rectinet.engine import Array, Examples, Matrix, Objective, Totals
from rectinet.network import Layer, Network, is_padded, padded_copy
from rectinet.noise import Corruption
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
        False treats every unit as on: the dense-fused control.
    """

    n_threads: int = 1
    skip_zeros: bool = True
    name: str = "native"

    def outputs(self, network: Network, X: Matrix) -> Array:
        return self._forward(network, X, len(network.layers))

    def hidden(self, network: Network, X: Matrix, layer: int) -> Array:
        return self._forward(network, X, range(len(network.hidden))[layer] + 1)

    def train(
        self,
        network: Network,
        examples: Examples,
        objective: Objective,
        *,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        totals: Totals | None = None,
    ) -> Totals:
        totals = Totals() if totals is None else totals
        layers = _padded(network)
        softmax = objective.loss == "softmax"
        totals.loss, totals.penalty, totals.errors, active, union = _function("train", network.dtype)(
            layers=[_arguments(layer) for layer in layers],
            **_inputs(examples.X, network.dtype),
            classes=np.ascontiguousarray(examples.Y, dtype=np.int32) if softmax else None,
            values=None if softmax else np.ascontiguousarray(examples.Y, dtype=network.dtype),
            weight=None if examples.weight is None else np.ascontiguousarray(examples.weight, dtype=network.dtype),
            l1=list(objective.activity_l1),
            order=np.ascontiguousarray(order, dtype=np.int64),
            batch_size=batch_size,
            learning_rates=np.ascontiguousarray(learning_rates, dtype=np.float64),
            n_threads=self.n_threads,
            skip_zeros=self.skip_zeros,
            totals=(totals.loss, totals.penalty, totals.errors),
            rule=(),
        )
        for mine, used in zip(network.layers, layers, strict=True):
            if used.W is not mine.W:
                mine.W[...] = used.W
        counts = Totals(len(learning_rates), len(order), active=np.array(active), union=np.array(union))
        totals.add(counts)
        return totals

    def train_autoencoder(
        self,
        autoencoder: Autoencoder,
        examples: Unlabelled,
        corruption: Corruption,
        key: NoiseKey,
        *,
        activity_l1: float,
        order: NDArray[np.int64],
        batch_size: int,
        learning_rates: NDArray[np.float64],
        sampling: Sampling | None = None,
        totals: Totals | None = None,
    ) -> Totals:
        totals = Totals() if totals is None else totals
        dtype = autoencoder.encoder.W.dtype
        if sampling is not None:
            sampling.check(autoencoder)
        encoder = _padded(Network((autoencoder.encoder,)))[0]
        V = encoder.W if autoencoder.tied else autoencoder.V if is_padded(autoencoder.V) else padded_copy(autoencoder.V)
        totals.loss, totals.penalty, totals.errors, active, union = _function("train_autoencoder", dtype)(
            encoder=_arguments(encoder),
            decoder=(
                V,
                autoencoder.c,
                autoencoder.by_output,
                UNITS[autoencoder.unit.name],
                autoencoder.loss == "cross_entropy",
            ),
            **_inputs(examples.X, dtype),
            targets=None if examples.targets is None else np.ascontiguousarray(examples.targets, dtype=dtype),
            ids=np.ascontiguousarray(examples.ids, dtype=np.int64),
            noise=(NOISES[corruption.kind], corruption.level, corruption.p_one, key.seed, key.purpose, key.epoch),
            sampling=(
                None if sampling is None else sampling.probabilities(autoencoder.n_in),
                int(Purpose.SAMPLED_OUTPUTS),
            ),
            l1=activity_l1,
            order=np.ascontiguousarray(order, dtype=np.int64),
            batch_size=batch_size,
            learning_rates=np.ascontiguousarray(learning_rates, dtype=np.float64),
            n_threads=self.n_threads,
            skip_zeros=self.skip_zeros,
            totals=(totals.loss, totals.penalty, totals.errors),
            rule=(),
        )
        if encoder.W is not autoencoder.encoder.W:
            autoencoder.encoder.W[...] = encoder.W
        if not autoencoder.tied and V is not autoencoder.V:
            autoencoder.V[...] = V
        counts = Totals(len(learning_rates), len(order), active=np.array(active), union=np.array(union))
        totals.add(counts)
        return totals

    def predictor(self, network: Network, *, softmax: bool) -> Any:
        """A callable x -> outputs for one example (probabilities when `softmax`), with its own copy of the network."""
        kind = _function("Predictor", network.dtype)
        return kind(layers=[_arguments(layer) for layer in _padded(network)], softmax=softmax)

    def _forward(self, network: Network, X: Matrix, n_layers: int) -> Array:
        layers = _padded(network)
        out = np.empty((X.shape[0], layers[n_layers - 1].n_out), dtype=network.dtype)
        _function("outputs", network.dtype)(
            layers=[_arguments(layer) for layer in layers],
            n_layers=n_layers,
            **_inputs(X, network.dtype),
            out=out,
            n_threads=self.n_threads,
            skip_zeros=self.skip_zeros,
        )
        return out


def _function(name: str, dtype: np.dtype[np.floating]) -> Any:
    return getattr(_native, f"{name}_{'f32' if dtype == np.float32 else 'f64'}")


def _padded(network: Network) -> list[Layer]:
    """The layers themselves where their memory is laid out as the kernels want it, else copies."""
    for layer in network.layers:
        if layer.activation.derivative_at_zero != 0:
            raise ValueError(
                "derivative_at_zero=1 needs engine='reference': a unit at 0 is skipped by the native engine"
            )
    return [layer if is_padded(layer.W) else replace(layer, W=padded_copy(layer.W)) for layer in network.layers]


def _arguments(layer: Layer) -> tuple[Any, ...]:
    unit = layer.activation
    return layer.W, layer.b, layer.signs, UNITS[unit.name], float(unit.alpha)


def _inputs(X: Matrix, dtype: np.dtype[np.floating]) -> dict[str, Any]:
    if not issparse(X):
        return {"X": np.ascontiguousarray(X, dtype=dtype), "csr": None}
    indptr = np.ascontiguousarray(X.indptr, dtype=np.int64)
    indices = np.ascontiguousarray(X.indices, dtype=np.int32)
    return {"X": None, "csr": (indptr, indices, np.ascontiguousarray(X.data, dtype=dtype), X.shape[1])}
