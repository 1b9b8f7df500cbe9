"""Handwritten characters that somebody collected and the user has: EMNIST and MNIST, in idx files."""

from __future__ import annotations

import numpy as np

from rectinet.datasets._files import Home, find
from rectinet.datasets._labels import check_labels
from rectinet.datasets.idx import read_idx
from rectinet.datasets.nistp.sources._glyphs import N_CLASSES, ArraySource

EMNIST_FILES = "emnist/emnist-byclass-{part}-{kind}-ubyte"
MNIST_FILES = "mnist/{part}-{kind}-ubyte"
_VALID_SHARE = 6  # one sixth of the training file, its last, is the valid part, as in MNIST's 50,000 / 10,000


def load_emnist(split: str, data_home: Home = None) -> ArraySource:
    """EMNIST by class: NIST SD19's characters at 28 x 28, turned upright (the files hold them transposed).

    Source: Cohen et al. 2017, arXiv:1702.05373. Classes in the order of CHARACTERS.
    """
    source = _load("emnist", EMNIST_FILES, "test" if split == "test" else "train", split, data_home, N_CLASSES)
    return ArraySource(source.name, np.ascontiguousarray(source.images.swapaxes(1, 2)), source.labels)


def load_mnist(split: str, data_home: Home = None) -> ArraySource:
    """MNIST's digits, 28 x 28. Source: LeCun et al. 1998."""
    return _load("mnist", MNIST_FILES, "t10k" if split == "test" else "train", split, data_home, 10)


def _load(name: str, files: str, part: str, split: str, data_home: Home, n_classes: int) -> ArraySource:
    """The images of a split: the test file, or the first five sixths or the last sixth of the training file."""
    paths = [
        find(files.format(part=part, kind=kind), data_home, hint="Put the file there, or leave this source out.")
        for kind in ("images-idx3", "labels-idx1")
    ]
    images = read_idx(paths[0], shape=(None, 28, 28))
    labels = read_idx(paths[1], shape=(len(images),))
    check_labels(labels, n_classes, paths[1])
    n_valid = len(images) // _VALID_SHARE
    chosen = {"train": slice(0, len(images) - n_valid), "valid": slice(len(images) - n_valid, None)}
    items = chosen.get(split, slice(None))
    return ArraySource(name, images[items], labels[items].astype(np.int64))
