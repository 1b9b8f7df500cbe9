"""Sampled reconstruction: what drawing a share of the zeros costs, against reconstructing every word (IMDB).

One tied layer of 1,000 rectifiers on binary bags of 5,000 words, 4 epochs; the same start, order and noise for all. The
cost of every epoch is that of validation reviews, corrupted once and for all, always over all words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.sources import AllInputs

SHARES: Final = (None, 0.2, 0.1, 0.05)  # of the zeros; None: all, dense reconstruction


def runs() -> Iterator[Planned]:
    """One for each share."""
    for share in SHARES:
        configuration = Configuration(
            task="encode",
            hidden_layer_sizes=(1000,),
            pretrain_epochs=4,
            pretrain_learning_rate=0.1,
            pretrain_batch_size=100,
            pretrain_decay_from=0.5,
            corruption="salt_and_pepper",
            corruption_level=0.5,
            reconstruction="sigmoid",
            tied=True,
            sampled_reconstruction=share,
            random_state=0,
        )
        yield Planned(configuration, AllInputs("imdb", validated=True), labels={"zeros": share or 1.0})
