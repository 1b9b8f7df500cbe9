"""How fast and how long supervised training is: decided before its first step, and kept with the run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from rectinet.optimisers import Schedule
from rectinet.runs.config import Configuration
from rectinet.runs.loop import Settings

CONSTANT_EPOCHS: Final = 100  # at a constant rate, early stopping ends most runs before
FEWEST_UPDATES: Final = 1_000
UPDATES: Final = 20  # times the number of examples to the power of 2/3; see docs/training.md


@dataclass(frozen=True)
class Plan:
    """A learning rate and a number of epochs.

    Attributes
    ----------
    rate, decay_from : float
        Of the schedule.
    epochs : int
        At most.
    trials : list of dict
        One for every rate that was tried: "learning_rate", "epochs" (with the lowest error), "validation_error",
        "validation_loss"; None where a trial diverged.
    """

    rate: float
    decay_from: float
    epochs: int
    trials: list[dict[str, Any]] = field(default_factory=list)

    @property
    def schedule(self) -> Schedule:
        """The learning rate of every step."""
        return Schedule(self.rate, self.decay_from)

    def settings(self, others: Settings) -> Settings:
        """Those of a loop, with this schedule and length."""
        return replace(others, schedule=self.schedule, max_epochs=self.epochs)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {"rate": self.rate, "decay_from": self.decay_from, "epochs": self.epochs, "trials": self.trials}

    @classmethod
    def from_document(cls, document: dict[str, Any] | None) -> Self | None:
        """The plan of a document; none of none.

        Raises
        ------
        KeyError, TypeError, ValueError
            For what is no plan's document.
        """
        if document is None:
            return None
        plan = cls(*(document[name] for name in ("rate", "decay_from", "epochs", "trials")))
        numbers = isinstance(plan.rate, float) and isinstance(plan.decay_from, float) and isinstance(plan.epochs, int)
        entries = isinstance(plan.trials, list) and all(isinstance(trial, dict) for trial in plan.trials)
        if not (numbers and 0 < plan.rate < math.inf and 0 <= plan.decay_from <= 1 and plan.epochs >= 1 and entries):
            raise ValueError(f"a plan must be a rate, decay_from, epochs and trials, not {document!r:.100}")
        return plan


def most_epochs(configuration: Configuration, n_examples: int) -> int:
    """The largest number of epochs that a configuration allows with so many training examples."""
    if configuration.max_epochs != "auto":
        return int(configuration.max_epochs)
    if configuration.falls_from >= 1:
        return CONSTANT_EPOCHS
    updates_per_epoch = math.ceil(n_examples / configuration.batch_size)
    updates = max(FEWEST_UPDATES, UPDATES * math.pow(n_examples, 2 / 3))
    return max(1, round(updates / updates_per_epoch))
