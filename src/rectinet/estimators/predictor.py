"""Fast prediction for one example at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rectinet.arrays import Array
from rectinet.encoders.scaling import Scaler
from rectinet.engine import get_engine
from rectinet.network import Network
from rectinet.runs.config import usable_threads
from rectinet.runs.targets import Ratings, Targets, Values


class Predictor:
    """A function ``p(x)`` that predicts for one example.

    Returned by the `predictor` method of classifiers and regressors. It has its own copy of the parameters, so later
    training does not change it. Only the shape of x is checked: NaN in gives NaN out.

    Parameters
    ----------
    network : Network
    targets : Classes, Ratings or Values
        What the outputs mean: probabilities for classes, the expected rating for ratings, values in their own units.
    engine : str
    n_threads : int or None
    scaler : Scaler or None
        Scales of the features.
    """

    def __init__(
        self, network: Network, targets: Targets, engine: str, n_threads: int | None, scaler: Scaler | None = None
    ) -> None:
        self._made_from = (network, targets, engine, n_threads, scaler)
        self._raw = get_engine(engine, n_threads=usable_threads(n_threads)).predictor(
            network, softmax=targets.loss == "softmax"
        )
        self._targets = targets
        self._shape = (network.n_inputs,)
        self._dtype = network.dtype
        self._scaler = scaler

    def __call__(self, x: ArrayLike) -> Array:
        """Predict for one example.

        Parameters
        ----------
        x : array_like of shape (n_inputs,)

        Returns
        -------
        ndarray of shape (n_outputs,)
            Probabilities of the classes, targets in their own units, or the one expected rating.
        """
        example: Array = np.ascontiguousarray(x, dtype=self._dtype if self._scaler is None else np.float64)
        if example.shape != self._shape:
            raise ValueError(f"a predictor takes one example of shape {self._shape}; got shape {example.shape}")
        if self._scaler is not None:
            example = np.asarray(self._scaler.scale(example[None], self._dtype))[0]
        outputs, targets = self._raw(example), self._targets
        if isinstance(targets, Values):
            return np.asarray(outputs * targets.scale + targets.mean)
        if isinstance(targets, Ratings):
            return np.array([outputs @ targets.classes.labels])
        return outputs

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._made_from
