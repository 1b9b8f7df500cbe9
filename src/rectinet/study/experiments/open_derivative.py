"""Open question: whether the rectifier's derivative at 0 is 0 or 1.

The reference engine, a small net, few examples. An engine that skips units that are off cannot send a derivative back
through them, so NumPy computes both candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

from rectinet.study.experiments._images import size, supervised
from rectinet.study.planned import Planned
from rectinet.study.sources import Beginning

HIDDEN: Final = (100, 100)
EXAMPLES: Final = {"quick": 1_000, "standard": 5_000, "paper": 20_000}
EPOCHS: Final = {"quick": 10, "standard": 30, "paper": 60}


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Two candidates."""
    name = data or "digits"
    sized = replace(size(name, budget), hidden=HIDDEN, max_epochs=EPOCHS[budget], patience=EPOCHS[budget])
    for seed, derivative in product(sized.seed_numbers(seeds), (0.0, 1.0)):
        configuration = supervised("rectifier", sized, 0.1, seed, derivative_at_zero=derivative, engine="reference")
        labels = {"data": name, "candidate": f"{derivative:g}", "seed": seed}
        yield Planned(configuration, Beginning(name, EXAMPLES[budget], 10_000, 10_000), labels=labels)
