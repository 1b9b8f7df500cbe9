"""Open question: whether the paper's L1 term is a sum or a mean over units.

The paper's coefficient summed over the units of a layer, averaged over them, and left out; without pre-training.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import examples, size, supervised
from rectinet.study.paper import paper
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Three candidates; "mean" is a run of table1, but for the whole budget, whose rates compete there."""
    name = data or "mnist"
    sized = size(name, budget)
    coefficient = paper().protocol.activity_l1
    candidates = {"sum": ("sum", coefficient), "mean": ("mean", coefficient), "none": ("sum", 0.0)}
    for seed, (candidate, (normalization, penalty)) in product(sized.seed_numbers(seeds), candidates.items()):
        l1 = {"activity_l1": penalty, "activity_l1_normalization": normalization}
        labels = {"data": name, "candidate": candidate, "seed": seed}
        yield Planned(supervised("rectifier", sized, 0.1, seed, **l1), examples(name, sized), labels=labels)
