"""The same training with and without skipping zeros: equal predictions, different seconds."""

from __future__ import annotations

import json
from typing import Any, Self

from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.engine import Engine, get_engine
from rectinet.runs import Configuration, Data, Outcome, Part, run


class Control(Configuration):
    """Computes with units that are off as if they were on: what fusing alone gives, without skipping."""

    def computed_by(self) -> Engine:
        return get_engine(self.engine, n_threads=self.n_threads, skip_zeros=False)


class Timed:
    """A network in the place of an estimator of scikit-learn, whose fit is timed.

    Parameters
    ----------
    document : str
        Of the network's `Configuration`, as JSON.
    numerics : str
        Of the engine; another engine's times are another run.
    """

    def __init__(self, document: str, numerics: str, skip_zeros: bool, random_state: int) -> None:
        kind = Configuration if skip_zeros else Control
        self.configuration = kind.from_document(json.loads(document))
        self.numerics, self.random_state = numerics, random_state

    def fit(self, X: Array, y: NDArray[Any]) -> Self:
        self.outcome: Outcome = run(self.configuration, Data(Part(X, y)))
        return self

    def predict(self, X: Array) -> NDArray[Any]:
        """Classes, which skipping does not change."""
        assert self.outcome.targets is not None
        return self.outcome.targets.decode(self.configuration.computed_by().outputs(self.outcome.network, X))
