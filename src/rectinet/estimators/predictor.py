"""Prediction of one example at a time, with nothing between the caller and the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rectinet.engine import Array, Engine, get_engine
from rectinet.network import Network

Outputs = NDArray[np.floating]


@dataclass(frozen=True)
class Softmax:
    """Class probabilities from logits."""

    def __call__(self, logits: Array) -> Outputs:
        e = np.exp(logits - logits.max())
        return np.asarray(e / e.sum())


@dataclass(frozen=True)
class Unscale:
    """Targets in their own units from standardised ones."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, outputs: Array) -> Outputs:
        return np.asarray(outputs * self.scale + self.mean)


class Predictor:
    """``p(x)``: outputs for one example.

    Built by `RectifierClassifier.predictor` and `RectifierRegressor.predictor`. It keeps its own copy of the
    parameters, so later training does not change it. Only the shape of x is checked: NaN in gives NaN out.

    Parameters
    ----------
    network : Network
    finish : callable
        From raw outputs to what the caller wants.
    engine : str
    n_threads : int or None
    """

    def __init__(
        self, network: Network, finish: Callable[[Array], Outputs], engine: str, n_threads: int | None
    ) -> None:
        network = network.copy()
        self._made_from = (network, finish, engine, n_threads)
        self._raw = _raw_outputs(get_engine(engine, n_threads=n_threads), network)
        self._finish = finish
        self._shape = (network.n_inputs,)
        self._dtype = network.dtype

    def __call__(self, x: ArrayLike) -> Outputs:
        """Outputs for one example.

        Parameters
        ----------
        x : array_like of shape (n_inputs,)

        Returns
        -------
        ndarray of shape (n_outputs,)
            Probabilities of the classes, or targets in their own units.
        """
        x = np.ascontiguousarray(x, dtype=self._dtype)
        if x.shape != self._shape:
            raise ValueError(f"a predictor takes one example of shape {self._shape}; got shape {x.shape}")
        return self._finish(self._raw(x))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_from


def _raw_outputs(engine: Engine, network: Network) -> Callable[[Array], Array]:
    """The engine's own one-example path where it has one."""
    own: Callable[[Network], Callable[[Array], Array]] | None = getattr(engine, "predictor", None)
    if own is not None:
        return own(network)
    return lambda x: engine.outputs(network, x[np.newaxis])[0]
