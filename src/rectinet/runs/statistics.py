"""Statistics of results, once: intervals, the exact McNemar test, equivalence, Holm's correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

LEVEL: Final = 0.95  # of every interval


def error_interval(wrong: ArrayLike) -> tuple[float, float]:
    """Wilson's interval for an error rate, from which examples are wrong."""
    wrong = np.asarray(wrong, dtype=bool)
    found = stats.binomtest(int(wrong.sum()), wrong.size).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)


def mean_interval(values: ArrayLike) -> tuple[float, float]:
    """Student's interval for the mean of independent values (seeds, draws, folds), of which there must be two."""
    values = np.asarray(values, dtype=float)
    if values.size < 2:
        raise ValueError(f"an interval for a mean needs at least 2 values; got {values.size}")
    half = stats.t.ppf((1 + LEVEL) / 2, values.size - 1) * stats.sem(values)
    return float(values.mean() - half), float(values.mean() + half)


def rmse_interval(missed: ArrayLike) -> tuple[float, float]:
    """An interval for a root mean squared error, from the differences of every example (delta method)."""
    squares = np.square(np.asarray(missed, dtype=float))
    rmse = float(np.sqrt(squares.mean()))
    if rmse == 0:
        return 0.0, 0.0
    half = stats.norm.ppf((1 + LEVEL) / 2) * float(squares.std(ddof=1)) / np.sqrt(squares.size) / (2 * rmse)
    return float(rmse - half), float(rmse + half)


def prediction_interval(values: ArrayLike, sampling: float = 0.0) -> tuple[float, float]:
    """An interval for one further value of the kind: another seed, examined on other examples.

    Parameters
    ----------
    values : array-like of shape (n,), n at least 2
        Independent (seeds).
    sampling : float
        Variance that each of them has from the examples it was measured on, which seeds do not show. The variances
        add; the degrees of freedom are those of Welch and Satterthwaite, the sampling's being taken as known.
    """
    values = np.asarray(values, dtype=float)
    spread = float(values.var(ddof=1)) * (1 + 1 / values.size)
    total = spread + sampling
    if total == 0:
        return float(values.mean()), float(values.mean())
    freedom = (values.size - 1) * (total / spread) ** 2 if spread else np.inf
    half = stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(total)
    return float(values.mean() - half), float(values.mean() + half)


def equivalence(values: ArrayLike, other: float, margin: float) -> float:
    """p of "the mean differs from another number by the margin or more": the larger of two one-sided t tests."""
    values = np.asarray(values, dtype=float) - other
    error = float(stats.sem(values))
    if error == 0:
        return 0.0 if abs(values.mean()) < margin else 1.0
    nearest = (margin - abs(values.mean())) / error
    return float(stats.t.sf(nearest, values.size - 1))


def mcnemar(wrong: ArrayLike, other_wrong: ArrayLike) -> float:
    """Exact p of "both are wrong equally often", from the same examples."""
    one, other = np.asarray(wrong, dtype=bool), np.asarray(other_wrong, dtype=bool)
    if one.shape != other.shape:
        raise ValueError(f"McNemar's test pairs the same examples; got {one.size} and {other.size}")
    only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
    return float(stats.binomtest(only_one, only_one + only_other).pvalue) if only_one + only_other else 1.0


def paired_t(values: ArrayLike, others: ArrayLike) -> float:
    """p of "no difference on average" of values that are paired: by draw, by fold."""
    differences = np.asarray(values, dtype=float) - np.asarray(others, dtype=float)
    if np.ptp(differences) == 0:  # the same everywhere: no difference, or a sure one
        return float(differences[0] == 0)
    return float(stats.ttest_1samp(differences, 0.0).pvalue)


def merged(p_values: ArrayLike) -> float:
    """One p of the same hypothesis from several that depend on each other in any way: twice their mean, at most 1.

    Vovk and Wang (Biometrika 2020), for exact McNemar tests of several seeds on the same examples.
    """
    p = np.asarray(p_values, dtype=float)
    return float(p[0]) if p.size == 1 else float(min(1.0, 2 * p.mean()))


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Holm's adjusted p values, in the order given: all below 0.05 may be called differences together."""
    p = np.asarray(p_values, dtype=float)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"p values must lie in [0, 1]; got {p.tolist()}")
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted
