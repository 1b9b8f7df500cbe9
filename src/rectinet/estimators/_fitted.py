"""The fitted state of an estimator: one record that is swapped in whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rectinet.estimators._inputs import Inputs
from rectinet.inside.pruning import Pruning
from rectinet.network import Network
from rectinet.runs import Outcome
from rectinet.runs.targets import Classes, Ratings, Targets, Values


@dataclass(frozen=True)
class Fitted:
    """What came out of the last fit, the features it was fitted to, and what was removed from the network since.

    Every method of an estimator reads it once, so that another thread that fits again changes no answer half-way.
    """

    outcome: Outcome
    inputs: Inputs
    pruning: Pruning | None = None

    @property
    def network(self) -> Network:
        """The trained network."""
        return self.outcome.network

    @property
    def targets(self) -> Targets:
        """What its outputs mean."""
        assert self.outcome.targets is not None
        return self.outcome.targets

    @property
    def classes(self) -> Classes:
        """Of classes and ratings."""
        targets = self.targets
        if isinstance(targets, Ratings):
            return targets.classes
        assert isinstance(targets, Classes)
        return targets

    @property
    def values(self) -> Values:
        """Of regressors."""
        assert isinstance(self.targets, Values)
        return self.targets


def fact(read: Callable[[Fitted], Any], doc: str) -> Any:
    """An attribute of an estimator that is there once it is fitted, and never set on its own."""

    def get(estimator: Any) -> Any:
        return _read(estimator._fitted, estimator, read)

    return property(get, doc=doc)


def fact_of_any(read: Callable[[Fitted], Any], doc: str) -> Any:
    """The same, there from pre-training on."""

    def get(estimator: Any) -> Any:
        return _read(estimator._fitted or estimator._pretrained, estimator, read)

    return property(get, doc=doc)


def _read(fitted: Fitted | None, estimator: object, read: Callable[[Fitted], Any]) -> Any:
    if fitted is None:
        raise AttributeError(f"this {type(estimator).__name__} is not fitted yet, so it does not have this attribute")
    return read(fitted)
