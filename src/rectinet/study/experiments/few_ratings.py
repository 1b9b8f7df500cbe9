"""Few ratings: stars of film reviews (IMDB, 1 to 10) from 1,000 and 10,000 rated ones and 50,000 others.

Binary bags of the 5,000 words found in most reviews; networks without a hidden layer and with one or three of 1,000
rectifiers, pre-trained on every text but those kept aside. The fine-tuning rate is the one with the lowest RMSE on
validation reviews (first draw, three layers). Reviews of the test part are never seen before, not even unlabelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import AllInputs, FewRatings

N_LABELS: Final = {1_000: (0, 1, 2), 10_000: (0,)}  # labels: the draws of them
DEPTHS: Final = (3, 1, 0)
RATES: Final = (0.01, 0.0025, 0.001, 0.0005)  # candidates, judged on validation reviews
LINEAR_RATE: Final = 0.01  # without a hidden layer
WIDTH: Final = 1000


def runs() -> Iterator[Planned]:
    """Candidates of the rate first, then every network with every rate: the report shows the chosen one."""
    for n_labels, draws in N_LABELS.items():
        for rate in RATES:
            yield planned(3, n_labels, 0, rate, "validation")
        for draw in draws:
            for depth in DEPTHS:
                for rate in RATES if depth else (LINEAR_RATE,):
                    yield planned(depth, n_labels, draw, rate, "test")


def planned(depth: int, n_labels: int, draw: int, rate: float, judged_by: str) -> Planned:
    """Fine-tuning of a network of some depth."""
    labels = {"depth": depth, "n_labels": n_labels, "draw": draw, "learning_rate": rate, "judged_by": judged_by}
    configuration = Configuration(task="rate", learning_rate=rate, random_state=draw, **parameters(depth))
    start = pretraining(depth) if depth else None
    return Planned(configuration, FewRatings("imdb", n_labels, draw, judged_by), start, labels)


def pretraining(depth: int) -> Planned:
    """One for all draws of labels."""
    configuration = Configuration(task="encode", random_state=0, **parameters(depth))
    return Planned(configuration, AllInputs("imdb"), labels={"depth": depth})


def parameters(depth: int) -> dict[str, Any]:
    """The layers, and how they are pre-trained: as docs/text.md has it for 75,000 reviews."""
    hidden: dict[str, Any] = {"hidden_layer_sizes": (WIDTH,) * depth}
    if not depth:
        return hidden
    return hidden | {
        "pretrain_epochs": (4, 3, 3)[:depth],
        "pretrain_learning_rate": 0.01,
        "pretrain_batch_size": 10,
        "pretrain_decay_from": 0.5,
        "corruption": "salt_and_pepper",
        "corruption_level": (0.5, 0.5, 0.3)[:depth],
        "reconstruction": "sigmoid",
        "tied": True,
        "output_init": "zeros",
    }
