"""Figure 3: test error against the share of exact zeros, as the L1 penalty on activations varies.

Rectifier networks without pre-training at the highest rate of the grid, coefficients from 0 to the paper's 0.01, with
the term summed over the units of a layer and averaged over them; on MNIST, or by --data.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from rectinet.study.experiments._images import examples, size, supervised
from rectinet.study.planned import Planned

BY_SUM: Final = {  # coefficients; one of the mean is that of the sum times the number of units
    "quick": (0.0, 1e-4, 1e-3, 1e-2),
    "standard": (0.0, 1e-5, 2e-5, 4e-5, 7e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2),
    "paper": (0.0, *(k * 10.0**d for d in (-6, -5, -4, -3) for k in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)), 1e-2),
}
BY_MEAN: Final = {
    "quick": (1e-3, 5e-3),
    "standard": (1e-3, 2e-3, 5e-3),
    "paper": (1e-3, 2e-3, 3e-3, 5e-3, 7e-3),
}
RATE: Final = 0.1
WIDER: Final = (2, 4)  # times the units, for the sparse end: an equal number of active units
SPARSE_END: Final = (3e-3, 1e-2)


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every coefficient, seed by seed; wider networks at the sparse end last, in the whole budget alone."""
    name = data or "mnist"
    sized = size(name, budget)
    for seed in range(seeds or {"quick": 1, "standard": 2, "paper": 4}[budget]):
        penalties = [("sum", c) for c in BY_SUM[budget]] + [("mean", c) for c in BY_MEAN[budget]]
        wider = product(WIDER, (("sum", c) for c in SPARSE_END)) if budget == "paper" else ()
        for times, (normalization, penalty) in [*((1, each) for each in penalties), *wider]:
            configuration = supervised(
                "rectifier",
                sized,
                RATE,
                seed,
                hidden_layer_sizes=tuple(times * n for n in sized.hidden),
                activity_l1=penalty,
                activity_l1_normalization=normalization,
            )
            labels = {"data": name, "normalization": normalization, "activity_l1": penalty, "width": times}
            yield Planned(configuration, examples(name, sized), labels=labels | {"seed": seed})
