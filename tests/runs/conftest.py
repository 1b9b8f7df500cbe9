"""What the tests of runs share."""

from typing import Any

import pytest

from rectinet.engine import Engine, get_engine


@pytest.fixture(params=["reference", "native"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return get_engine(request.param)


def never(_: object) -> bool:
    """A watcher that lets the run go on."""
    return False


def without_seconds(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of a history but the clock's part."""
    return [{key: value for key, value in entry.items() if key != "seconds"} for entry in history]
