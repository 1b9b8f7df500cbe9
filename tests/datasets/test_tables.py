"""The user's own tables: the three formats, and one test for each way of being wrong."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array, save_npz

from rectinet.datasets import errors
from rectinet.datasets.tables import read_table

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
        ("t.npz", npz(X=np.array([[None]])), None, errors.BadValueError, "object"),
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
        ("t.svm", "1 a:b\n", None, errors.BadRecordError, "label index:value"),
        ("t.svm", "1 2:1 1:1\n", None, errors.BadRecordError, "label index:value"),
        ("t.svm", "", None, errors.EmptyFileError, "0 x"),
        ("t.svm", "1 1:nan\n", None, errors.BadValueError, "NaN"),
        ("t.csv", "", None, errors.EmptyFileError, "no row"),
        ("t.csv", "1,2\n3,4\n", None, errors.BadRecordError, "first line must name the columns"),
        ("t.csv", "a,b\n1,x\n", None, errors.BadValueError, "line 2: 'b' is 'x'"),
        ("t.csv", "a,b\n1,\n", None, errors.BadValueError, "line 2: 'b' is ''"),
        ("t.csv", "a,b\n1,inf\n", None, errors.BadValueError, "infinity"),
        ("t.csv", "a,y\n1,\n", None, errors.BadValueError, "column y: empty in 1 rows"),
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
