"""Prediction of one example at a time, with nothing between the caller and the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from rectinet.engine import Array, Engine, get_engine
from rectinet.network import Network


@dataclass(frozen=True)
class Unscale:
    """Targets in their own units from standardised ones."""

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, outputs: Array) -> Array:
        return np.asarray(outputs * self.scale + self.mean)


class Predictor:
    """``p(x)``: outputs for one example.

    Built by `RectifierClassifier.predictor` and `RectifierRegressor.predictor`. It keeps its own copy of the
    parameters, so later training does not change it. Only the shape of x is checked: NaN in gives NaN out.

    Parameters
    ----------
    network : Network
    unscale : Unscale or None
        Of a regressor's outputs; None makes class probabilities of them, by a softmax.
    engine : str
    n_threads : int or None
    """

    def __init__(self, network: Network, unscale: Unscale | None, engine: str, n_threads: int | None) -> None:
        network = network.copy()
        self._made_from = (network, unscale, engine, n_threads)
        self._raw = _one_example(get_engine(engine, n_threads=n_threads), network, softmax=unscale is None)
        self._unscale = unscale
        self._shape = (network.n_inputs,)
        self._dtype = network.dtype

    def __call__(self, x: ArrayLike) -> Array:
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
        outputs = self._raw(x)
        return outputs if self._unscale is None else self._unscale(outputs)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_from


def _one_example(engine: Engine, network: Network, *, softmax: bool) -> Callable[[Array], Array]:
    """The engine's own path for one example where it has one, else its path for many."""
    own: Callable[..., Callable[[Array], Array]] | None = getattr(engine, "predictor", None)
    if own is not None:
        return own(network, softmax=softmax)
    if softmax:
        return lambda x: np.asarray(special.softmax(engine.outputs(network, x[np.newaxis])[0]))
    return lambda x: engine.outputs(network, x[np.newaxis])[0]
