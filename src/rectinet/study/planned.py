"""A run of the study before it has run: its configuration, where its data come from, what it starts from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Protocol

from rectinet.runs import Configuration, Data


class DataSource(Protocol):
    """A frozen dataclass that says which data a run learns from, and can load them."""

    def load(self) -> Data: ...


@dataclass(frozen=True)
class Planned:
    """One run.

    Attributes
    ----------
    configuration : Configuration
        With an integer for random_state: contenders of one seed are paired by construction.
    source : DataSource
    start : Planned or None
        The run whose hidden layers this one starts from.
    labels : mapping
        What the experiment calls it: the cell of its table, the candidate, the draw. Not part of its key.
    """

    configuration: Configuration
    source: DataSource
    start: Planned | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)

    def key(self, checksum: str) -> str:
        """The run's name: SHA-256 of its configuration, of its data's checksum, and of what it starts from."""
        mine = self.configuration.key(checksum)
        return mine if self.start is None else hashlib.sha256(f"{mine} {self.source_key}".encode()).hexdigest()

    @cached_property
    def source_key(self) -> str:
        """A name for this run before its data are loaded: two equal plans have one."""
        start = None if self.start is None else self.start.source_key
        kind, facts = type(self.source).__name__, asdict(self.source)  # type: ignore[call-overload]
        text = json.dumps([self.configuration.document(), kind, facts, start], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()
