"""The fitted state of an estimator: one record that is replaced as a whole."""

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
    """The outcome of the last fit, the features it was fitted to, and what was pruned from the network since.

    Every method reads the record once, so a fit in another thread cannot change a result half-way.
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
        """The meaning of its outputs."""
        assert self.outcome.targets is not None
        return self.outcome.targets

    @property
    def classes(self) -> Classes:
        """The classes of a classifier or of ratings."""
        targets = self.targets
        if isinstance(targets, Ratings):
            return targets.classes
        assert isinstance(targets, Classes)
        return targets

    @property
    def values(self) -> Values:
        """The targets of a regressor."""
        assert isinstance(self.targets, Values)
        return self.targets


def fact(read: Callable[[Fitted], Any], doc: str) -> Any:
    """A read-only attribute that an estimator has once it is fitted."""

    def get(estimator: Any) -> Any:
        return _read(estimator._fitted, estimator, read)

    return property(get, doc=doc)


def fact_of_any(read: Callable[[Fitted], Any], doc: str) -> Any:
    """A read-only attribute that an estimator has once it is fitted or pre-trained."""

    def get(estimator: Any) -> Any:
        return _read(estimator._fitted or estimator._pretrained, estimator, read)

    return property(get, doc=doc)


def _read(fitted: Fitted | None, estimator: object, read: Callable[[Fitted], Any]) -> Any:
    if fitted is None:
        raise AttributeError(f"this {type(estimator).__name__} is not fitted yet, so it does not have this attribute")
    return read(fitted)
