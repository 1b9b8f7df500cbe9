"""The demo's table, once: the terminal and the page show the same cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.demo.contest import Outcome, p_value

HEADINGS: Final = ("network", "test error, %", "p", "zeros, %", "seconds", "examples/s")


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, ...]]:
    """One tuple of cells, in the order of `HEADINGS`, for each outcome."""
    return [_row(outcome, outcomes[0]) for outcome in outcomes]


def _row(outcome: Outcome, first: Outcome) -> tuple[str, ...]:
    low, high = outcome.interval
    return (
        outcome.contender.label,
        f"{100 * outcome.error:.1f} ({100 * low:.1f}–{100 * high:.1f})",
        "" if outcome is first else f"{p_value(outcome, first):.2g}",
        percentages(outcome.zeros),
        f"{outcome.seconds:.2f}",
        f"{outcome.examples_per_second:,.0f}",
    )


def percentages(fractions: NDArray[np.float64] | Sequence[float]) -> str:
    """Fractions as whole per cents: "84 · 75 · 71"."""
    return " · ".join(f"{100 * fraction:.0f}" for fraction in fractions)
