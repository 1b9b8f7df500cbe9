"""Files of at most 2 MB that unpack to far more, read where a process may have 1 GB: read, or refused by name."""

import gzip
import io
import lzma
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.fuzz.limited import LimitedReaders
from rectinet.datasets import _memory, errors
from rectinet.datasets._memory import check_fits, memory_bytes, memory_errors_named
from rectinet.datasets.tables import read_table

MB = 1 << 20
MOST_BYTES = 2 * MB


@pytest.fixture(scope="module")
def readers() -> Iterator[LimitedReaders]:
    with LimitedReaders() as readers:
        yield readers


def packed(head: bytes, piece: bytes, megabytes: int, tail: bytes = b"", compress: Callable = gzip.compress) -> bytes:
    """`head`, then so much of `piece`, then `tail`; several streams one after the other, as both formats allow."""
    block = compress(piece * (4 * MB // len(piece)))
    return compress(head) + block * (megabytes // 4) + compress(tail)


def zeros(megabytes: int, dtype: str = "i1") -> bytes:
    """An .npz whose X holds so much."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("X.npy", "w") as member:
        n = megabytes * MB // np.dtype(dtype).itemsize
        described = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (1000, n // 1000)}
        np.lib.format.write_array_header_1_0(member, described)
        for _ in range(megabytes):
            member.write(bytes(MB))
    return file.getvalue()


IDX_HEADER = bytes([0, 0, 8, 1]) + (1400 * MB).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("target", "name", "content", "outcome"),
    [
        ("csv-table", "t.csv", packed(b"a,y\n1,", b"1", 1600), "BadRecordError"),
        ("csv-texts", "r.csv", packed(b'text,stars\n"', b"soup " * 2000 + b"\n", 200), "BadRecordError"),
        ("csv-texts", "r.csv", 2 * gzip.compress(b"name" * 7 * MB + b","), "BadRecordError"),  # the same name twice
        ("jsonl", "r.jsonl", packed(b'{"text": "', b"a", 1600), "BadRecordError"),
        ("jsonl", "r.jsonl", packed(b'{"text": "', b"a", 1600, compress=lzma.compress), "BadRecordError"),
        ("jsonl", "r.jsonl", packed(b'{"text": [', b"[],", 60), "TooLargeError"),
        ("jsonl", "r.jsonl", packed(b"", b'{"text": "' + b"a" * (MB - 13) + b'"}\n', 1600), "TooLargeError"),
        ("svmlight", "t.svm", packed(b"1 0:", b"1", 1600), "BadRecordError"),
        ("svmlight", "t.svm", packed(b"1", b" 1", 1600, compress=lzma.compress), "BadRecordError"),
        ("npz", "t.npz", zeros(300), "TooLargeError"),  # as float32 four times as much
        ("npz", "t.npz", zeros(300, "f4"), "read"),
        ("idx", "x-idx", packed(IDX_HEADER, b"\0", 1400), "TooLargeError"),
        ("amazon-markup", "positive.review", packed(b"<review>\n", b"a", 1600), "BadRecordError"),
        ("amazon-features", "positive.review", packed(b"", b"a:1 ", 60), "TooLargeError"),
        ("imdb-review", "neg/1_2.txt", packed(b"", b"a", 1600), "BadRecordError"),
        ("nist-png", "hsf_0.png", packed(b"", b"a", 1600), "BadRecordError"),
    ],
)
def test_what_a_gigabyte_does_not_hold_is_refused_by_name(readers, tmp_path, target, name, content, outcome):
    assert len(content) <= MOST_BYTES
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    assert readers.outcome(target, path) == outcome


def test_an_array_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "t.npz"
    path.write_bytes(zeros(8, "f4"))
    monkeypatch.setattr(_memory, "memory_bytes", lambda: 8_000_000)
    monkeypatch.setattr(np, "empty", lambda *_: pytest.fail("allocated"))
    with pytest.raises(
        errors.TooLargeError, match=r"t\.npz, array X: its shape \(1000, 2097\) of float32 needs 0\.0 GB"
    ):
        read_table(path)


def test_the_memory_there_is(tmp_path, monkeypatch):
    monkeypatch.setattr(_memory, "CONTAINER_LIMITS", (str(tmp_path / "v2"), str(tmp_path / "v1")))
    machine = memory_bytes()
    (tmp_path / "v2").write_text("max\n")
    assert memory_bytes() == machine > 0
    (tmp_path / "v1").write_text("1000000\n")
    assert memory_bytes() == 1_000_000
    check_fits(1_000_000, "t.npz", "X")
    with pytest.raises(errors.TooLargeError, match=r"t\.npz: X needs 5\.0 GB of memory and there are 0\.0 GB"):
        check_fits(5_000_000_000, "t.npz", "X")


def test_memory_is_given_back_before_the_message_is_made():
    held: list[object] = []

    class Counted:
        def __del__(self) -> None:
            held.append("given back")

    def read() -> None:
        content = Counted()
        raise MemoryError(id(content))

    message = "t: what is in it needs more memory than there is"
    with pytest.raises(errors.TooLargeError, match=message), memory_errors_named(Path("t")):
        read()
    assert held
