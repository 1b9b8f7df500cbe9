"""Table 1: test error of rectifier, tanh and softplus networks on images, with and without pre-training.

Every cell with every rate of the grid; the report shows the rate with the lowest validation error, averaged over the
seeds. Runs on those of the paper's image sets whose files are here (not on generated characters: --data nistp), or on
any other by --data. Smaller budgets leave out hopeless rates and pre-train for fewer epochs; "paper" has the whole
grid, of which hopeless rates are stopped after 10 and 50 epochs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from rectinet.study.experiments._images import UNITS, examples, found, pretraining, size, supervised
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Seed by seed, so that what is known early is known of every cell."""
    for name in found(data):
        sized = size(name, budget)
        for seed, unit, pretrained in product(sized.seed_numbers(seeds), UNITS, (False, True)):
            start = pretraining(name, unit, sized, seed) if pretrained else None
            for rate in sized.rates:
                labels = {"data": name, "unit": unit, "pretrained": pretrained, "learning_rate": rate, "seed": seed}
                yield Planned(supervised(unit, sized, rate, seed), examples(name, sized), start, labels, sized.grid)
