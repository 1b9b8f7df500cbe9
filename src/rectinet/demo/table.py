"""The demo's tables, once: the terminal and the page show the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.demo.experiment import Result
from rectinet.demo.labels import UNITS, Comparison
from rectinet.runs.statistics import error_interval, mcnemar

HEADINGS: Final = ("network", "test error, %", "p", "zeros by layer, %", "seconds")
CELL_HEADINGS: Final = ("test error, %", *UNITS)
ROW_NAMES: Final = {False: "without pre-training", True: "with pre-training"}


def rows(results: Iterable[Result]) -> list[tuple[str, ...]]:
    """One tuple of cells, in the order of `HEADINGS`, for each result."""
    first, *others = results
    p_values = ("", *(f"{mcnemar(other.wrong, first.wrong):.2g}" for other in others))
    return [
        (result.contender.label, error(result), p, percentages(result.zeros), f"{result.seconds:.1f}")
        for p, result in zip(p_values, (first, *others), strict=True)
    ]


def cell_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """Table 1 in miniature: without and with pre-training down, units across."""
    return [
        (name, *(error(comparison.cell(unit, pretrained)) for unit in UNITS)) for pretrained, name in ROW_NAMES.items()
    ]


def error(result: Result) -> str:
    """The test error with its interval, in per cent: "3.2 (2.0–5.1)"."""
    low, high = error_interval(result.wrong)
    return f"{result.percent:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def percentages(fractions: NDArray[np.float64] | Sequence[float]) -> str:
    """Fractions as whole per cents: "84 · 75 · 71"."""
    return " · ".join(f"{100 * fraction:.0f}" for fraction in fractions)
