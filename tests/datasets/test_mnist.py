"""MNIST and Fashion-MNIST on small files of the same format."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.mnist import MNIST, IdxSource, load_idx_images, load_mnist

SMALL = IdxSource("small", ("a", "b", "c"), n_train=5, n_valid=2, n_test=3)


def idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.astype("u1").tobytes()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    (tmp_path / "small").mkdir()
    for part, n in (("train", 7), ("t10k", 3)):
        images = rng.integers(0, 256, (n, 28, 28))
        images[0, 0, :2] = 0, 255
        (tmp_path / f"small/{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (tmp_path / f"small/{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(n) % 3))
    return tmp_path


def test_split_scale_and_types(home):
    data = load_idx_images(SMALL, data_home=home)
    assert (len(data.train), len(data.valid), len(data.test)) == (5, 2, 3)
    assert data.train.X.shape == (5, 784)
    assert data.train.X.dtype == np.float32
    assert data.train.X[0, :2].tolist() == [0, 1]
    assert data.train.X.min() == 0
    assert data.train.X.max() == 1
    assert data.valid.y.tolist() == [2, 0]  # the last ones of the training part: 5 % 3, 6 % 3
    assert data.test.y.dtype == np.int64
    assert data.image_shape == (28, 28)


def test_gz_is_preferred_by_nobody_both_names_are_found(home):
    packed = home / "small/train-images-idx3-ubyte.gz"
    (home / "small/train-images-idx3-ubyte").write_bytes(gzip.decompress(packed.read_bytes()))
    before = load_idx_images(SMALL, data_home=home).train.X
    packed.unlink()
    assert np.array_equal(load_idx_images(SMALL, data_home=home).train.X, before)


def test_label_out_of_range_names_file_example_and_label(home):
    (home / "small/train-labels-idx1-ubyte").write_bytes(idx(np.array([0, 1, 2, 3, 0, 1, 9])))
    with pytest.raises(errors.LabelOutOfRangeError, match=r"train-labels.*example 3 has the label 3.*0 to 2.*2 such"):
        load_idx_images(SMALL, data_home=home)


def test_wrong_number_of_images(home):
    (home / "small/train-images-idx3-ubyte.gz").write_bytes(idx(np.zeros((6, 28, 28))))
    with pytest.raises(errors.BadShapeError, match=r"train-images.*6 x 28 x 28.*7 x 28 x 28"):
        load_idx_images(SMALL, data_home=home)


def test_missing_file_says_where_and_how(home):
    (home / "small/t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(errors.MissingFileError, match=r"t10k-labels.*rectinet data fetch small") as caught:
        load_idx_images(SMALL, data_home=home)
    assert str(home) in str(caught.value)


def test_other_digits_under_the_name_of_mnist_are_noticed(tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist/train-labels-idx1-ubyte").write_bytes(idx(np.zeros(60_000)))
    (tmp_path / "mnist/train-images-idx3-ubyte").write_bytes(b"")
    with pytest.raises(errors.ChecksumError, match=r"train-labels.*a25bea736e30d166cdddb491f175f624"):
        load_mnist(data_home=tmp_path)
    assert (MNIST.n_train, MNIST.n_valid, MNIST.n_test) == (50_000, 10_000, 10_000)
