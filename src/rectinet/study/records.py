"""What the store tells of a run: the one form in which tables, figures and statistics read results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from numpy.typing import NDArray

State = Literal["queued", "running", "done", "diverged", "interrupted", "failed", "stale"]

STATES: Final[tuple[State, ...]] = get_args(State)
FINISHED: Final[tuple[State, ...]] = ("done", "diverged")  # never repeated


@dataclass(frozen=True)
class Record:
    """A run as an experiment lists it, with what came of it. A run that two experiments share has a record in each.

    Attributes
    ----------
    key : str
        SHA-256: the name of the run.
    experiment : str
    labels : dict
        What the experiment calls the run: the cell of its table, the candidate, the draw.
    budget : str
        The budget under which it is listed; a run listed under two budgets has a record in each.
    data : str or None
        The data set that was asked for in place of the experiment's own.
    state : {"queued", "running", "done", "diverged", "interrupted", "failed", "stale"}
        "stale": finished, but its engine computed other numbers than today's.
    configuration : dict
        The document of its `Configuration` or `Rival`.
    checksum : str
        Of the data it learned from.
    numerics : str
        What the engine computed; see `rectinet.engine.numerics_version`.
    seed : int
    start : str or None
        Key of the run whose hidden layers it starts from.
    history, pretrain_history : list of dict
        Without seconds, which are in `moment`. Of a run that was stopped at a rung of its grid the last entry has
        "stopped_at_rung", from 1.
    n_epochs, best_epoch : int
    ending : {"finished", "stopped early"} or None
        None where it did not end well.
    zeros : list of float or None
        Fraction of exact zeros of each hidden layer on the test set.
    predictions, targets : mapping of str to ndarray
        Of every example of "validation" and "test", where the data have them. Unpacked when first looked at.
    error : str or None
        One sentence, of a run that diverged or failed.
    versions : dict of str to str
        Of the libraries that computed it, and the engine's instruction set.
    threads : int
    moment : dict
        What another execution would not repeat: "seconds", "epoch_seconds", "pretrain_epoch_seconds", "started" and
        "finished" (ISO 8601, UTC), "host", "attempts" (calls of the runner that began it), and "notes" (warnings).
    """

    key: str
    experiment: str
    labels: dict[str, Any]
    state: State
    configuration: dict[str, Any]
    numerics: str
    history: list[dict[str, Any]]
    pretrain_history: list[dict[str, Any]]
    best_epoch: int
    n_epochs: int
    seed: int
    ending: str | None
    zeros: list[float] | None
    predictions: Mapping[str, NDArray[Any]]
    targets: Mapping[str, NDArray[Any]]
    error: str | None
    versions: dict[str, str]
    threads: int
    moment: dict[str, Any] = field(default_factory=dict)
    checksum: str = ""
    start: str | None = None
    budget: str = ""
    data: str | None = None

    @property
    def rung(self) -> int | None:
        """The rung of its grid of rates at which it was stopped, from 1; None: it was not."""
        found = self.history[-1].get("stopped_at_rung") if self.history else None
        return None if found is None else int(found)
