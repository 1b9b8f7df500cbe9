"""Few labels: what pre-training on unlabelled images is worth, to rectifiers and to tanh units.

Of the 50,000 training images of MNIST 1,000 or 100 keep their labels, as many of each class, in five draws; all are
seen unlabelled. Networks are 784-500-500-500-10, their output layer starts at 0. The fine-tuning rate and the penalty
on the activities of each cell are those with the lowest validation error, averaged over the draws; training stops
early by the same 10,000 validation images, with and without pre-training alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import FewLabels, Inputs

HIDDEN: Final = (500, 500, 500)
RATES: Final = {1000: (0.1, 0.03), 100: (0.1, 0.03, 0.01)}  # candidates, by the number of labels
PENALTIES: Final = (0.0, 1e-3)  # candidates: activity L1 of every hidden layer
DRAWS: Final = range(5)
VISITS: Final = 300  # of labelled images between two looks at the validation set, or as many as are labelled
UNITS: Final[dict[str, dict[str, Any]]] = {  # how the layers of one kind of unit learn from unlabelled images
    "rectifier": {"reconstruction": "softplus", "pretrain_learning_rate": (0.03, 0.01, 0.01)},
    "tanh": {"reconstruction": "sigmoid", "pretrain_learning_rate": (0.1, 0.1, 0.1)},
}


def runs() -> Iterator[Planned]:
    """Every candidate of every cell, draw by draw."""
    for draw, unit, n_labels in product(DRAWS, UNITS, RATES):
        for pretrained, rate, penalty in product((True, False), RATES[n_labels], PENALTIES):
            labels = {"unit": unit, "n_labels": n_labels, "pretrained": pretrained, "draw": draw}
            yield Planned(
                fine_tuning(unit, rate, penalty, draw),
                FewLabels("mnist", n_labels, draw, VISITS),
                pretraining(unit, draw) if pretrained else None,
                labels | {"learning_rate": rate, "activity_l1": penalty},
            )


def pretraining(unit: str, draw: int) -> Planned:
    """The hidden layers learn to clean all training images."""
    configuration = Configuration(
        task="encode",
        hidden_layer_sizes=HIDDEN,
        activation=unit,
        pretrain_epochs=12,
        pretrain_batch_size=100,
        corruption="masking",
        corruption_level=0.25,
        tied=False,
        random_state=draw,
        **UNITS[unit],
    )
    return Planned(configuration, Inputs("mnist"), labels={"unit": unit, "draw": draw})


def fine_tuning(unit: str, rate: float, penalty: float, draw: int) -> Configuration:
    """Supervised training from a zero output layer."""
    return Configuration(
        task="classify",
        hidden_layer_sizes=HIDDEN,
        activation=unit,
        activity_l1=penalty,
        learning_rate=rate,
        batch_size=10,
        max_epochs=200,
        patience=20,
        output_init="zeros",
        random_state=draw,
    )
