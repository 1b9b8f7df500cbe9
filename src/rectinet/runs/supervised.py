"""Supervised training as a task of the loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine, Steps, Totals
from rectinet.losses import Score
from rectinet.network import Network
from rectinet.problems import Examples, Supervised
from rectinet.runs.data import StoredExamples
from rectinet.runs.targets import Targets
from rectinet.stored import Stored

CHUNK_VALUES: Final = 1 << 22  # numbers of stored examples that are in memory at once


@dataclass(frozen=True)
class SupervisedTask:
    """A problem, what computes it, and the examples that judge it.

    Attributes
    ----------
    stored : StoredExamples or None
        Where the examples are when they are not in memory; those of the problem are none then.
    """

    problem: Supervised
    engine: Engine
    targets: Targets
    validation: Examples | StoredExamples | None = None
    stored: StoredExamples | None = None

    @property
    def n_examples(self) -> int:
        return (self.stored or self.problem.examples).n

    @property
    def block_steps(self) -> int | None:
        return self.engine.block_steps

    def parameters(self) -> Iterable[tuple[str, Array]]:
        return self.problem.parameters()

    def train(self, steps: Steps, totals: Totals) -> None:
        if self.stored is None:
            self.engine.train(self.problem, steps, totals)
            return
        for some in steps.cut(CHUNK_VALUES, self.problem.network.n_inputs):
            read = replace(self.problem, examples=self.stored.take(some.order))
            self.engine.train(read, replace(some, order=np.arange(len(some.order))), totals)

    def validate(self) -> Score | None:
        if self.validation is None:
            return None
        return self.targets.score(outputs_of(self.engine, self.problem.network, self.validation.X), self.validation)

    def summary(self, totals: Totals) -> dict[str, Any]:
        inputs = np.array([layer.n_in for layer in self.problem.network.layers])
        density = totals.active / (totals.examples * inputs)
        return {
            "loss": totals.loss / totals.examples,
            "penalty": totals.penalty / totals.examples,
            "training_error": totals.error / totals.examples,
            "density": density.tolist(),
            "zeros": (1 - density[1:]).tolist(),
            "union": (totals.union / (totals.steps * inputs)).tolist(),
        }


def outputs_of(engine: Engine, network: Network, X: Matrix | Stored) -> Array:
    """The network's outputs, of rows in memory or wherever they are stored."""
    if not isinstance(X, Stored):
        return engine.outputs(network, X)
    return np.concatenate([engine.outputs(network, piece) for piece in X.pieces()])
