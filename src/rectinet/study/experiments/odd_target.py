"""An odd target, f(-x) = -f(x), learned by N tanh units against N and 2N rectifiers.

A tanh unit is odd itself; two rectifiers that share their weights with opposite signs make one odd or even response
(section 3), so that rectifiers may need twice the units. The target is the sum of sines of four random directions in
eight dimensions, its examples are drawn from a normal distribution, without noise. One hidden layer without signs or
penalty; of every cell the rate with the lowest validation error.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import Odd

N_UNITS: Final = 32
CONTENDERS: Final[dict[str, tuple[str, int]]] = {  # unit and width
    "N tanh units": ("tanh", N_UNITS),
    "N rectifiers": ("rectifier", N_UNITS),
    "2N rectifiers": ("rectifier", 2 * N_UNITS),
}
RATES: Final = (0.1, 0.03, 0.01)
EPOCHS: Final = {"quick": 30, "standard": 200, "paper": 500}
SEEDS: Final = {"quick": 3, "standard": 5, "paper": 10}


def runs(budget: str = "standard", seeds: int | None = None) -> Iterator[Planned]:
    """Every contender and rate, seed by seed; each seed is another target."""
    for seed, network, rate in product(range(seeds or SEEDS[budget]), CONTENDERS, RATES):
        unit, width = CONTENDERS[network]
        configuration = Configuration(
            task="regress",
            hidden_layer_sizes=(width,),
            activation=unit,
            learning_rate=rate,
            batch_size=10,
            max_epochs=EPOCHS[budget],
            patience=EPOCHS[budget],
            random_state=seed,
        )
        labels = {"network": network, "units": width, "learning_rate": rate, "seed": seed}
        yield Planned(configuration, Odd(seed), labels=labels)
