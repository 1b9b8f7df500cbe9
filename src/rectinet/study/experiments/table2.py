"""Table 2: stars of reviews. No hidden layer, one and three rectifier layers, three of tanh, three not pre-trained.

The paper used restaurant reviews (OpenTable), which are not public; films (IMDB) stand in for them, marked "data
differ". Binary bags of the 5,000 most frequent words; the prediction is the expected star value, the score its RMSE.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rectinet.runs import Configuration
from rectinet.study.grid import Grid, Rung
from rectinet.study.planned import Planned
from rectinet.study.sources import AllInputs, Whole

NETWORKS: Final[dict[str, tuple[str, int, bool]]] = {  # unit, hidden layers, pre-trained
    "no hidden layer": ("rectifier", 0, False),
    "rectifier, 1 layer": ("rectifier", 1, True),
    "rectifier, 3 layers": ("rectifier", 3, True),
    "tanh, 3 layers": ("tanh", 3, True),
    "rectifier, 3 layers, no pre-training": ("rectifier", 3, False),
}
WIDTHS: Final = {"quick": 100, "standard": 1000, "paper": 5000}
EPOCHS: Final = {"quick": (1, 1, 1), "standard": (4, 3, 3), "paper": (30, 30, 30)}  # of pre-training, by layer
NOISE: Final = (0.5, 0.5, 0.3)  # salt and pepper on the words, masking above
RUNGS: Final = (Rung(10, 1.2),)  # of RMSE; a hopeless rate predicts the mean
RATES: Final = {"quick": (0.01,), "standard": (0.01, 0.001), "paper": (0.1, 0.01, 0.001, 0.0001)}


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every network and rate, seed by seed."""
    name = data or "imdb"
    grid = Grid(RATES[budget], RUNGS) if budget == "paper" else None
    for seed, network, rate in product(range(seeds or 3), NETWORKS, RATES[budget]):
        unit, depth, pretrained = NETWORKS[network]
        configuration = Configuration(
            task="rate",
            learning_rate=rate,
            batch_size=10,
            max_epochs={"quick": 5, "standard": 50, "paper": 200}[budget],
            patience=10,
            output_init="zeros",
            random_state=seed,
            **hidden(unit, depth, budget),
        )
        labels = {"data": name, "network": network, "learning_rate": rate, "seed": seed}
        start = pretraining(name, unit, depth, budget, seed) if pretrained else None
        yield Planned(configuration, Whole(name), start, labels, grid)


def hidden(unit: str, depth: int, budget: str) -> dict[str, Any]:
    """The hidden layers."""
    return {"hidden_layer_sizes": (WIDTHS[budget],) * depth, "activation": unit}


def pretraining(data: str, unit: str, depth: int, budget: str, seed: int) -> Planned:
    """On every text that may be seen without its stars; the words corrupted by their own density."""
    configuration = Configuration(
        task="encode",
        pretrain_epochs=EPOCHS[budget][:depth],
        pretrain_learning_rate=0.01,
        pretrain_batch_size=10,
        pretrain_decay_from=0.5,
        corruption="salt_and_pepper",
        corruption_level=NOISE[:depth],
        reconstruction="sigmoid",
        tied=True,
        random_state=seed,
        **hidden(unit, depth, budget),
    )
    labels = {"data": data, "unit": unit, "depth": depth, "seed": seed}
    return Planned(configuration, AllInputs(data), labels=labels)
