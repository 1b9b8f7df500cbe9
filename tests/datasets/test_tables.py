"""The user's own tables: the three formats, and one test for each way of being wrong."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import bsr_array, coo_array, csc_array, csr_array, dia_array, save_npz

from rectinet.datasets import errors
from rectinet.datasets.tables import read_svmlight, read_table

X = np.array([[0, 1.5, 0], [2, 0, 3]], np.float32)


@pytest.fixture
def write(tmp_path: Path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_npz_keeps_the_precision(write, dtype):
    read, y = read_table(write("t.npz", npz(X=X.astype(dtype), y=np.array([1, 0]))))
    assert np.array_equal(read, X)
    assert read.dtype == dtype
    assert y.tolist() == [1, 0]


def test_npz_other_forms(write):
    read, y = read_table(write("t.npz", npz(X=np.asfortranarray(X), label=np.array(["a", "b"]))), "label")
    assert np.array_equal(read, X)
    assert read.flags.c_contiguous
    assert y.tolist() == ["a", "b"]
    read, y = read_table(write("u.npz", npz(X=np.eye(2, dtype=np.uint8))))
    assert (read.dtype, y) == (np.float32, None)


@pytest.mark.parametrize("compressed", [True, False])
def test_csr_parts_as_scipy_saves_them(tmp_path, compressed):
    save_npz(tmp_path / "t.npz", csr_array(X), compressed=compressed)
    read, y = read_table(tmp_path / "t.npz")
    assert isinstance(read, csr_array)
    assert np.array_equal(read.toarray(), X)
    assert y is None


@pytest.mark.parametrize("kind", [csr_array, csc_array, coo_array, bsr_array])
def test_every_sparse_format_is_read_as_what_it_is(tmp_path, kind):
    square = np.arange(16).reshape(4, 4) % 3
    save_npz(tmp_path / "t.npz", kind(square))
    read, _ = read_table(tmp_path / "t.npz")
    assert isinstance(read, csr_array)
    assert np.array_equal(read.toarray(), square)


def test_only_the_arrays_that_are_asked_for_are_read(write):
    others = {"names": np.array(["a", None], object), "taken": np.array("2020-01-01", "M8[D]"), "y": np.array([1j, 2])}
    read, y = read_table(write("t.npz", npz(X=X, label=np.array([1, 0]), **others)), "label")
    assert np.array_equal(read, X)
    assert y.tolist() == [1, 0]


def test_npz_targets_as_bytes_and_as_a_column(write):
    assert read_table(write("t.npz", npz(X=X, y=np.array(["é".encode(), b"b"]))))[1].tolist() == ["é", "b"]
    assert read_table(write("t.npz", npz(X=X, y=np.array([[3], [4]], ">i8"))))[1].tolist() == [3, 4]


def test_npz_keeps_the_precision_of_any_byte_order(write):
    values = np.array([[1 / 3]], ">f8")
    assert read_table(write("t.npz", npz(X=values)))[0][0, 0] == 1 / 3


def test_svmlight_base_of_an_earlier_file(write):
    lines = "1 0:4 3:5\n"
    first = read_svmlight(write("a.svm", lines))
    assert first.zero_based
    second = write("b.svm", "0 1:6\n")  # happens to have no index 0
    assert read_table(second, n_features=4, zero_based=first.zero_based)[0].toarray().tolist() == [[0, 6, 0, 0]]
    assert read_table(second, n_features=4)[0].toarray().tolist() == [[6, 0, 0, 0]]
    assert not read_svmlight(second).zero_based
    assert read_svmlight(second, zero_based=True).X.shape == (1, 2)
    with pytest.raises(errors.BadShapeError, match=r"c\.svm: has the index 0"):
        read_table(write("c.svm", lines), zero_based=False)
    with pytest.raises(errors.BadShapeError, match=r"d\.svm: has 4 columns .* only 3 are known"):
        read_table(write("d.svm", lines), n_features=3)


@pytest.mark.parametrize("first", [0, 1])
def test_svmlight_indices_from_zero_or_one(write, first):
    lines = f"1 {first}:4 {first + 2}:5 # a comment\n-1 {first + 1}:6\n"
    for name, content in (("t.svm", lines.encode()), ("t.svmlight.gz", gzip.compress(lines.encode()))):
        read, y = read_table(write(name, content))
        assert read.toarray().tolist() == [[4, 0, 5], [0, 6, 0]]
        assert y.tolist() == [1, -1]
    assert read_table(write("t.svm", lines), n_features=5)[0].shape == (2, 5)


def test_csv(write):
    read, y = read_table(write("t.csv", "a,kind,b\n1,x,2.5\n-3,y,4e1\n"), "kind")
    assert read.tolist() == [[1, 2.5], [-3, 40]]
    assert y.tolist() == ["x", "y"]
    assert read_table(write("u.csv", "a,b\n1,2\n"))[1] is None
    assert read_table(write("v.csv", "a,y\n1,2\n"))[1].dtype == np.int64
    assert read_table(write("w.csv", "a,y\n1,2.5\n"))[1].dtype == np.float64


@pytest.mark.parametrize(
    "content",
    [
        "a,b,y\r\n1,2,cat\r\n3,4,dog\r\n",
        "a,b,y\r1,2,cat\r3,4,dog\r",
        "\n\na,b,y\n1,2,cat\n\n3,4,dog\n",
        ",a,b,y\n0,1,2,cat\n1,3,4,dog\n",  # pandas' row numbers
        ",a,b,y\np7,1,2,cat\np9,3,4,dog\n",
        "a;b;y\n1;2;cat\n3;4;dog\n",
        "a\tb\ty\n1\t2\tcat\n3\t4\tdog\n",
        "sep=;\na;b;y\n1;2;cat\n3;4;dog\n",
        "a, b, y\n1, 2, cat\n3, 4, dog\n",
        '"a", "b", "y"\n"1", "2", " cat "\n"3", "4", dog\n',
        "a,b,y,\n1,2,cat,\n3,4,dog,\n",
        "a,b,y\n1,2,cat,\n3,4,dog,\n",
        "a,b,y\n1,2,cat\n,,\n3,4,dog\n  \n",
        "\ufeffa,b,y\n1,2,cat\n3,4,dog\n",
        '"a","b","y"\n1,2,"cat"\n3,4,"dog"\n',
    ],
)
def test_csv_as_programs_and_people_write_it(write, content):
    read, y = read_table(write("t.csv", content))
    assert read.tolist() == [[1, 2], [3, 4]]
    assert y.tolist() == ["cat", "dog"]


def test_csv_features_that_are_true_or_false(write):
    assert read_table(write("t.csv", "a,b\n1.5,True\n-2,FALSE\n"))[0].tolist() == [[1.5, 1], [-2, 0]]


def test_names_of_columns_may_be_counted(write):
    assert read_table(write("t.csv", "0,1,target\n5,6,1\n"), "target")[0].tolist() == [[5, 6]]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["01", "1", "2"], ["01", "1", "2"]),
        (["001", "002", "010"], ["001", "002", "010"]),
        (["12e4", "120000"], ["12e4", "120000"]),
        (["12345678901234567890", "12345678901234567891"], ["12345678901234567890", "12345678901234567891"]),
        (["cat", " cat", "cat "], ["cat"] * 3),
        ([*"0123456789", *"ABCDEF"], [*"0123456789", *"ABCDEF"]),
        (["1", "2.0", "3"], [1.0, 2.0, 3.0]),
    ],
)
def test_names_of_classes_stay_as_they_are_written(write, column, expected):
    y = read_table(write("t.csv", "a,y\n" + "".join(f"1,{field}\n" for field in column)))[1]
    assert y.tolist() == expected
    assert y.dtype.kind == ("U" if isinstance(expected[0], str) else "f")


@pytest.mark.parametrize("cell", ["N/A", "NA", "NaN", "null", "-", "?", '"1,234.5"', "$12.5", "5 %", "0x10", "many"])
def test_one_bad_cell_does_not_turn_numbers_into_names(write, cell):
    cells = [str(k % 7 + 0.5) for k in range(60)]
    cells[30] = cell
    with pytest.raises(errors.BadValueError, match=r"line 32.*leave .* out") as caught:
        read_table(write("t.csv", "a,price\n" + "".join(f"1,{each}\n" for each in cells)), "price")
    assert cell.strip('"') in str(caught.value)


def swollen() -> bytes:
    """An archive whose directory claims a terabyte for a member of a few bytes."""
    content = bytearray(npz(X=X))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = b"\xf0\xff\xff\xff"
    return bytes(content)


def foreign() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as members:
        members.writestr("X.npy", b"")
    return file.getvalue()


def misnamed() -> bytes:
    """The name of a member says it is UTF-8 and is not."""
    content = bytearray(npz(X=X))
    place = content.rindex(b"PK\x01\x02")
    content[place + 9] |= 8
    content[place + 46] = 0xC8
    return bytes(content)


def archive(header: bytes, payload: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        members.writestr("X.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + payload)
    return file.getvalue()


def saved(matrix: object) -> bytes:
    file = io.BytesIO()
    save_npz(file, matrix)
    return file.getvalue()


CSR = {"data": X[X != 0], "indices": np.array([1, 0, 2]), "indptr": np.array([0, 1, 3]), "shape": np.array([2, 3])}


@pytest.mark.parametrize(
    ("name", "content", "target", "error", "message"),
    [
        ("t.xlsx", b"", None, errors.FormatError, r"\.npz, \.svm"),
        ("t.npz", b"not a zip", None, errors.UnreadableFileError, "not an .npz file"),
        ("t.npz", npz(X=X)[:-30], None, errors.UnreadableFileError, "damaged"),
        ("t.npz", swollen(), None, errors.UnreadableFileError, "claims 4294967280 bytes"),
        ("t.npz", foreign(), None, errors.UnreadableFileError, "X is compressed by method 14"),
        ("t.npz", misnamed(), None, errors.UnreadableFileError, "codec can't decode"),
        ("t.npz", archive(b"{nonsense"), None, errors.BadRecordError, "array X: the header"),
        (
            "t.npz",
            archive(b"{'descr': '<a2', 'fortran_order': False, 'shape': (1,)}\n", b"ab"),
            None,
            errors.BadRecordError,
            "array X: the header",
        ),
        (
            "t.npz",
            archive(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}\n", b"abcd"),
            None,
            errors.TruncatedFileError,
            "only .* bytes are there",
        ),
        (
            "t.npz",
            archive(b"{'descr': '<f4', 'fortran_order': False, 'shape': (True, True)}\n", b"abcd"),
            None,
            errors.BadRecordError,
            r"array X: the header .*\(True, True\)",
        ),
        (
            "t.npz",
            archive(b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1, " * 70 + b")}\n", b"abcd"),
            None,
            errors.BadShapeError,
            "array X: cannot have the shape",
        ),
        ("t.npz", npz(X=np.array([[None]])), None, errors.BadValueError, r"objects, which only pickle .*astype\(str\)"),
        ("t.npz", npz(X=X, y=np.array([b"\xff", b"a"])), None, errors.EncodingError, "array y: .*not UTF-8"),
        ("t.npz", npz(X=X, y=np.array([0xD800, 65], np.uint32).view("<U1")), None, errors.EncodingError, "array y"),
        ("t.npz", npz(X=X, y=np.array([0x110000, 65], np.uint32).view("<U1")), None, errors.EncodingError, "array y"),
        ("t.npz", npz(X=X, y=np.eye(2)), None, errors.CountMismatchError, r"y\.argmax\(axis=1\)"),
        ("t.npz", npz(X=X, y=np.array([1j, 2])), None, errors.BadValueError, "complex128"),
        ("t.npz", npz(X=X[None]), None, errors.BadShapeError, r"X\.reshape\(len\(X\), -1\)"),
        ("t.npz", saved(dia_array(np.eye(3))), None, errors.BadShapeError, r"saved as 'dia' .*X\.tocsr\(\)"),
        (
            "t.npz",
            npz(**CSR | {"shape": np.array([2, 2**40])}),
            None,
            errors.BadShapeError,
            "1,099,511,627,776 columns",
        ),
        (
            "t.npz",
            npz(**CSR | {"shape": np.array([2**60, 3]), "format": b"csc", "indptr": np.array([0, 1, 2, 3])}),
            None,
            errors.TooLargeError,
            r"1,152,921,504,606,846,976 rows needs 9,223,372,036\.9 GB",
        ),
        ("t.npz", npz(Z=X), None, errors.MissingColumnError, "an array X is needed.*there are Z"),
        ("t.npz", npz(X=X), "label", errors.MissingColumnError, "'label'; there are X"),
        ("t.npz", npz(X=X[0]), None, errors.BadShapeError, r"of shape \(3,\)"),
        ("t.npz", npz(X=np.array([["a"]])), None, errors.BadValueError, "must hold numbers"),
        ("t.npz", npz(X=np.array([[np.nan]])), None, errors.BadValueError, "NaN"),
        ("t.npz", npz(X=X[:0]), None, errors.EmptyFileError, "0 x 3"),
        ("t.npz", npz(X=X, y=np.zeros(3)), None, errors.CountMismatchError, r"2 rows and y is of shape \(3,\)"),
        ("t.npz", npz(X=X, y=np.array([1, np.inf])), None, errors.BadValueError, "y holds NaN or infinity"),
        ("t.npz", npz(**CSR | {"indices": np.array([1, 0, 9])}), None, errors.BadShapeError, "do not belong together"),
        ("t.npz", npz(**CSR | {"indptr": np.array([0, 3, 1])}), None, errors.BadShapeError, "do not belong together"),
        ("t.npz", npz(**CSR | {"shape": np.array([2])}), None, errors.BadShapeError, "do not belong together"),
        ("t.npz", npz(**CSR | {"indices": X[0]}), None, errors.BadValueError, "integers"),
        ("t.svm", "1 1:1\n1 a:b\n", None, errors.BadRecordError, "line 2: not `label index:value"),
        ("t.svm", "1 0:1 2147483647:1\n", None, errors.BadShapeError, "2,147,483,648 columns"),
        ("t.svm", "1 1:" + "9" * 100_000 + "x\n", None, errors.BadRecordError, "line 1: .{,400}$"),
        ("t.svm", "1 2:1 1:1\n", None, errors.BadRecordError, "label index:value"),
        ("t.svm", "", None, errors.EmptyFileError, "0 x"),
        ("t.svm", "1 1:nan\n", None, errors.BadValueError, "NaN"),
        ("t.csv", "", None, errors.EmptyFileError, "no row"),
        ("t.csv", "1,2\n3,4\n", None, errors.BadRecordError, "first line must name the columns"),
        ("t.csv", "a,b\n1,x\n", None, errors.BadValueError, "line 2: 'b' is 'x'"),
        ("t.csv", "a,b\n1,\n", None, errors.BadValueError, "line 2: 'b' is ''"),
        ("t.csv", "a,b\n1,2\n\n1,inf\n", None, errors.BadValueError, "line 4: 'b' is NaN or infinity"),
        ("t.csv", "a,b\n1,2\n1,NaN\n", None, errors.BadValueError, "line 3: 'b' is NaN or infinity"),
        ("t.csv", "a,b\n1_0,2\n", None, errors.BadValueError, "line 2: 'a' is '1_0'"),
        ("t.csv", "a;b\n1,5;2\n", None, errors.BadValueError, "line 2: 'a' is '1,5'"),
        ("t.csv", "5.1,3.5,cat\n4.9,3.0,dog\n", None, errors.BadRecordError, "first line must name the columns"),
        ("t.csv", "a,y\n1,2\n1,\n", None, errors.BadValueError, "column y: empty in 1 rows, first in line 3"),
        ("t.csv", "a,b\n1,2\n", "c", errors.MissingColumnError, "'c'; there are a, b"),
        ("t.csv", "a,b\n1\n", None, errors.BadRecordError, "line 2: 1 fields"),
        ("t.csv", "y\n1\n", None, errors.EmptyFileError, "1 x 0"),
        ("t.csv", b"a\n\xff\n", None, errors.EncodingError, "line 2"),
    ],
)
def test_each_way_of_being_wrong(write, name, content, target, error, message):
    with pytest.raises(error, match=message) as caught:
        read_table(write(name, content), target)
    assert name in str(caught.value)


def test_missing_file(tmp_path):
    for name in ("t.npz", "t.svm", "t.csv"):
        with pytest.raises(errors.MissingFileError, match=name):
            read_table(tmp_path / name)
