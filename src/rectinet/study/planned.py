"""A run of the study before it has run: its configuration, where its data come from, what it starts from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, Protocol, get_args

from rectinet.engine import numerics_version
from rectinet.runs import Configuration, Data
from rectinet.study.grid import Grid
from rectinet.study.rival import Rival

Budget = Literal["quick", "standard", "paper"]

BUDGETS: Final[tuple[Budget, ...]] = get_args(Budget)


class DataSource(Protocol):
    """A frozen dataclass that says which data a run learns from, and can load them."""

    def load(self) -> Data: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class Planned:
    """One run.

    Attributes
    ----------
    configuration : Configuration or Rival
        With an integer for random_state: contenders of one seed are paired by construction.
    source : DataSource
    start : Planned or None
        The run whose hidden layers this one starts from.
    labels : mapping
        What the experiment calls it: the cell of its table, the candidate, the draw. Not part of its key.
    grid : Grid or None
        The learning rates it competes with, which are listed beside it; hopeless ones are stopped. Part of its key: a
        run that may be stopped is another one than the same run that may not.
    """

    configuration: Configuration | Rival
    source: DataSource
    start: Planned | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    grid: Grid | None = None

    def __post_init__(self) -> None:
        if self.grid is None:
            return
        if not isinstance(self.configuration, Configuration):
            raise ValueError(f"{self.configuration.name} is no network of ours: only these have a grid of rates")
        if not self.configuration.may_go_longer:  # what it learns until a rung would depend on how long it goes on
            raise ValueError("a run whose rate falls cannot wait at rungs: leave decay_from out, or its grid")

    def document(self) -> dict[str, Any]:
        """Everything that decides what the run computes, but its data and its start; JSON values."""
        mine = self.configuration.document()
        return mine if self.grid is None else mine | {"grid": self.grid.document()}

    def of_the_grid(self) -> list[Planned]:
        """The plan with every rate of its grid."""
        if self.grid is None or not isinstance(self.configuration, Configuration):
            return [self]
        return [
            replace(self, configuration=replace(self.configuration, learning_rate=rate)) for rate in self.grid.rates
        ]

    def key(self, checksum: str) -> str:
        """The run's name: SHA-256 of its configuration, of its data's checksum, and of what it starts from."""
        text = json.dumps({"configuration": self.document(), "data": checksum}, sort_keys=True)
        mine = hashlib.sha256(text.encode()).hexdigest()
        return mine if self.start is None else started_from(mine, self.source_key)

    @cached_property
    def source_key(self) -> str:
        """A name for this run before its data are loaded: two equal plans have one."""
        start = None if self.start is None else self.start.source_key
        kind, facts = type(self.source).__name__, asdict(self.source)  # type: ignore[call-overload]
        text = json.dumps([self.document(), kind, facts, start], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def numerics(self) -> str:
        """What computes it; a finished run of another engine is stale. Empty for rivals, which never are."""
        return numerics_version() if isinstance(self.configuration, Configuration) else ""


def started_from(key: str, source_key: str) -> str:
    """The key of a run that starts from another, of its own parts' key."""
    return hashlib.sha256(f"{key} {source_key}".encode()).hexdigest()
