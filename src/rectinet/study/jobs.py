"""Planned runs as jobs: their keys by the data that are really there, and which waits for which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rectinet.runs import Data
from rectinet.runs.data import fingerprint
from rectinet.study.arrays import Packed
from rectinet.study.planned import DataSource, Planned


@dataclass(frozen=True)
class Facts:
    """What is known of data once they have been looked at.

    Attributes
    ----------
    checksum : str
        Of what a run learns from.
    examined : str
        Fingerprint of the inputs it is examined on: a finished run is repeated when they have changed.
    targets : Packed
        Of "validation" and "test".
    n_examples : int
        To learn from.
    """

    checksum: str
    examined: str
    targets: Packed
    n_examples: int

    @classmethod
    def of(cls, data: Data) -> Facts:
        parts = {"validation": data.validation, "test": data.test}
        inputs = [None if part is None else part.X for part in parts.values()]
        targets = Packed.of({name: part.y for name, part in parts.items() if part is not None and part.y is not None})
        return cls(data.checksum(), fingerprint(*inputs), targets, len(data.train))


@dataclass(frozen=True)
class Job:
    """A run to be executed.

    Attributes
    ----------
    start : str or None
        Key of the run whose network it starts from.
    """

    planned: Planned
    key: str
    facts: Facts
    start: str | None = None

    @property
    def seed(self) -> int:
        seed = self.planned.configuration.random_state
        assert isinstance(seed, int)  # see `jobs_of`
        return seed

    @property
    def cost(self) -> float:
        """Of all its epochs, in products of an input and a weight: how long runs last in relation to each other."""
        document: dict[str, Any] = self.planned.document()
        if "rival" in document:
            return 0.0  # nothing beside ours
        widths = document["hidden_layer_sizes"]["tuple"]
        weights = sum(a * b for a, b in pairwise(widths)) + sum(widths)
        epochs = document["max_epochs"] if document["task"] != "encode" else max(document["pretrain_epochs"]["tuple"])
        return float(epochs * self.facts.n_examples * max(1, weights))


def jobs_of(planned: Iterable[Planned]) -> list[Job]:
    """A job for every plan and for every run that one starts from, which comes before it.

    Equal runs under other labels are further jobs of the same key.

    Raises
    ------
    ValueError
        When a plan has no seed of its own, or one run would be examined on two test sets.
    """
    looked_at: dict[DataSource, Facts] = {}
    jobs: dict[tuple[str, str], Job] = {}
    examined: dict[str, str] = {}

    def job_of(plan: Planned) -> Job:
        start = None if plan.start is None else job_of(plan.start).key
        if plan.source not in looked_at:
            looked_at[plan.source] = Facts.of(plan.source.load())
        facts = looked_at[plan.source]
        job = Job(plan, plan.key(facts.checksum), facts, start)
        if examined.setdefault(job.key, facts.examined) != facts.examined:
            raise ValueError(
                f"two planned runs learn the same from the same data and are examined on different examples: "
                f"{dict(plan.labels)!r} is one of them. Give them other seeds"
            )
        return jobs.setdefault((job.key, repr(sorted(plan.labels.items()))), job)

    for plan in planned:
        if not isinstance(plan.configuration.random_state, int):
            raise ValueError(
                f"a planned run needs an integer for random_state; got {plan.configuration.random_state!r}"
            )
        job_of(plan)
    return list(jobs.values())
