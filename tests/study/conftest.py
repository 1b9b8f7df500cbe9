"""What the tests of the study share: the tiny study, run in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rectinet.study.planned import Planned
from rectinet.study.records import Record
from rectinet.study.report._page import page
from rectinet.study.runner import Options, Tally, run_plans
from rectinet.study.store import Store
from tests.study import made_up, tiny

RunTiny = Callable[..., Tally]


@pytest.fixture
def run_tiny(tmp_path: Path) -> RunTiny:
    """Run the tiny study, or other plans under its name."""

    def run(out: str = "study", plans: list[Planned] | None = None, budget: str = "quick", **options: object) -> Tally:
        wanted = Options(budget=budget, out=tmp_path / out, **options)
        return run_plans({"tiny": list(tiny.runs(budget)) if plans is None else plans}, wanted)

    return run


@pytest.fixture
def finished(run_tiny: RunTiny, tmp_path: Path) -> Path:
    """The folder of a tiny study that is finished."""
    run_tiny()
    return tmp_path / "study"


def states(folder: Path) -> dict[str, str]:
    """The state of every run by its key."""
    with Store(folder) as store:
        return {record.key: record.state for record in store.records()}


def files(folder: Path, without: tuple[str, ...] = ("moments.jsonl",)) -> dict[str, bytes]:
    """Every file in a folder by its name there."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in without)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="session")
def records() -> list[Record]:
    """Of every experiment, made up."""
    return made_up.records()


@pytest.fixture(scope="session")
def html(records: list[Record]) -> str:
    """The report of these."""
    return page(records)


@pytest.fixture(scope="session")
def by_key(records: list[Record]) -> dict[str, Record]:
    return {record.key: record for record in records}
