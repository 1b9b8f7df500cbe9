"""What the tests of runs share."""

from typing import Any

import pytest

from rectinet.engine import Engine, get_engine
from rectinet.runs import loop


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(request.param)


@pytest.fixture
def one_step_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 0)


def never(_: object) -> bool:
    """A watcher that lets the run go on."""
    return False


def without_seconds(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of a history but the clock's part."""
    return [{key: value for key, value in entry.items() if key != "seconds"} for entry in history]
