"""Exported studies: equal results, equal bytes; a merge that makes nothing worse; damage that is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rectinet.study import exchange
from rectinet.study.errors import DamagedExport, MissingArrays, NewerExport, NotAnExport, StudyError
from rectinet.study.exchange import Imported, import_all
from rectinet.study.lines import write
from rectinet.study.store import Store
from rectinet.study.writer import writing
from tests.study.conftest import files, states


@pytest.fixture
def exported(finished: Path) -> Path:
    with Store(finished) as store:
        assert exchange.export(store, finished / "export") == {"tiny": 10}
    return finished / "export"


def imported(folder: Path, into: Path) -> Imported:
    with writing(into) as writer:
        return import_all(writer, folder)


def test_equal_studies_are_equal_bytes(exported, run_tiny, tmp_path):
    run_tiny("another")
    with Store(tmp_path / "another") as store:
        exchange.export(store, tmp_path / "another" / "export")
    assert files(exported) == files(tmp_path / "another" / "export")
    assert "moments.jsonl" in {path.name for path in (exported / "tiny").iterdir()}


def test_an_import_gives_the_same_records_and_the_same_export(exported, finished, tmp_path):
    assert imported(exported, tmp_path / "new") == Imported(new=10)
    with Store(finished) as one, Store(tmp_path / "new") as other:
        assert one.records() == other.records()
        exchange.export(other, tmp_path / "again")
    assert files(exported, without=()) == files(tmp_path / "again", without=())
    assert imported(exported, tmp_path / "new") == Imported(kept=10)


def test_an_imported_study_is_not_run_again(exported, tmp_path, run_tiny):
    imported(exported, tmp_path / "new")
    assert run_tiny("new").executed == 0


def test_an_import_never_makes_a_run_worse(exported, finished, monkeypatch, tmp_path):
    with writing(tmp_path / "old") as writer:  # a study that has gone less far
        import_all(writer, exported)
        writer.connection.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'done'")
    assert imported(exported, tmp_path / "old") == Imported(better=9, kept=1)
    assert sorted(states(tmp_path / "old").values()) == ["diverged", *["done"] * 9]
    for module in ("store", "writer", "exchange"):
        monkeypatch.setattr(f"rectinet.study.{module}.numerics_version", lambda: "another")
    with writing(finished) as writer:  # here they were finished by today's engine
        writer.connection.execute("UPDATE runs SET numerics = 'another', state = 'done' WHERE ending IS NOT NULL")
    assert imported(exported, finished) == Imported(kept=10)


def test_a_stale_run_gives_way_to_one_of_todays_engine(exported, finished):
    with writing(finished) as writer:
        writer.connection.execute("UPDATE runs SET numerics = 'old', state = 'stale' WHERE numerics != ''")
    assert imported(exported, finished) == Imported(better=9, kept=1)
    assert "stale" not in states(finished).values()


def test_what_is_no_longer_needed_leaves_the_export(exported, finished):
    stray = exported / "tiny" / "arrays" / f"{'0' * 64}.npz"
    stray.write_bytes(b"")
    with Store(finished) as store:
        exchange.export(store, exported)
    assert not stray.exists()


def test_unfinished_runs_are_not_exported(run_tiny, finished, exported):
    with writing(finished) as writer:
        writer.connection.execute("UPDATE runs SET state = 'failed', error = 'x' WHERE ending IS NULL")
    with Store(finished) as store:
        assert exchange.export(store, exported) == {"tiny": 9}
        with pytest.raises(StudyError, match="nothing of the experiment large"):
            exchange.export(store, exported, ["large"])


def edited(path: Path, change: tuple[str, str]) -> None:
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))


def test_a_changed_line_is_named(exported, tmp_path):
    edited(exported / "tiny" / "runs.jsonl", ('"n_epochs":2', '"n_epochs":3'))
    with pytest.raises(DamagedExport, match=r"runs\.jsonl, line \d+, is not what was exported"):
        imported(exported, tmp_path / "new")
    with Store(tmp_path / "new") as store:
        assert store.records() == []


def test_a_merge_conflict_is_named(exported, tmp_path):
    edited(exported / "tiny" / "plans.jsonl", ("\n", "\n<<<<<<< HEAD\n"))
    with pytest.raises(DamagedExport, match=r"plans\.jsonl, line 2, is no exported row"):
        imported(exported, tmp_path / "new")


def test_a_run_under_another_runs_name_is_named(exported, tmp_path):
    path = exported / "tiny" / "runs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    for row in rows:
        del row["sha256"]
    rows[0]["configuration"]["patience"] = 99
    write(path, rows)
    with pytest.raises(DamagedExport, match="is not that of its configuration and data"):
        imported(exported, tmp_path / "new")


def test_other_fields_than_the_stores_are_refused(exported, tmp_path):
    path = exported / "tiny" / "moments.jsonl"
    write(path, [{"key": "x", "attempts = 0; DROP TABLE runs": 1}])
    with pytest.raises(DamagedExport, match="other fields than expected"):
        imported(exported, tmp_path / "new")


def test_a_newer_export_is_refused(exported, tmp_path):
    edited(exported / "tiny" / "runs.jsonl", ('"version":1', '"version":2'))
    with pytest.raises(NewerExport, match="Install a newer rectinet"):
        imported(exported, tmp_path / "new")


def test_missing_and_damaged_files_are_named(exported, tmp_path):
    first = sorted((exported / "tiny" / "arrays").iterdir())[0]
    content = first.read_bytes()
    first.write_bytes(content[:-1])
    with pytest.raises(DamagedExport, match=re.escape(f"{first} is damaged")):
        imported(exported, tmp_path / "new")
    first.unlink()
    with pytest.raises(MissingArrays, match=re.escape(f"{first} is missing")):
        imported(exported, tmp_path / "new")
    first.write_bytes(content)
    (exported / "tiny" / "moments.jsonl").unlink()
    with pytest.raises(DamagedExport, match=r"moments\.jsonl is missing"):
        imported(exported, tmp_path / "new")


def test_a_run_that_is_listed_and_not_there_is_named(exported, tmp_path):
    path = exported / "tiny" / "runs.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(DamagedExport, match="lacks the run"):
        imported(exported, tmp_path / "new")


def test_a_folder_of_something_else_is_refused(tmp_path):
    with pytest.raises(NotAnExport):
        imported(tmp_path, tmp_path / "new")
