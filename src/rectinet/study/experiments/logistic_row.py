"""A row that Table 1 does not have: logistic units, with and without pre-training.

As table1, for the unit whose steady state is 1/2; marked "not in the paper" in the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import examples, found, pretraining, size, supervised
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every rate, seed by seed."""
    for name in found(data):
        sized = size(name, budget)
        for seed, pretrained, rate in product(sized.seed_numbers(seeds), (False, True), sized.rates):
            start = pretraining(name, "logistic", sized, seed) if pretrained else None
            labels = {"data": name, "unit": "logistic", "pretrained": pretrained, "learning_rate": rate, "seed": seed}
            yield Planned(supervised("logistic", sized, rate, seed), examples(name, sized), start, labels, sized.grid)
