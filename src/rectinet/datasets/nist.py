"""Handwritten characters of NIST: EMNIST in its idx files, and Special Database 19 in its by_class folders.

62 classes, 0-9 A-Z a-z. The idx images of EMNIST are distributed transposed; here they are upright.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home, find, is_hidden, read_small
from rectinet.datasets._labels import check_labels
from rectinet.datasets.errors import BadRecordError, BadShapeError, CountMismatchError, EmptyFileError, FormatError
from rectinet.datasets.idx import read_idx
from rectinet.shown import reason

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
EMNIST_SIDE, NIST_SIDE, SIDE = 28, 128, 32
EMNIST_HINT = "Put there the files of gzip.zip from https://www.nist.gov/itl/products-and-services/emnist-dataset"
NIST_HINT = "Put there the folder by_class of by_class.zip from https://www.nist.gov/srd/nist-special-database-19"
TEST_PARTITION = "hsf_4"  # by high-school students; recommended by NIST as test set


def load_emnist(*, data_home: Home = None) -> Dataset:
    """EMNIST by class: 28 x 28 white characters on black in [0, 1], 62 classes; 581,609 / 116,323 / 116,323.

    From `emnist/emnist-byclass-{train,test}-{images-idx3,labels-idx1}-ubyte`. `valid` is the end of the original
    training part, as long as the test part, as the authors recommend. Needs 2.6 GB of memory. Source: G. Cohen et al.
    2017, arXiv:1702.05373. Licence: public domain (NIST).
    """
    X, y = read_emnist("train", data_home=data_home)
    X_test, y_test = read_emnist("test", data_home=data_home)
    n = len(y) - len(y_test)
    if n <= 0:
        raise CountMismatchError(
            f"emnist: the training part holds {len(y)} characters and the test part {len(y_test)}; are they exchanged?"
        )
    train, valid = (Split(_scaled(X[rows]), y[rows]) for rows in (slice(n), slice(n, None)))
    test = Split(_scaled(X_test), y_test)
    return Dataset("emnist", train, valid, test, image_shape=(EMNIST_SIDE, EMNIST_SIDE), class_names=tuple(CHARACTERS))


def read_emnist(part: str, *, data_home: Home = None) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The "train" or "test" part: characters (n, 28, 28), upright, white on black; classes (n,)."""
    images, labels = (
        find(f"emnist/emnist-byclass-{part}-{kind}-ubyte", data_home, hint=EMNIST_HINT)
        for kind in ("images-idx3", "labels-idx1")
    )
    y = read_idx(labels, shape=(None,))
    check_labels(y, len(CHARACTERS), labels)
    X = read_idx(images, shape=(None, EMNIST_SIDE, EMNIST_SIDE))
    if len(X) != len(y):
        raise CountMismatchError(f"{images}: holds {len(X)} characters and {labels.name} {len(y)} labels")
    return X.transpose(0, 2, 1), y.astype(np.int64)


def _scaled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    X = images.reshape(len(images), -1).astype(np.float32)
    X /= 255
    return X


@dataclass(frozen=True)
class Character:
    """One character of SD19: its file, class 0-61, and the partition (`hsf_0` ...) of its writer."""

    path: Path
    label: int
    partition: str


def list_nist(*, data_home: Home = None) -> list[Character]:
    """Every character of `by_class/HEX/hsf_N/*.png`, HEX being the code of the character; sorted by path.

    The folders `train_HEX` beside them hold the same images again and are ignored.
    """
    root = find("by_class", data_home, hint=NIST_HINT)
    found = [
        Character(path, label, path.parent.name)
        for label, character in enumerate(CHARACTERS)
        for path in sorted((root / f"{ord(character):02x}").glob("hsf_*/*.png"))
        if not is_hidden(path)
    ]
    if not found:
        raise EmptyFileError(f"{root}: there is no HEX/hsf_N/*.png in it. {NIST_HINT}")
    return found


def read_nist(characters: list[Character]) -> Iterator[NDArray[np.float32]]:
    """Each character as (32, 32) in [0, 1], white on black: averages over 4 x 4 of 128 x 128 black-on-white pixels."""
    try:
        from PIL import Image
    except ImportError as error:
        raise FormatError("reading NIST's .png files takes Pillow: pip install Pillow") from error
    factor = NIST_SIDE // SIDE
    for character in characters:
        content = io.BytesIO(read_small(character.path))  # from a file, Pillow would allocate any claimed length
        try:
            with warnings.catch_warnings(action="error"), Image.open(content, formats=("PNG",)) as image:
                if image.size != (NIST_SIDE, NIST_SIDE):
                    raise BadShapeError(f"{character.path}: is of {image.size} pixels; 128 x 128 are expected")
                grey = np.asarray(image.convert("L"), np.float32)
        except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, Warning) as error:
            raise BadRecordError(f"{character.path}: not a .png file, or a damaged one ({reason(error)})") from error
        yield 1 - grey.reshape(SIDE, factor, SIDE, factor).mean(axis=(1, 3)) / 255


def load_nist(*, data_home: Home = None) -> Dataset:
    """NIST Special Database 19: 32 x 32 white characters on black in [0, 1], 62 classes, by writers.

    `test` is partition hsf_4, `valid` hsf_7 or, without it, hsf_3, and `train` the others, so that no writer is in two
    parts. Needs Pillow, and 3.4 GB of memory. Licence: public domain (NIST).
    """
    characters = list_nist(data_home=data_home)
    partitions = {character.partition for character in characters}
    valid_partition = "hsf_7" if "hsf_7" in partitions else "hsf_3"
    parts: dict[str, list[Character]] = {"train": [], "valid": [], "test": []}
    for character in characters:
        part = {TEST_PARTITION: "test", valid_partition: "valid"}.get(character.partition, "train")
        parts[part].append(character)
    for part, wanted in (("train", "another"), ("valid", valid_partition), ("test", TEST_PARTITION)):
        if not parts[part]:
            raise EmptyFileError(f"by_class: no character of partition {wanted} is there, for {part}. {NIST_HINT}")
    splits = [_nist_split(parts[part]) for part in ("train", "valid", "test")]
    return Dataset(
        "nist-sd19", splits[0], splits[1], splits[2], image_shape=(SIDE, SIDE), class_names=tuple(CHARACTERS)
    )


def _nist_split(characters: list[Character]) -> Split:
    X = np.empty((len(characters), SIDE * SIDE), np.float32)
    for row, image in zip(X, read_nist(characters), strict=True):
        row[:] = image.ravel()
    return Split(X, np.array([character.label for character in characters], np.int64))
