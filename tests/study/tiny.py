"""A tiny study: pre-training that three runs start from, runs of their own, one that diverges, and a rival.

It takes a second, and has everything that the machinery must handle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rectinet.runs import Configuration, Data, Part
from rectinet.study.grid import Grid, Rung
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival

EPOCHS = {"quick": 2, "standard": 6, "paper": 8, "endless": 10**9}
SIZES = (12, 10)
GRID = Grid((0.1, 0.01, 0.001, 0.0001), (Rung(2, 1.5), Rung(4, 1.2)))


@dataclass(frozen=True)
class Points:
    """Two classes of points in 16 dimensions.

    Attributes
    ----------
    labelled : bool
        Without: the inputs alone, for pre-training.
    tests : int
        Examples to test on.
    """

    labelled: bool = True
    seed: int = 0
    tests: int = 40

    def load(self) -> Data:
        rng = np.random.default_rng(self.seed)
        parts = []
        for n in (80, 30, self.tests):
            X = rng.random((n, 16), dtype=np.float32)
            parts.append(Part(X, (X[:, :8].sum(axis=1) > X[:, 8:].sum(axis=1)).astype(np.int64)))
        return Data(*parts) if self.labelled else Data(Part(parts[0].X))


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Three runs and a half for each seed."""
    for seed in range(seeds or 3):
        yield Planned(fine_tuning(budget, seed), Points(), pretraining(seed % 2), {"seed": seed, "pretrained": True})
        yield Planned(fine_tuning(budget, seed), Points(), labels={"seed": seed, "pretrained": False})
    yield Planned(hopeless(budget), Points(), labels={"seed": 0, "rate": 1e12})
    rival = Rival("nearest neighbour", "sklearn.neighbors:KNeighborsClassifier", {"n_neighbors": 3})
    yield Planned(rival, Points(), labels={"rival": rival.name})


def grid(budget: str = "paper", seeds: int = 2) -> Iterator[Planned]:
    """Rates that compete, seed by seed, all of them pre-trained."""
    for seed in range(seeds):
        for rate in GRID.rates:
            configuration = replace(fine_tuning(budget, seed), learning_rate=rate)
            labels = {"seed": seed, "learning_rate": rate}
            yield Planned(configuration, Points(), pretraining(seed % 2), labels, GRID)


def hopeless(budget: str) -> Configuration:
    return replace(fine_tuning(budget, 0), activation="linear", activity_l1=0.0, learning_rate=1e12)


def pretraining(seed: int) -> Planned:
    configuration = Configuration(
        task="encode", hidden_layer_sizes=SIZES, pretrain_epochs=2, pretrain_batch_size=16, random_state=seed
    )
    return Planned(configuration, Points(labelled=False), labels={"seed": seed})


def fine_tuning(budget: str, seed: int) -> Configuration:
    return Configuration(
        hidden_layer_sizes=SIZES,
        learning_rate=0.1,
        batch_size=16,
        max_epochs=EPOCHS[budget],
        activity_l1=1e-3,
        random_state=seed,
    )
