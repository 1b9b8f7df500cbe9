"""The file of the store: who may write it, what is refused and in which words, and that nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from rectinet.study.arrays import Packed, packed
from rectinet.study.database import FILE
from rectinet.study.errors import (
    DamagedArrays,
    DamagedStore,
    NewerStore,
    NotAStore,
    StoreError,
    StoreNotWritable,
)
from rectinet.study.store import Store
from rectinet.study.writer import writing

ROOT = Path(__file__).parents[2]


def changed(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / FILE)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_folder_without_a_store_is_said_to_have_none(tmp_path):
    with pytest.raises(StoreError, match="begin one with rectinet study run NAME"):
        Store(tmp_path)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"something else" * 100)
    with pytest.raises(NotAStore), Store(tmp_path):
        pass
    with pytest.raises(NotAStore), writing(tmp_path):
        pass
    assert (tmp_path / FILE).read_bytes() == b"something else" * 100


def test_a_database_of_another_program_is_refused(tmp_path):
    changed(tmp_path, "CREATE TABLE notes (text TEXT)")
    for opened in (Store, writing):
        with pytest.raises(NotAStore), opened(tmp_path):
            pass


def test_a_newer_store_is_refused_in_one_sentence(finished):
    changed(finished, "PRAGMA user_version = 99")
    for opened in (Store, writing):
        with pytest.raises(NewerStore, match=r"of version 99; this rectinet reads up to 1\. Install"), opened(finished):
            pass


def test_a_damaged_store_is_named(finished):
    with writing(finished) as writer:
        writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray((finished / FILE).read_bytes())
    content[4096:] = bytes(len(content) - 4096)
    (finished / FILE).write_bytes(content)
    with pytest.raises(DamagedStore, match="import what was exported"), Store(finished) as store:
        store.records()


def test_two_processes_at_once_are_refused(finished):
    code = f"""
from pathlib import Path
from rectinet.study.writer import writing
with writing(Path({str(finished)!r})): print("never")
"""
    with writing(finished):
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        with Store(finished) as store:  # reading goes on
            assert len(store.records()) == 10
    assert other.stdout == ""
    assert f"another process (its number: {os.getpid()}) is writing to the study in {finished}" in other.stderr


def test_the_lock_ends_with_its_process(finished):
    code = f"""
import os
from pathlib import Path
from rectinet.study.writer import writing
with writing(Path({str(finished)!r})): os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    with writing(finished):
        pass


@pytest.fixture
def readonly(finished: Path) -> Iterator[Path]:
    """A study in which nobody may write, where everybody may look."""
    with tempfile.TemporaryDirectory() as folder:
        study = shutil.copytree(finished, Path(folder) / "study")
        Path(folder).chmod(0o755)
        for path in (study, *study.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield study
        for path in (study, *study.rglob("*")):
            path.chmod(0o755)


def test_a_store_that_cannot_be_written_is_still_read(readonly):
    code = f"""
import os
from pathlib import Path
from rectinet.study.errors import StoreNotWritable
from rectinet.study.store import Store
from rectinet.study.writer import writing
if os.geteuid() == 0:  # who may write everywhere
    os.setgid(65534)
    os.setuid(65534)
with Store({str(readonly)!r}) as store:
    print(len(store.records()))
try:
    with writing(Path({str(readonly)!r})):
        print("never")
except StoreNotWritable as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    sentence = f"{readonly} cannot be written: Permission denied; choose another folder with --out"
    assert done.stdout.splitlines() == ["10", sentence], done.stderr


def test_a_full_disk_is_said_and_loses_nothing(finished):
    code = f"""
import resource, signal, sys
from pathlib import Path
from rectinet.study.errors import StoreNotWritable
from rectinet.study.result import Result
from rectinet.study.writer import writing
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with writing(Path({str(finished)!r})) as writer:
    key = writer.connection.execute("SELECT key FROM runs WHERE state = 'done'").fetchone()[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        writer.finish(Result(key, "done", ending="finished", predictions=bytes(10**6)))
    except StoreNotWritable as error:
        print(error)
"""
    with Store(finished) as store:
        before = store.records()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{finished / FILE}: the disk is full"), done.stderr
    with Store(finished) as store:
        assert store.records() == before


def test_what_was_running_when_the_process_died_is_interrupted(finished):
    with writing(finished) as writer:
        key = writer.connection.execute("SELECT key FROM runs LIMIT 1").fetchone()[0]
        writer.begin(key)
        assert writer.states([key]) == {key: "running"}
    with writing(finished) as writer:
        assert writer.states([key]) == {key: "interrupted"}


def test_a_state_outside_the_vocabulary_is_refused(finished):
    with writing(finished) as writer, pytest.raises(StoreError, match="CHECK constraint"), writer.transaction():
        writer.connection.execute("UPDATE runs SET state = 'perhaps'")


def test_a_change_is_whole_or_not_there(finished):
    with writing(finished) as writer, suppress(KeyboardInterrupt), writer.transaction():
        writer.connection.execute("DELETE FROM plans")
        raise KeyboardInterrupt
    with Store(finished) as store:
        assert len(store.records()) == 10


def test_damaged_predictions_are_noticed(finished):
    changed(finished, "UPDATE arrays SET content = zeroblob(100)")
    with Store(finished) as store:
        record = store.records()[1]
    with pytest.raises(DamagedArrays, match="run again what they belong to"):
        record.predictions["test"]


@pytest.mark.parametrize(
    "values",
    [
        np.array([0, 255, 3]),
        np.array([-1, 1]),
        np.array([0.1, 1e300]),
        np.array(["a", "bcd"]),
        np.zeros((0,), np.int64),
        np.ones((3, 2), np.float32),
    ],
    ids=str,
)
def test_arrays_come_back_as_they_were(values):
    kept = Packed.of({"test": values})["test"]
    assert kept.dtype == values.dtype
    assert np.array_equal(kept, values)


def test_equal_arrays_are_equal_bytes_that_numpy_reads(tmp_path):
    arrays = {"validation": np.array([1, 2]), "test": np.array(["x", None], dtype=object)}
    assert packed(arrays) == packed(dict(reversed(arrays.items())))
    (tmp_path / "arrays.npz").write_bytes(packed(arrays))
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as read:
        assert read["test"].tolist() == ["x", "None"]
    assert Packed.of(arrays) != Packed.of({})


def test_a_store_is_made_in_a_folder_of_its_own(tmp_path):
    with writing(tmp_path / "a" / "b"):
        pass
    with Store(tmp_path / "a" / "b") as store:
        assert store.status() == {}
        assert store.records() == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreNotWritable, match="Not a directory"), writing(tmp_path / "file" / "study"):
        pass
