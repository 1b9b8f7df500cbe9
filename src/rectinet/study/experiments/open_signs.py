"""Open question: exactly half of the signs turned, each with probability 1/2, or none.

Rectifiers without pre-training.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import examples, size, supervised
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Three candidates; "balanced" is a run of table1, but for the whole budget, whose rates compete there."""
    name = data or "mnist"
    sized = size(name, budget)
    for seed, signs in product(sized.seed_numbers(seeds), ("balanced", "random", "positive")):
        labels = {"data": name, "candidate": signs, "seed": seed}
        yield Planned(supervised("rectifier", sized, 0.1, seed, signs=signs), examples(name, sized), labels=labels)
