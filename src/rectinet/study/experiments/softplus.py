"""Rescaled softplus: (1/alpha) log(1 + e^(alpha z)) from the softplus (alpha 1) to the rectifier (alpha infinite).

Without pre-training. The paper shows NORB; here MNIST, or any other set by --data.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import isinf

from rectinet.study.experiments._images import examples, size, supervised
from rectinet.study.paper import paper
from rectinet.study.planned import Planned


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every alpha and rate, seed by seed; the two ends are runs of table1."""
    name = data or "mnist"
    sized = size(name, budget)
    alphas = [value.cell["alpha"] for value in paper().tables["softplus"]]
    for seed, alpha, rate in product(sized.seed_numbers(seeds), alphas, sized.rates):
        unit, changes = ("rectifier", {}) if isinf(alpha) else ("softplus", {"softplus_alpha": alpha})
        labels = {"data": name, "alpha": "infinity" if isinf(alpha) else alpha, "learning_rate": rate, "seed": seed}
        yield Planned(
            supervised(unit, sized, rate, seed, **changes), examples(name, sized), labels=labels, grid=sized.grid
        )
