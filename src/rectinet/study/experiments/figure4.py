"""Figure 4: test error against the share of labels, with and without pre-training, rectifiers and tanh units.

Pre-training sees every training image; 1 to 100 % of each class keep their labels. The paper shows NORB; here MNIST, or
any other set by --data. The number of updates between two looks at the validation set is the same for small shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from rectinet.study.experiments._images import LEARNING_RATES, pretraining, size, supervised
from rectinet.study.planned import Planned
from rectinet.study.sources import Share

SHARES: Final = {
    "quick": (0.05, 0.25, 1.0),
    "standard": (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0),
    "paper": (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0),
}
VISITS: Final = 500


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every share, seed by seed; each seed draws its own labels."""
    name = data or "mnist"
    sized = size(name, budget)
    grid = sized.grid if budget == "paper" else None
    for seed in sized.seed_numbers(seeds):
        for unit, pretrained, share in product(("rectifier", "tanh"), (False, True), SHARES[budget]):
            start = pretraining(name, unit, sized, seed) if pretrained else None
            labels = {"data": name, "unit": unit, "pretrained": pretrained, "share": share}
            source = Share(name, share, seed, VISITS)
            for rate in sized.rates if budget == "paper" else (LEARNING_RATES[unit],):
                configuration = supervised(unit, sized, rate, seed)
                yield Planned(configuration, source, start, labels | {"learning_rate": rate, "seed": seed}, grid)
