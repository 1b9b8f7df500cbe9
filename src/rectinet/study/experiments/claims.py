"""What is claimed of sparse rectifier codes, measured: rectifier, rectifier with L1, tanh and logistic networks.

Networks of equal size are trained without pre-training and then questioned, example by example: zeros and mean activity
before training, stability of the active set, how many units are active, gradient norms, classes after a share of the
code is lost, linear models on codes against inputs, bytes of the codes, rescaling, intensity, and of pictures the
change of each layer under slant and shift. Beginnings of the data set alone, so that it is quick. On MNIST, or by
--data; reviews (imdb) with their stars as classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from rectinet.engine import numerics_version
from rectinet.study.experiments._images import size, supervised
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival
from rectinet.study.sources import Beginning

NETWORKS: Final[dict[str, dict[str, Any]]] = {
    "rectifier": {"unit": "rectifier", "activity_l1": 0.0},
    "rectifier, L1": {"unit": "rectifier", "activity_l1": 3e-4},  # of the sum: sparser than the paper's own networks
    "tanh": {"unit": "tanh", "activity_l1": 0.0},
    "logistic": {"unit": "logistic", "activity_l1": 0.0},
}
RATES: Final = {"logistic": 0.5}  # a quarter of tanh's slope at 0
TEXTS: Final = ("imdb", "opentable", "amazon")  # how their names begin
EXAMPLES: Final = {"quick": 3_000, "standard": 20_000, "paper": 50_000}


def runs(budget: str = "standard", seeds: int | None = None, data: str | None = None) -> Iterator[Planned]:
    """Every network, seed by seed."""
    name = data or "mnist"
    sized = size(name, budget)
    sized = replace(sized, max_epochs=min(sized.max_epochs, 20))
    images = not name.startswith(TEXTS)
    source = Beginning(name, EXAMPLES[budget], 0, 1_000)
    for seed, network in product(sized.seed_numbers(seeds), NETWORKS):
        facts = dict(NETWORKS[network])
        unit = facts.pop("unit")
        configuration = supervised(
            unit, sized, RATES.get(unit, 0.1), seed, signs="positive", activity_l1_normalization="sum", **facts
        )
        document = json.dumps(configuration.document(), sort_keys=True)
        asked = {"document": document, "numerics": numerics_version(), "random_state": seed, "images": images}
        rival = Rival(network, "rectinet.study.experiments._looked:Looked", asked)
        labels = {"data": name, "network": network, "layers": len(sized.hidden), "images": images, "seed": seed}
        yield Planned(rival, source, labels=labels)
