"""A demo at its smallest, trained once: every contender, then every run of the comparison."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from rectinet.demo import contenders, labels
from rectinet.demo.experiment import Contender, Result, contest, digits
from rectinet.demo.labels import Comparison, Planned, compare, plan
from rectinet.runs import Data
from rectinet.runs.run import Moment, Watch

SMALL = contenders(sizes=(12, 10, 8), epochs=2, seed=3)


@dataclass
class Trained:
    """What the smallest demo gave, and what it was told on the way."""

    data: Data
    results: dict[str, Result]
    moments: list[tuple[Contender, str]]
    planned: list[Planned]
    comparison: Comparison
    begun: list[Planned] = field(default_factory=list)


@pytest.fixture(scope="session")
def data() -> Data:
    """The digits, fewer of them."""
    whole = digits()
    assert whole.validation is not None
    return replace(whole, train=whole.train.take(slice(120)), validation=whole.validation.take(slice(60)))


@pytest.fixture(scope="session")
def trained(data: Data) -> Trained:
    moments: list[tuple[Contender, str]] = []
    begun: list[Planned] = []

    def show(contender: Contender, moment: Moment) -> None:
        moments.append((contender, moment.kind))

    def watcher(planned: Planned) -> Watch:
        begun.append(planned)
        return lambda moment: False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels, "FEWEST_UPDATES", 30)
        patch.setattr(labels, "N_LABELS", (20, 50))
        patch.setattr(labels, "PRETRAINING", labels.PRETRAINING | {"pretrain_epochs": 2})
        results = contest(SMALL, data, show)
        planned = plan({contender.style: contender for contender in SMALL}, len(data.train))
        comparison = compare(results, planned, data, watcher)
    return Trained(data, results, moments, planned, comparison, begun)
