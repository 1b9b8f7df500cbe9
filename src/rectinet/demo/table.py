"""The demo's table, once: the terminal and the page show the same cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.demo.contest import Outcome, p_value
from rectinet.demo.labels import UNITS, Labels

HEADINGS: Final = ("network", "test error, %", "p", "zeros, %", "seconds", "examples/s")

CELL_HEADINGS: Final = ("test error, %", *(unit.label for unit in UNITS))
ROW_NAMES: Final = {False: "without pre-training", True: "with pre-training"}


def cell_rows(labels: Labels) -> list[tuple[str, ...]]:
    """Table 1 in miniature: with and without pre-training down, units across."""
    return [(name, *(error(labels.cells[unit.label, before]) for unit in UNITS)) for before, name in ROW_NAMES.items()]


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """One tuple of cells, in the order of `HEADINGS`, for each outcome."""
    return [_row(outcome, outcomes[0]) for outcome in outcomes]


def _row(outcome: Outcome, first: Outcome) -> tuple[str, ...]:
    return (
        outcome.contender.label,
        error(outcome),
        "" if outcome is first else f"{p_value(outcome, first):.2g}",
        percentages(outcome.zeros),
        f"{outcome.seconds:.2f}",
        f"{outcome.examples_per_second:,.0f}",
    )


def error(outcome: Outcome) -> str:
    """The test error with its interval, in per cent: "3.2 (2.0–5.1)"."""
    low, high = outcome.interval
    return f"{100 * outcome.error:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def percentages(fractions: NDArray[np.float64] | Sequence[float]) -> str:
    """Fractions as whole per cents: "84 · 75 · 71"."""
    return " · ".join(f"{100 * fraction:.0f}" for fraction in fractions)
