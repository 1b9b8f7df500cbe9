"""A grid of learning rates of which hopeless ones are stopped at rungs: after epochs stated beforehand.

The rule is part of what is planned, and of the key of every run of the grid: what becomes of a run follows from its
configuration, its data and its grid alone, never from which run ended first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LOWEST_ERROR: Final = 0.01  # the best rate counts as no better: multiples of an error of 0 would stop every other rate


@dataclass(frozen=True)
class Rung:
    """Where rates are compared.

    Attributes
    ----------
    epochs : int
        After so many of supervised training.
    times : float
        A rate is stopped when its lowest validation error until then is more than so many times that of the best rate.
    """

    epochs: int
    times: float


@dataclass(frozen=True)
class Grid:
    """Learning rates that compete, everything else being equal, and the rungs in the order of their epochs."""

    rates: tuple[float, ...]
    rungs: tuple[Rung, ...]

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return {"rates": list(self.rates), "rungs": [[rung.epochs, rung.times] for rung in self.rungs]}

    def reaches(self, level: int, max_epochs: int) -> bool:
        """Whether there is a rung of this number that a run of so many epochs has to pass."""
        return level < len(self.rungs) and self.rungs[level].epochs < max_epochs

    def hopeless(self, level: int, errors: Mapping[str, float]) -> list[str]:
        """Which runs are stopped at a rung.

        Parameters
        ----------
        errors : mapping of str to float
            Lowest validation error of every run of the grid until the rung.
        """
        most = self.rungs[level].times * max(LOWEST_ERROR, min(errors.values()))
        return [key for key, error in errors.items() if error > most]


def lowest_error(history: Sequence[Mapping[str, Any]], epochs: int, diverged: bool) -> float:
    """Validation error of a run until a rung: infinite where it diverged before or has none."""
    if diverged and len(history) < epochs:
        return float("inf")
    return min((float(entry.get("validation_error", "inf")) for entry in history[:epochs]), default=float("inf"))
