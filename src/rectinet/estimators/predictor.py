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


@dataclass(frozen=True)
class Expect:
    """The expected rating from the probabilities of the ratings."""

    ratings: NDArray[np.float64]

    def __call__(self, probabilities: Array) -> Array:
        return np.array([probabilities @ self.ratings])


class Predictor:
    """``p(x)``: outputs for one example.

    Built by the method `predictor` of classifiers and regressors. It keeps its own copy of the parameters, so later
    training does not change it. Only the shape of x is checked: NaN in gives NaN out.

    Parameters
    ----------
    network : Network
    finish : Unscale, Expect or None
        Unscale: of a regressor's outputs. Otherwise a softmax makes class probabilities of them, and Expect a rating.
    engine : str
    n_threads : int or None
    """

    def __init__(self, network: Network, finish: Unscale | Expect | None, engine: str, n_threads: int | None) -> None:
        network = network.copy()
        self._made_from = (network, finish, engine, n_threads)
        softmax = not isinstance(finish, Unscale)
        self._raw = _one_example(get_engine(engine, n_threads=n_threads), network, softmax=softmax)
        self._finish = finish
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
            Probabilities of the classes, targets in their own units, or the one expected rating.
        """
        x = np.ascontiguousarray(x, dtype=self._dtype)
        if x.shape != self._shape:
            raise ValueError(f"a predictor takes one example of shape {self._shape}; got shape {x.shape}")
        outputs = self._raw(x)
        return outputs if self._finish is None else self._finish(outputs)

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
