"""Amazon: is a review positive? 100 labelled reviews of a product, the rest of its 2,000 unlabelled, 10 folds.

Four products, binary bags of 5,000 words, three layers of rectifiers, and the same without pre-training. Assumed,
because the paper does not say: the 100 are drawn at random, 50 of each class, other ones in each fold; the reviews of
the fold that is tested on are never seen, and those of other products neither. With so few labels nothing is held out:
rate and epochs are fixed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import Fold

PRODUCTS: Final = ("books", "dvd", "electronics", "kitchen")
N_LABELS: Final = 100
WIDTHS: Final = {"quick": 100, "standard": 1000, "paper": 5000}
FOLDS: Final = {"quick": 3, "standard": 10, "paper": 10}
EPOCHS: Final = {"quick": (10, 5, 5), "standard": (60, 30, 30), "paper": (120, 120, 120)}


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every product, with and without pre-training, fold by fold; `seeds` is the number of folds."""
    names = [data] if data else [f"amazon-{product}" for product in PRODUCTS]
    for fold, name, pretrained in product(range(seeds or FOLDS[budget]), names, (True, False)):
        configuration = Configuration(
            task="classify",
            learning_rate=0.01,
            batch_size=10,
            max_epochs=100,
            early_stopping=False,
            output_init="zeros",
            random_state=fold,
            **hidden(budget),
        )
        labels = {"data": name, "pretrained": pretrained, "fold": fold}
        start = pretraining(name, budget, fold) if pretrained else None
        yield Planned(configuration, Fold(name, fold, N_LABELS), start, labels)


def hidden(budget: str) -> dict[str, Any]:
    """The hidden layers."""
    return {"hidden_layer_sizes": (WIDTHS[budget],) * 3, "activation": "rectifier"}


def pretraining(data: str, budget: str, fold: int) -> Planned:
    """On all reviews of the product but those of the fold."""
    configuration = Configuration(
        task="encode",
        pretrain_epochs=EPOCHS[budget],
        pretrain_learning_rate=0.01,
        pretrain_batch_size=10,
        pretrain_decay_from=0.5,
        corruption="salt_and_pepper",
        corruption_level=(0.5, 0.5, 0.3),
        reconstruction="sigmoid",
        tied=True,
        random_state=fold,
        **hidden(budget),
    )
    return Planned(configuration, Fold(data, fold, N_LABELS, labelled=False), labels={"data": data, "fold": fold})
