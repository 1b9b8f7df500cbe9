"""MNIST and Fashion-MNIST: four idx files each, read by the same code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home, find
from rectinet.datasets._labels import check_labels
from rectinet.datasets.idx import read_idx


@dataclass(frozen=True)
class IdxSource:
    """The known facts of a data set in idx files; `md5` maps a file's name to the MD5 of its uncompressed content."""

    name: str
    class_names: tuple[str, ...]
    n_train: int = 50_000
    n_valid: int = 10_000
    n_test: int = 10_000
    md5: tuple[tuple[str, str], ...] = ()


MNIST = IdxSource(
    "mnist",
    tuple("0123456789"),
    md5=(
        ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
        ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
        ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
        ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
    ),
)
FASHION_MNIST = IdxSource(
    "fashion-mnist",
    ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
)


def load_mnist(*, data_home: Home = None) -> Dataset:
    """MNIST: 28 x 28 handwritten digits scaled to [0, 1]; 50,000 / 10,000 / 10,000.

    `train` is the first 50,000 of the original training part, `valid` its last 10,000, as in Glorot et al. 2011,
    section 4.1. The content of the four files is checked against their MD5 before use.
    Source: Y. LeCun, C. Cortes, C. Burges 1998. Licence: CC BY-SA 3.0.
    """
    return load_idx_images(MNIST, data_home=data_home)


def load_fashion_mnist(*, data_home: Home = None) -> Dataset:
    """Fashion-MNIST: 28 x 28 images of clothes scaled to [0, 1], the format and split of MNIST.

    Source: H. Xiao, K. Rasul, R. Vollgraf 2017, arXiv:1708.07747. Licence: MIT.
    """
    return load_idx_images(FASHION_MNIST, data_home=data_home)


def load_idx_images(source: IdxSource, *, data_home: Home = None) -> Dataset:
    """The four files of `source`, in `source.name` under the data folder, as a data set."""
    X, y = _read_part(source, "train", source.n_train + source.n_valid, data_home)
    train, valid = Split(X[: source.n_train], y[: source.n_train]), Split(X[source.n_train :], y[source.n_train :])
    test = Split(*_read_part(source, "t10k", source.n_test, data_home))
    return Dataset(source.name, train, valid, test, image_shape=(28, 28), class_names=source.class_names)


def _read_part(source: IdxSource, part: str, n: int, home: Home) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    known = dict(source.md5)
    hint = f"Run `rectinet data fetch {source.name}`, or put the file there."
    images_name, labels_name = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
    images_path = find(f"{source.name}/{images_name}", home, hint=hint)
    labels_path = find(f"{source.name}/{labels_name}", home, hint=hint)
    labels = read_idx(labels_path, shape=(n,), md5=known.get(labels_name))
    check_labels(labels, len(source.class_names), labels_path)
    images = read_idx(images_path, shape=(n, 28, 28), md5=known.get(images_name))
    X = images.reshape(n, -1).astype(np.float32)
    X /= 255
    return X, labels.astype(np.int64)
