"""NORB on small files in the exact binary-matrix format."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors, load
from rectinet.datasets.norb import NORB, SMALL_NORB, NorbSource, area_average, load_source, read_matrix

CODES = {"<f4": 0x1E3D4C51, "<f8": 0x1E3D4C53, "<i4": 0x1E3D4C54, "u1": 0x1E3D4C55, "<i2": 0x1E3D4C56}
SOURCE = NorbSource("tiny", ("a-01", "a-02"), ("b-01",), side=108, n_classes=6, n_train=5, n_valid=2, n_test=3)
N = {"a-01": 4, "a-02": 3, "b-01": 3}


def matrix_bytes(values: np.ndarray, code: str) -> bytes:
    sizes = [*values.shape, 1, 1][: max(3, values.ndim)]
    return np.array([CODES[code], values.ndim, *sizes], "<u4").tobytes() + values.astype(code).tobytes()


def images(name: str) -> np.ndarray:
    return np.random.default_rng(len(name) + N[name]).integers(0, 256, (N[name], 2, 108, 108), dtype=np.uint8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "tiny").mkdir()
    for name, n in N.items():
        (tmp_path / f"tiny/{name}-dat.mat").write_bytes(matrix_bytes(images(name), "u1"))
        (tmp_path / f"tiny/{name}-cat.mat").write_bytes(matrix_bytes(np.arange(n) % 6, "<i4"))
    return tmp_path


def test_split_scale_and_shape(home):
    data = load_source(SOURCE, data_home=home)
    assert (len(data.train), len(data.valid), len(data.test)) == (5, 2, 3)
    assert data.image_shape == (2, 32, 32)
    assert data.train.y.tolist() == [0, 1, 2, 3, 0]
    assert data.valid.y.tolist() == [1, 2]
    assert data.train.X.dtype == np.float32
    assert np.abs(data.train.X).max() <= 1
    original = images("a-01")[1].astype(np.float64)
    whole = original.reshape(2, 4, 27, 4, 27).mean(axis=(2, 4))  # 27 pixels of 108 are 8 of 32, exactly
    ours = data.train.X[1].reshape(2, 4, 8, 4, 8).mean(axis=(2, 4))
    assert np.allclose(ours, whole / 127.5 - 1, atol=1e-6)


def test_black_is_minus_one_and_white_is_one(home):
    values = np.zeros((4, 2, 108, 108), np.uint8)
    values[1] = 255
    (home / "tiny/a-01-dat.mat").write_bytes(matrix_bytes(values, "u1"))
    X = load_source(SOURCE, data_home=home).train.X
    assert set(X[0]) == {-1}
    assert X[1].min() == pytest.approx(1, abs=1e-6)
    assert X[1].max() <= 1


def test_small_norb_averages_three_by_three():
    A = area_average(96, 32)
    assert np.array_equal(np.flatnonzero(A[5]), [15, 16, 17])
    assert np.allclose(A.sum(axis=1), 1)
    assert np.allclose(area_average(108, 32).sum(axis=1), 1, atol=1e-6)


def test_compressed_parts_read_the_same(home):
    before = load_source(SOURCE, data_home=home)
    for path in list((home / "tiny").iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        path.unlink()
    after = load_source(SOURCE, data_home=home)
    assert np.array_equal(before.train.X, after.train.X)
    assert np.array_equal(before.test.X, after.test.X)


def test_the_sizes_of_the_paper():
    assert (NORB.n_train, NORB.n_valid, NORB.n_test) == (233_172, 58_428, 58_320)
    assert NORB.n_train + NORB.n_valid == 10 * 29_160
    assert NORB.training_files[9] == "norb-5x46789x9x18x6x2x108x108-training-10"
    assert NORB.testing_files == tuple(f"norb-5x01235x9x18x6x2x108x108-testing-0{k}" for k in (1, 2))
    assert SMALL_NORB.n_train + SMALL_NORB.n_valid == SMALL_NORB.n_test == 24_300


@pytest.mark.parametrize("code", CODES)
def test_every_element_type(tmp_path, code):
    values = np.array([[1, 2, 3], [4, 5, 6]])
    (tmp_path / "m.mat").write_bytes(matrix_bytes(values, code))
    assert np.array_equal(read_matrix(tmp_path / "m.mat"), values)


GOOD = matrix_bytes(np.arange(4), "<i4")
WORDS = np.frombuffer(GOOD, "<u4")


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", errors.TruncatedFileError, "magic number"),
        (b"\0" + GOOD[1:], errors.BadMagicError, "0x1e3d4c00"),
        (WORDS.byteswap().tobytes(), errors.BadMagicError, "0x544c3d1e"),
        (np.array([WORDS[0], 0, *WORDS[2:]], "<u4").tobytes(), errors.BadShapeError, "0 dimensions"),
        (np.array([WORDS[0], 2**31, *WORDS[2:]], "<u4").tobytes(), errors.BadShapeError, "2147483648 dimensions"),
        (np.array([WORDS[0], 1, 2**31, *WORDS[3:]], "<u4").tobytes(), errors.BadShapeError, "cannot be"),
        (np.array([WORDS[0], 1, 4, 2, *WORDS[4:]], "<u4").tobytes(), errors.BadShapeError, "cannot be"),
        (np.array([WORDS[0], 1, 2**31 - 1, *WORDS[3:]], "<u4").tobytes(), errors.TruncatedFileError, "only 16"),
        (GOOD[:10], errors.TruncatedFileError, "dimensions"),
        (GOOD[:-1], errors.TruncatedFileError, "only 15"),
        (GOOD + b"x", errors.TrailingBytesError, "goes on"),
        (matrix_bytes(np.array([0, 1, 6, 3]), "<i4"), errors.LabelOutOfRangeError, "example 2 has the label 6"),
        (matrix_bytes(np.array([[0, 1, 2, 3]]), "<i4"), errors.BadShapeError, "one category"),
        (matrix_bytes(np.arange(3), "<i4"), errors.SplitSizeError, "6 examples in all and must hold 7"),
    ],
)
def test_wrong_categories(home, content, error, message):
    (home / "tiny/a-01-cat.mat").write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        load_source(SOURCE, data_home=home)
    assert str(home / "tiny") in str(caught.value)


PICTURES = matrix_bytes(np.zeros((4, 2, 108, 108)), "u1")


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (PICTURES[:-1], errors.TruncatedFileError, "pictures 0 to 4"),
        (PICTURES + b"x", errors.TrailingBytesError, "after its 4 pictures"),
        (matrix_bytes(np.zeros((5, 2, 108, 108)), "u1"), errors.CountMismatchError, "5 pictures.*4 categories"),
        (matrix_bytes(np.zeros((4, 2, 96, 96)), "u1"), errors.BadShapeError, "96"),
        (matrix_bytes(np.zeros((4, 2, 108, 108)), "<i2"), errors.BadShapeError, "int16"),
        (b"x" * 40, errors.BadMagicError, "0x78787878"),
    ],
)
def test_wrong_pictures(home, compress, content, error, message):
    (home / "tiny/a-01-dat.mat").write_bytes(compress(content))
    with pytest.raises(error, match=message) as caught:
        load_source(SOURCE, data_home=home)
    assert "a-01-dat.mat" in str(caught.value)


@pytest.mark.parametrize("name", ["norb", "small-norb"])
def test_missing_files_say_where_they_come_from(tmp_path, name):
    with pytest.raises(errors.MissingFileError, match=r"-dat\.mat.*cs\.nyu\.edu"):
        load(name, data_home=tmp_path)
