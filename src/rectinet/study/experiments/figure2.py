"""Figure 2: the active path of a trained network for one input.

Three hidden layers of a dozen rectifiers, so that all of them can be drawn, trained on the beginning of the data set
with an L1 penalty that keeps more than half of them at 0. What each unit adds to the highest output is exact.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from rectinet.engine import numerics_version
from rectinet.runs import Configuration
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival
from rectinet.study.sources import Beginning

HIDDEN: Final = (12, 12, 12)
N_TEST: Final = 10  # examples whose paths are kept; the first is drawn


def runs(seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """One network for each seed; the first one's path is drawn."""
    for seed in range(seeds or 1):
        yield _network(data or "mnist", seed)


def _network(data: str, seed: int) -> Planned:
    configuration = Configuration(
        task="classify",
        hidden_layer_sizes=HIDDEN,
        learning_rate=0.05,
        activity_l1=0.003,
        max_epochs=60,
        random_state=seed,
    )
    document = json.dumps(configuration.document(), sort_keys=True)
    asked = {"document": document, "numerics": numerics_version(), "random_state": seed}
    rival = Rival("rectifier", "rectinet.study.experiments._path:Paths", asked)
    labels = {"data": data, "hidden": list(HIDDEN), "seed": seed}
    return Planned(rival, Beginning(data, 3_000, 0, N_TEST), labels=labels)
