"""Open question: how the paper pre-trained: how long, in which minibatches, with which rates, noise and costs.

Units of each kind at the learning rate of fine-tuning that table1 chose at the standard budget. Tanh networks, which
are worse than the paper's, have further candidates, some of them fine-tuned at a rate between those of the grid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from rectinet.study.experiments._images import (
    BETWEEN,
    LEARNING_RATES,
    RATES,
    Rates,
    examples,
    pretraining,
    size,
    supervised,
)
from rectinet.study.planned import Planned

RATES_OF_100: Final[dict[str, Rates]] = {  # of pre-training in minibatches of 100
    "rectifier": (0.03, 0.003, 0.003),
    "softplus": (0.03, 0.003, 0.003),
    "tanh": 0.1,
}
SUMMED: Final[dict[str, Any]] = {"activity_l1": 0.003, "activity_l1_normalization": "sum"}
OF_TANH: Final[dict[str, tuple[float, dict[str, Any]]]] = {  # some fine-tuned at rates between those of the grid
    "half of the inputs masked": (LEARNING_RATES["tanh"], {"corruption_level": 0.5}),
    "lower rates above the first layer": (LEARNING_RATES["tanh"], {"pretrain_learning_rate": (0.01, 0.003, 0.001)}),
    "softplus and squares in the first layer": (  # as the other units are pre-trained
        LEARNING_RATES["tanh"],
        {"reconstruction": ("softplus", "sigmoid", "sigmoid"), "pretrain_learning_rate": (0.03, 0.01, 0.01)},
    ),
    "fine-tuned at 0.03": (BETWEEN, {}),
    # As random searches by validation error have it.
    "L1 summed, more noise in the first layer, fine-tuned at 0.03": (
        BETWEEN,
        SUMMED | {"corruption_level": (0.4, 0.1, 0.1), "pretrain_learning_rate": 0.005},
    ),
    "L1 summed, more noise in the first layer, fine-tuned at 0.05": (
        0.05,
        SUMMED | {"corruption_level": (0.4, 0.1, 0.25), "pretrain_learning_rate": (0.007, 0.004, 0.007)},
    ),
}


def candidates(unit: str) -> dict[str, tuple[float, dict[str, Any]]]:
    """The rate of fine-tuning of each candidate and what it changes; the first is table1's at the standard budget."""
    higher: dict[str, Any] = {"pretrain_learning_rate": RATES_OF_100[unit]}
    of_100 = higher | {"pretrain_batch_size": 100}
    changes: dict[str, dict[str, Any]] = {
        "10 epochs, minibatches of 10": {},
        "50 epochs, minibatches of 10": {"pretrain_epochs": 50},
        "10 epochs, minibatches of 10, rates searched": {"pretrain_learning_rate": "auto"},
        "10 epochs, minibatches of 10, rates of 100": higher,
        "10 epochs, minibatches of 100": of_100,
        "50 epochs, minibatches of 100": of_100 | {"pretrain_epochs": 50},
    }
    if RATES_OF_100[unit] == RATES[unit]:
        del changes["10 epochs, minibatches of 10, rates of 100"]
    found = {candidate: (LEARNING_RATES[unit], change) for candidate, change in changes.items()}
    return found | OF_TANH if unit == "tanh" else found


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every candidate of each unit, seed by seed."""
    name = data or "mnist"
    standard = size(name, "standard")
    sized = replace(size(name, "quick"), pretrain=standard.pretrain) if budget == "quick" else standard
    for seed, unit in product(sized.seed_numbers(seeds), LEARNING_RATES):
        for candidate, (rate, changes) in candidates(unit).items():
            start = pretraining(name, unit, sized, seed, **changes)
            labels = {"data": name, "unit": unit, "candidate": candidate, "seed": seed}
            yield Planned(supervised(unit, sized, rate, seed), examples(name, sized), start, labels)
