"""Cost of training with and without skipping zeros: the same networks, the same numbers, other seconds.

Five epochs of the paper's networks on a beginning of the data, one thread, at the rate that table1 chose for rectifiers
there: a higher one silences units, and skipping them would look better than it is. The control computes with units that
are off as if they were on. Nothing else should run meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from rectinet.engine import numerics_version
from rectinet.study.experiments._images import original, size, supervised
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival
from rectinet.study.sources import Beginning

NETWORKS: Final[dict[str, tuple[str, float]]] = {  # unit, coefficient of the sum of activities
    "rectifier": ("rectifier", 0.0),
    "rectifier, L1": ("rectifier", 1e-4),
    "softplus": ("softplus", 0.0),
    "tanh": ("tanh", 0.0),
}
EXAMPLES: Final = {"quick": 1_000, "standard": 10_000, "paper": 50_000}
EPOCHS: Final = 5
LOWER: Final = {"cifar10": 0.01, "nistp": 0.01}  # in place of 0.1


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Each network twice, one after the other."""
    name = data or "mnist"
    sized = replace(size(name, budget), max_epochs=EPOCHS)
    source = Beginning(name, EXAMPLES[budget], 0, 1_000)
    rate = LOWER.get(original(name), 0.1)
    for seed, network, skip_zeros in product(sized.seed_numbers(seeds), NETWORKS, (True, False)):
        unit, penalty = NETWORKS[network]
        changes: dict[str, Any] = {"activity_l1": penalty, "activity_l1_normalization": "sum", "early_stopping": False}
        document = json.dumps(supervised(unit, sized, rate, seed, **changes).document(), sort_keys=True)
        asked = {"document": document, "numerics": numerics_version(), "skip_zeros": skip_zeros, "random_state": seed}
        title = f"{network}, {'skipping' if skip_zeros else 'control'}"
        rival = Rival(title, "rectinet.study.experiments._timed:Timed", asked)
        labels = {"data": name, "network": network, "skip_zeros": skip_zeros, "seed": seed}
        yield Planned(rival, source, labels=labels)
