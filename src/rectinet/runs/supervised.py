"""Supervised training as a task of the loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rectinet.arrays import Array
from rectinet.engine import Engine, Steps, Totals
from rectinet.losses import Score
from rectinet.problems import Examples, Supervised
from rectinet.runs.targets import Targets


@dataclass(frozen=True)
class SupervisedTask:
    """A problem, what computes it, and the examples that judge it."""

    problem: Supervised
    engine: Engine
    targets: Targets
    validation: Examples | None = None

    @property
    def n_examples(self) -> int:
        return self.problem.examples.n

    @property
    def block_steps(self) -> int | None:
        return self.engine.block_steps

    def parameters(self) -> Iterable[tuple[str, Array]]:
        return self.problem.parameters()

    def train(self, steps: Steps, totals: Totals) -> None:
        self.engine.train(self.problem, steps, totals)

    def validate(self) -> Score | None:
        if self.validation is None:
            return None
        return self.targets.score(self.engine.outputs(self.problem.network, self.validation.X), self.validation)

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
