"""Open question: whether images are scaled to [0, 1] or to [-1, 1].

Units of each kind without pre-training, at the learning rate that table1 chose at the standard budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import LEARNING_RATES, examples, size, supervised
from rectinet.study.planned import Planned
from rectinet.study.sources import Centred


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Two candidates; "[0, 1]" is a run of table1, but for the whole budget, whose rates compete there."""
    name = data or "mnist"
    sized = size(name, budget)
    sources = {"[0, 1]": examples(name, sized), "[-1, 1]": Centred(name)}
    for seed, unit, (candidate, source) in product(sized.seed_numbers(seeds), LEARNING_RATES, sources.items()):
        labels = {"data": name, "unit": unit, "candidate": candidate, "seed": seed}
        yield Planned(supervised(unit, sized, LEARNING_RATES[unit], seed), source, labels=labels)
