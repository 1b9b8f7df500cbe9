"""What a cell of a table says about the paper's number, and two cells about each other. Rules stated before any run.

Of the paper only one number is known, so ours must carry the uncertainty. In this order a cell is

- "not run": no run of it is finished;
- "not in the paper": nothing to compare with;
- "data differ": other examples than the paper's, so that no comparison means anything;
- "cut": trained with a smaller budget than the paper's protocol, so that no comparison is fair; what the following
  rules say of the networks as they were trained stands beside it;
- "single run": fewer than three seeds, too few for an interval;
- "equivalent": by two one-sided t tests at 0.05 over seeds, our mean is within the margin of `paper.toml` of the
  paper's number. The examples tested on are the paper's own, so only seeds count;
- "better" or "worse": the paper's number is outside our 95 % prediction interval for one further run, in which both the
  spread over seeds and the sampling of test examples count;
- "matches": it is inside. How much that says depends on the interval's width, which stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from rectinet.runs.statistics import equivalence, holm, mcnemar, merged, paired_t, prediction_interval
from rectinet.study.paper import paper

Verdict = Literal[
    "not run", "not in the paper", "data differ", "cut", "single run", "equivalent", "better", "worse", "matches"
]

VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)


@dataclass(frozen=True)
class Results:
    """What runs of one cell came to, one value for each seed.

    Attributes
    ----------
    values : tuple of float
        Errors in %, or stars.
    sampling : float
        Variance of a value that is due to the examples it was measured on.
    """

    values: tuple[float, ...]
    sampling: float = 0.0

    @classmethod
    def of_errors(cls, wrong: Sequence[ArrayLike]) -> Results:
        """Error rates in %, from which examples are wrong under each seed."""
        rates = np.array([np.mean(np.asarray(one, dtype=float)) for one in wrong])
        p = float(rates.mean()) if rates.size else 0.0
        n = np.asarray(wrong[0]).size if len(wrong) else 1
        return cls(tuple((100 * rates).tolist()), 1e4 * p * (1 - p) / n)

    @classmethod
    def of_misses(cls, missed: Sequence[ArrayLike]) -> Results:
        """Root mean squared errors, from the differences of every example under each seed (delta method)."""
        squares = [np.square(np.asarray(one, dtype=float)) for one in missed]
        rmse = [float(np.sqrt(one.mean())) for one in squares]
        sampling = [float(one.var(ddof=1)) / one.size / (4 * r * r) for one, r in zip(squares, rmse, strict=True) if r]
        return cls(tuple(rmse), float(np.mean(sampling)) if sampling else 0.0)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def interval(self) -> tuple[float, float] | None:
        """For one further run; None with fewer than two seeds."""
        return prediction_interval(self.values, self.sampling) if len(self.values) > 1 else None


def verdict(
    ours: Results,
    theirs: float | None,
    *,
    same_data: bool,
    margin: float,
    cut: bool = False,
    more_is_better: bool = False,
) -> Verdict:
    """The verdict of a cell.

    Parameters
    ----------
    theirs : float or None
        The paper's number, where it has one.
    same_data : bool
        Whether ours were measured on the paper's data and split.
    cut : bool
        Whether ours were trained with less than the paper's protocol.
    """
    if not ours.values:
        return "not run"
    if theirs is None:
        return "not in the paper"
    if not same_data:
        return "data differ"
    if cut:
        return "cut"
    if len(ours.values) < paper().rules.fewest_seeds:
        return "single run"
    if equivalence(ours.values, theirs, margin) < paper().rules.compared_at:
        return "equivalent"
    interval = ours.interval
    assert interval is not None
    if interval[0] <= theirs <= interval[1]:
        return "matches"
    return "better" if (ours.mean > theirs) == more_is_better else "worse"


@dataclass(frozen=True)
class Comparison:
    """Two cells of one table, seed by seed on the same test examples.

    Attributes
    ----------
    examples, seeds : float
        p of the exact McNemar test (merged over seeds), and of the paired t test over seeds; adjusted by Holm over the
        comparisons of the table. NaN for `seeds` where there are fewer than two.
    difference : float
        Mean of the first minus the second.
    """

    difference: float
    examples: float
    seeds: float

    @property
    def different(self) -> bool:
        """Whether both tests say so: other test examples and other seeds would show it again."""
        return self.examples < paper().rules.compared_at and self.seeds < paper().rules.compared_at


def compare(pairs: Sequence[tuple[Sequence[ArrayLike], Sequence[ArrayLike]]]) -> list[Comparison]:
    """All comparisons of one table.

    Parameters
    ----------
    pairs : sequence of (wrong, other_wrong)
        Of each comparison and seed, which test examples are wrong, the seeds in the same order. Without any seed there
        is nothing to compare: everything is nan, and the corrections of the others do not count it.
    """
    differences, examples, seeds = [], [], []
    for one, other in pairs:
        rates = [[100 * float(np.mean(np.asarray(wrong, dtype=float))) for wrong in side] for side in (one, other)]
        differences.append(float(np.mean(rates[0]) - np.mean(rates[1])) if rates[0] else np.nan)
        examples.append(merged([mcnemar(a, b) for a, b in zip(one, other, strict=True)]) if rates[0] else np.nan)
        seeds.append(paired_t(*rates) if len(one) > 1 else np.nan)
    both = zip(differences, _corrected(examples), _corrected(seeds), strict=True)
    return [Comparison(*of_one) for of_one in both]


def _corrected(p: Sequence[float]) -> list[float]:
    """By Holm over those that are known."""
    known = iter(holm([each for each in p if not np.isnan(each)]))
    return [each if np.isnan(each) else float(next(known)) for each in p]
