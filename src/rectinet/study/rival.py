"""Rivals: estimators of scikit-learn that stand beside our networks in a table."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

from rectinet.runs import Data
from rectinet.storage.values import encode


@dataclass(frozen=True)
class Rival:
    """An estimator and its parameters, in the place of a `Configuration`.

    Attributes
    ----------
    name : str
        As the tables call it.
    factory : str
        Where its class is, for example "sklearn.linear_model:LogisticRegression".
    parameters : mapping
        Of the constructor; with an integer for random_state where it draws anything.
    """

    name: str
    factory: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Everything that changes a number, as JSON values."""
        return {
            "rival": self.name,
            "factory": self.factory,
            "parameters": encode(dict(sorted(self.parameters.items()))),
        }

    def key(self, checksum: str) -> str:
        """SHA-256 of the document and of the data's checksum, as a configuration's."""
        text = json.dumps({"configuration": self.document(), "data": checksum}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def random_state(self) -> int:
        """The seed; 0 where it draws nothing."""
        return int(self.parameters.get("random_state") or 0)


def fit(rival: Rival, data: Data) -> tuple[dict[str, NDArray[Any]], float]:
    """Fit it to the labelled training examples.

    Returns
    -------
    predictions : dict of str to ndarray
        Of every example of "validation" and "test", where the data have them.
    seconds : float
        That fitting took.
    """
    from threadpoolctl import threadpool_limits  # one of scikit-learn's own dependencies

    module, name = rival.factory.split(":")
    estimator = getattr(import_module(module), name)(**rival.parameters)
    weights = {} if data.train.weight is None else {"sample_weight": data.train.weight}
    with threadpool_limits(limits=1):  # as our runs: the study is parallel over runs
        began = time.perf_counter()
        estimator.fit(data.train.X, data.train.targets, **weights)
        seconds = time.perf_counter() - began
        parts = {"validation": data.validation, "test": data.test}
        return {part: estimator.predict(examples.X) for part, examples in parts.items() if examples}, seconds
