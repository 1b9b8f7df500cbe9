"""Open question: whether a learning rate between those of the paper's grid, a power of ten apart, would do better.

Units of each kind without pre-training, at the rate that table1 chose at the standard budget and at one half-way, on a
logarithmic scale, between the grid's two highest. What fine-tuning after pre-training gains by it: open-pretraining.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import BETWEEN, LEARNING_RATES, examples, size, supervised
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Two candidates; "of the grid" is a run of table1, but for the whole budget, whose rates compete there."""
    name = data or "mnist"
    sized = size(name, budget)
    for seed, unit, candidate in product(sized.seed_numbers(seeds), LEARNING_RATES, ("of the grid", str(BETWEEN))):
        rate = LEARNING_RATES[unit] if candidate == "of the grid" else BETWEEN
        labels = {"data": name, "unit": unit, "candidate": candidate, "seed": seed}
        yield Planned(supervised(unit, sized, rate, seed), examples(name, sized), labels=labels)
