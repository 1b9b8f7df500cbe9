"""Tables as people keep them, as columns by name: plain numbers in blocks, anything else field by field."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.datasets import _numbers, errors, table_files
from rectinet.datasets._numbers import NotPlain, read_numbers
from rectinet.datasets.frame import Frame
from rectinet.datasets.table_files import read_text_table


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read(content: str | bytes, name: str = "t.csv") -> Frame:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_text_table(path)

    return read


def cells(frame: Frame) -> dict[str, list[Any]]:
    return {name: column.values.tolist() for name, column in frame.columns.items()}


def test_numbers_and_texts(read: Any) -> None:
    frame = read("a,b,c\n1,x,2.5\n2,,-3\n3, y ,1e-3\n")
    assert cells(frame) == {"a": [1, 2, 3], "b": ["x", "", "y "], "c": [2.5, -3, 0.001]}
    assert list(frame.lines) == [2, 3, 4]
    assert frame.where(1).endswith("t.csv, line 3")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("a,b\n1,2\n3,4\n", "t.csv"),
        ("a;b\n1;2\n3;4\n", "t.csv"),
        ("a|b\n1|2\n3|4", "t.csv"),
        ("a\tb\n1\t2\n3\t4\n", "t.tsv"),
        ("a\tb\r\n1\t2\r\n3\t4\r\n", "t.csv"),
        ("sep=|\na|b\n1|2\n3|4\n", "t.csv"),
        ("\n\na,b\n1,2\n3,4\n\n", "t.csv"),
        ('"a","b"\n"1","2"\n"3","4"\n', "t.csv"),
        ("a, b\n1, 2\n3, 4\n", "t.csv"),
        ("a,b\r1,2\r3,4\r", "t.csv"),
        ("\ufeffa,b\n1,2\n\n3,4\n", "t.csv"),
    ],
)
def test_separators_are_found(read: Any, content: str, name: str) -> None:
    assert cells(read(content, name)) == {"a": [1, 3], "b": [2, 4]}
    assert cells(read(gzip.compress(content.encode()), name + ".gz")) == {"a": [1, 3], "b": [2, 4]}


def test_the_separator_is_the_one_that_the_names_have_most_of(read: Any) -> None:
    assert list(read('name; price, EUR; "a;b;c"\nx;1,5;2\n').columns) == ["name", "price, EUR", "a;b;c"]
    assert list(read("a, b\tc\td\n1\t2\t3\n", "t.tsv").columns) == ["a, b", "c", "d"]


def test_a_first_column_without_a_name_is_kept_for_the_encoder(read: Any) -> None:
    assert cells(read(",a\n0,5\n1,6\n")) == {"": [0, 1], "a": [5, 6]}
    assert cells(read(",a\np,5\nq,6\n")) == {"": ["p", "q"], "a": [5, 6]}


@pytest.mark.parametrize("cell", ["007", "12e4", "1_0", "0x10", "12345678901234567890", "1e999", "nan", "inf", "+", ""])
def test_what_is_no_plain_number_stays_as_it_is_written(read: Any, cell: str) -> None:
    assert cells(read(f"a,b\n1,2\n{cell},3\n"))["a"] == ["1", cell]


def test_blocks_are_the_same_as_fields(read: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    values = [
        [rng.choice([0, 0, rng.randrange(256), round(rng.gauss(0, 1), 3)]) for _ in range(20)] for _ in range(200)
    ]
    content = "".join(",".join(map(str, row)) + "\n" for row in [[f"p{k}" for k in range(20)], *values])
    monkeypatch.setattr(_numbers, "BLOCK_BYTES", 1000)
    seen: list[int] = []
    (tmp_path / "t.csv").write_text(content)
    names, numbers, first = read_numbers(tmp_path / "t.csv", seen.append)
    assert (names[0], first) == ("p0", 2)
    np.testing.assert_array_equal(numbers, np.array(values))
    assert seen[-1] == 200
    assert len(seen) > 10
    by_field = table_files._read_fields(tmp_path / "t.csv", lambda n: None)
    assert cells(by_field) == cells(read(content))


def test_images_take_a_byte_a_pixel(read: Any) -> None:
    """Field script 35: 48 bytes a field, 2.3 GB for MNIST, in 0.1.0."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (50, 784)) * (rng.random((50, 784)) < 0.2)
    content = ",".join(f"p{k}" for k in range(784)) + "\n" + "\n".join(",".join(map(str, row)) for row in pixels)
    frame = read(content)
    assert {column.values.dtype for column in frame.columns.values()} == {np.dtype(np.uint8)}
    assert np.array_equal(np.column_stack([c.values for c in frame.columns.values()]), pixels)
    holed = read(content.replace("p0", "p0", 1).rsplit(",", 1)[0] + ",NA\n")
    kinds = [column.values.dtype for column in holed.columns.values()]
    assert kinds[:-1] == [np.dtype(np.uint8)] * 783
    assert kinds[-1] == np.dtype(object)


@pytest.mark.parametrize("rows", ["1,2\n3\n4,5,6\n", "1,2\n3,x\n", "1,2\n,3\n", "1,2\n3,4-5\n", "1,2\n3,4.5.6\n", ""])
def test_blocks_refuse_what_they_cannot_read(tmp_path: Path, rows: str) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + rows)
    with pytest.raises(NotPlain):
        read_numbers(tmp_path / "t.csv", lambda n: None)


@pytest.mark.parametrize(
    ("content", "name", "error", "message"),
    [
        ("", "t.csv", errors.EmptyFileError, "no row"),
        ("a,b\n", "t.csv", errors.EmptyFileError, "no row"),
        ("a,a\n1,2\n", "t.csv", errors.BadRecordError, "'a' appears twice"),
        ("1,2\n3,4\n", "t.csv", errors.BadRecordError, "first line must name the columns"),
        ("5.1,3.5,cat\n4.9,3.0,dog\n", "t.csv", errors.BadRecordError, "first line must name the columns"),
        ("a,b\n1,2\n3\n", "t.csv", errors.BadRecordError, "line 3: 1 fields"),
        ("a,b\n1,2\n3,4,5\n", "t.csv", errors.BadRecordError, "line 3: 3 fields"),
        ('a,b\n1,"2\n', "t.csv", errors.BadRecordError, "not CSV"),
        (b"a,b\n1,caf\xe9\n", "t.csv", errors.EncodingError, "line 2"),
        ("a,b\n1,2\n".encode("utf-16"), "t.csv", errors.EncodingError, "UTF-16"),
        ("a", "t.xlsx", errors.FormatError, r"\.csv and \.tsv"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 9000)[:-20], "t.csv.gz", errors.CorruptGzipError, "cut or damaged"),
    ],
)
def test_each_way_of_being_wrong(read: Any, content: Any, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        read(content, name)
    assert name in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingFileError, match=r"no\.csv"):
        read_text_table(tmp_path / "no.csv")


def test_long_fields(read: Any) -> None:
    """Field script 03: fields over 131,072 characters were refused in 0.1.0."""
    text = "good fine " * 14_000
    assert cells(read(f'a,b\n"{text}",1\nx,2\n'))["a"] == [text, "x"]
