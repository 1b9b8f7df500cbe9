"""Handwritten characters that somebody collected and the user has: NIST SD19, EMNIST, MNIST."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rectinet.datasets._files import Home, find
from rectinet.datasets._labels import check_labels
from rectinet.datasets.errors import EmptyFileError
from rectinet.datasets.idx import read_idx
from rectinet.datasets.nist import TEST_PARTITION, list_nist, read_emnist, read_nist
from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp.sources._glyphs import ArraySource, Images, Labels

_VALID_SHARE = 6  # the last sixth of the training file is the valid part, as in MNIST's 50,000 / 10,000


def load_nist(split: str, data_home: Home = None) -> ArraySource:
    """NIST SD19 by class, 32 x 32. Test is partition hsf_4, valid hsf_7 or else hsf_3, as in `rectinet.datasets.nist`.

    All 814,255 pictures are read, which takes minutes, and kept, which takes 1 kB each.
    """
    characters = list_nist(data_home=data_home)
    partitions = {character.partition for character in characters}
    parts = {"test": {TEST_PARTITION}, "valid": {"hsf_7" if "hsf_7" in partitions else "hsf_3"}}
    wanted = parts.get(split, partitions - parts["test"] - parts["valid"])
    chosen = [character for character in characters if character.partition in wanted]
    if not chosen:
        raise EmptyFileError(f"by_class: there is no character for {split}; the partitions are {sorted(partitions)}")
    images = np.empty((len(chosen), SIDE, SIDE), np.uint8)
    for place, image in enumerate(read_nist(chosen)):
        images[place] = np.rint(255 * image)
    return ArraySource("nist", images, np.array([character.label for character in chosen], np.int64))


def load_emnist(split: str, data_home: Home = None) -> ArraySource:
    """EMNIST by class, 28 x 28: the characters of SD19 made smaller (Cohen et al. 2017, arXiv:1702.05373)."""
    images, labels = read_emnist("test" if split == "test" else "train", data_home=data_home)
    return _part(ArraySource("emnist", images, labels), split)


def load_mnist(split: str, data_home: Home = None) -> ArraySource:
    """MNIST's digits, 28 x 28 (LeCun et al. 1998)."""
    part = "t10k" if split == "test" else "train"
    images_path, labels_path = (
        find(f"mnist/{part}-{kind}-ubyte", data_home, hint="`rectinet data fetch mnist`, or leave this source out.")
        for kind in ("images-idx3", "labels-idx1")
    )
    images: Images = read_idx(images_path, shape=(None, 28, 28))
    labels: Labels = read_idx(labels_path, shape=(len(images),)).astype(np.int64)
    check_labels(labels, 10, labels_path)
    return _part(ArraySource("mnist", images, labels), split)


def _part(source: ArraySource, split: str) -> ArraySource:
    """The first five sixths of a training file for "train", the last sixth for "valid"; all of a test file."""
    first_valid = len(source.images) - len(source.images) // _VALID_SHARE
    items = {"train": slice(first_valid), "valid": slice(first_valid, None)}.get(split, slice(None))
    return ArraySource(source.name, source.images[items], source.labels[items])


LOADERS: dict[str, Callable[[str, Home], ArraySource]] = {
    "nist": load_nist,
    "emnist": load_emnist,
    "mnist": load_mnist,
}
FOUND_BY = {"emnist": "emnist/emnist-byclass-train-images-idx3-ubyte", "nist": "by_class"}  # in order of preference
