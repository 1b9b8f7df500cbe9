"""Open question: whether the decoders of images are tied to their encoders.

Rectifiers, pre-trained both ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import examples, pretraining, size, supervised
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Two candidates; "untied" is a run of table1, but for the whole budget, whose rates compete there."""
    name = data or "mnist"
    sized = size(name, budget)
    for seed, tied in product(sized.seed_numbers(seeds), (False, True)):
        start = pretraining(name, "rectifier", sized, seed, tied=tied)
        labels = {"data": name, "candidate": "tied" if tied else "untied", "seed": seed}
        yield Planned(supervised("rectifier", sized, 0.1, seed), examples(name, sized), start, labels)
