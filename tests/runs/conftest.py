"""What the tests of runs share."""

import signal
from typing import Any

import pytest

from rectinet.engine import Engine, Steps, Totals, get_engine
from rectinet.runs import loop
from rectinet.runs.loop import Settings, State, Task, Watch


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(request.param)


@pytest.fixture
def one_step_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 0)


def interrupt(monkeypatch: pytest.MonkeyPatch, task: type, epoch: int) -> None:
    """Ctrl-C at the end of a block of this epoch, in every task of a kind."""
    healthy = task.train

    def train(self: Any, steps: Steps, totals: Totals) -> None:
        healthy(self, steps, totals)
        if steps.epoch == epoch:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(task, "train", train)


def never(_: object) -> bool:
    """A watcher that lets the run go on."""
    return False


def fit(task: Task, settings: Settings, state: State | None = None, watch: Watch = never) -> State:
    """From the beginning and unwatched, unless said otherwise."""
    return loop.fit(task, settings, State() if state is None else state, watch)


def without_seconds(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of a history but the clock's part."""
    return [{key: value for key, value in entry.items() if key != "seconds"} for entry in history]
