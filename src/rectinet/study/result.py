"""What one execution of a run hands back to the process that writes the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Ended = Literal["done", "diverged", "failed", "interrupted"]


@dataclass(frozen=True)
class Result:
    """Plain values and bytes: it crosses from process to process and from machine to machine.

    Attributes
    ----------
    key : str
    state : {"done", "diverged", "failed", "interrupted"}
    history, pretrain_history : list of dict
        Without seconds.
    predictions : bytes or None
        An .npz; see `rectinet.study.arrays`.
    error : str or None
        One sentence.
    moment : dict
        See `Record`.
    """

    key: str
    state: Ended
    numerics: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)
    n_epochs: int = 0
    best_epoch: int = 0
    ending: str | None = None
    zeros: list[float] | None = None
    predictions: bytes | None = None
    versions: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    moment: dict[str, Any] = field(default_factory=dict)
