"""Open question: how long the paper pre-trained, in which minibatches, and at which rates.

Units of each kind at the learning rate of fine-tuning that table1 chose at the standard budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rectinet.study.experiments._images import pretraining, size, supervised
from rectinet.study.planned import Planned
from rectinet.study.sources import Whole

RATES: Final = {"rectifier": 0.1, "tanh": 0.01, "softplus": 0.1}
CANDIDATES: Final[dict[str, dict[str, Any]]] = {
    "10 epochs, minibatches of 100": {},  # as table1 at the standard budget
    "50 epochs, minibatches of 100": {"pretrain_epochs": 50},
    "10 epochs, minibatches of 10": {"pretrain_batch_size": 10},
    "10 epochs, minibatches of 10, rates searched": {"pretrain_batch_size": 10, "pretrain_learning_rate": "auto"},
}


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every candidate of each unit; the first are runs of table1 at the standard budget."""
    name = data or "mnist"
    sized = size(name, "quick" if budget == "quick" else "standard")
    for seed, unit, (candidate, changes) in product(sized.seed_numbers(seeds), RATES, CANDIDATES.items()):
        start = pretraining(name, unit, sized, seed, **changes)
        labels = {"data": name, "unit": unit, "candidate": candidate, "seed": seed}
        yield Planned(supervised(unit, sized, RATES[unit], seed), Whole(name), start, labels)
