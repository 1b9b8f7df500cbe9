"""MNIST without pre-training: the learning rate from the paper's grid, by validation error.

784-1000-1000-1000-10, minibatches of 10, constant rate (section 4), with and without a mild penalty on activities.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import Whole

RATES: Final = (0.1, 0.01, 0.001, 0.0001)
PENALTIES: Final = (0.0, 1e-4)


def runs() -> Iterator[Planned]:
    """The grid, one seed."""
    for rate, penalty in product(RATES, PENALTIES):
        configuration = Configuration(
            task="classify",
            hidden_layer_sizes=(1000, 1000, 1000),
            activation="rectifier",
            activity_l1=penalty,
            learning_rate=rate,
            batch_size=10,
            max_epochs=50,
            patience=20,
            random_state=0,
        )
        yield Planned(configuration, Whole("mnist"), labels={"learning_rate": rate, "activity_l1": penalty})
