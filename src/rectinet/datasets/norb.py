"""NORB, stereo images of toys, from the original binary-matrix files: jittered-cluttered (in parts) and small.

A matrix file is little-endian: a magic number for the type of the elements, the number of dimensions, their sizes (at
least three are written, missing ones as 1), the elements. Source: Y. LeCun, F. J. Huang, L. Bottou 2004, "Learning
Methods for Generic Object Recognition with Invariance to Pose and Lighting", and the page of the data set, section
"file format".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home, find, opened, read_exactly, read_rest
from rectinet.datasets._labels import check_labels
from rectinet.datasets.errors import (
    BadMagicError,
    BadShapeError,
    CountMismatchError,
    SplitSizeError,
    TrailingBytesError,
)

TYPES = {0x1E3D4C51: "<f4", 0x1E3D4C53: "<f8", 0x1E3D4C54: "<i4", 0x1E3D4C55: "u1", 0x1E3D4C56: "<i2"}
MAX_DIMENSIONS = 8
SIDE = 32  # pixels after subsampling
EXAMPLES_PER_BLOCK = 256
CLASS_NAMES = ("animal", "human", "airplane", "truck", "car", "none")


@dataclass(frozen=True)
class NorbSource:
    """The known facts of one of the two NORBs; `files` are names up to `-dat.mat` and `-cat.mat`."""

    name: str
    training_files: tuple[str, ...]
    testing_files: tuple[str, ...]
    side: int
    n_classes: int
    n_train: int
    n_valid: int
    n_test: int


def _files(objects: str, side: int, part: str, n: int) -> tuple[str, ...]:
    return tuple(f"norb-5x{objects}x9x18x6x2x{side}x{side}-{part}-{k:02d}" for k in range(1, n + 1))


NORB = NorbSource(
    "norb", _files("46789", 108, "training", 10), _files("01235", 108, "testing", 2), 108, 6, 233_172, 58_428, 58_320
)
SMALL_NORB = NorbSource(
    "small-norb",
    ("smallnorb-5x46789x9x18x6x2x96x96-training",),
    ("smallnorb-5x01235x9x18x6x2x96x96-testing",),
    96,
    5,
    19_440,
    4_860,
    24_300,
)


def load_norb(*, data_home: Home = None) -> Dataset:
    """Jittered-cluttered NORB: 2 x 32 x 32 pixels in [-1, 1], 6 classes; 233,172 / 58,428 / 58,320.

    The sizes are those of Glorot et al. 2011, section 4.1, and are asserted. `train` is the first of the 291,600
    training examples in the order of the ten parts, `valid` the last ones: the paper does not say which it used, and
    the parts are mixed. The original 108 x 108 pixels are averaged over areas to 32 x 32 (the paper only says
    "subsampled"), and 0..255 becomes -1..1. Needs 2.9 GB of memory for the result and little more: files are mapped, or
    read in blocks if compressed. Licence: research use, no redistribution.
    """
    return load_source(NORB, data_home=data_home)


def load_small_norb(*, data_home: Home = None) -> Dataset:
    """Small NORB: 2 x 32 x 32 pixels in [-1, 1], averaged over 3 x 3 of 96 x 96, 5 classes; 19,440 / 4,860 / 24,300.

    `valid` is the last fifth of the training part, the same share as in the paper's jittered-cluttered split. Licence:
    research use, no redistribution.
    """
    return load_source(SMALL_NORB, data_home=data_home)


def load_source(source: NorbSource, *, data_home: Home = None) -> Dataset:
    """The matrix files of `source`, in `source.name` under the data folder, as a data set."""
    n = source.n_train
    X, y = _read_part(source, source.training_files, n + source.n_valid, data_home)
    test = Split(*_read_part(source, source.testing_files, source.n_test, data_home))
    names = CLASS_NAMES[: source.n_classes]
    return Dataset(
        source.name, Split(X[:n], y[:n]), Split(X[n:], y[n:]), test, image_shape=(2, SIDE, SIDE), class_names=names
    )


def _read_part(
    source: NorbSource, files: tuple[str, ...], n: int, home: Home
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    hint = f"NORB cannot be fetched from here: put the files of https://cs.nyu.edu/~ylclab/data/ into {source.name}."
    paths = [
        tuple(find(f"{source.name}/{file}-{kind}.mat", home, hint=hint) for kind in ("dat", "cat")) for file in files
    ]
    labels = [_read_labels(path, source.n_classes) for _, path in paths]
    y = np.concatenate(labels)
    if len(y) != n:
        raise SplitSizeError(f"{paths[0][1].parent}: the parts hold {len(y)} examples in all and must hold {n}")
    X = np.empty((n, 2 * SIDE * SIDE), np.float32)
    start = 0
    for (path, _), of_part in zip(paths, labels, strict=True):
        for block in image_blocks(path, (len(of_part), 2, source.side, source.side)):
            X[start : start + len(block)] = _subsampled(block)
            start += len(block)
    return X, y


def _read_labels(path: Path, n_classes: int) -> NDArray[np.int64]:
    labels = read_matrix(path)
    if labels.ndim != 1:
        raise BadShapeError(f"{path}: holds {labels.shape} values; one category for each example is expected")
    check_labels(labels, n_classes, path)
    return labels.astype(np.int64)


def _subsampled(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 2, side, side) grey levels to (n, 2 * 32 * 32) area averages in [-1, 1]."""
    A = area_average(images.shape[-1], SIDE)
    small: NDArray[np.float32] = A @ images.astype(np.float32) @ A.T  # (n, 2, 32, 32)
    return np.asarray(small.clip(0, 255).reshape(len(images), -1) / 127.5 - 1, np.float32)


def area_average(n_from: int, n_to: int) -> NDArray[np.float32]:
    """(n_to, n_from) matrix whose row i averages the interval [i, i + 1) * n_from / n_to, borders by their share."""
    edges = np.arange(n_to + 1) * n_from / n_to
    pixels = np.arange(n_from)
    share = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    average: NDArray[np.float32] = (np.clip(share, 0, 1) * n_to / n_from).astype(np.float32)
    return average


def read_matrix(path: Path) -> NDArray[Any]:
    """The whole matrix of a file, plain or compressed; for labels, not for images."""
    with opened(path) as file:
        dtype, shape = _read_header(file, path)
        payload = read_rest(file, math.prod(shape) * dtype.itemsize, path, f"a {shape} matrix")
    return np.frombuffer(payload, dtype).reshape(shape)


def image_blocks(path: Path, shape: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    """The images of a file in blocks of a few hundred: mapped if the file is plain, read if it is compressed.

    Raises
    ------
    BadMagicError, BadShapeError, CountMismatchError, TruncatedFileError, TrailingBytesError, CorruptGzipError, ...
    """
    with opened(path) as file:
        dtype, found = _read_header(file, path)
        if dtype != np.uint8 or len(found) != len(shape) or found[1:] != shape[1:]:
            raise BadShapeError(f"{path}: holds {found} values of {dtype}; {shape} bytes are expected")
        if found[0] != shape[0]:
            raise CountMismatchError(f"{path}: holds {found[0]} pictures and its -cat.mat file {shape[0]} categories")
        starts = range(0, shape[0], EXAMPLES_PER_BLOCK)
        if path.stat().st_size == file.tell() + math.prod(shape):  # plain, and complete
            mapped = np.memmap(path, np.uint8, "r", file.tell(), shape)
            for start in starts:
                yield mapped[start : start + EXAMPLES_PER_BLOCK]
            return
        for start in starts:
            size = (min(EXAMPLES_PER_BLOCK, shape[0] - start), *shape[1:])
            content = read_exactly(file, math.prod(size), path, f"pictures {start} to {start + size[0]}")
            yield np.frombuffer(content, np.uint8).reshape(size)
        if file.read(1):
            raise TrailingBytesError(f"{path}: goes on after its {shape[0]} pictures; this is not the original file")


def _read_header(file: IO[bytes], path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic, n_dimensions = np.frombuffer(read_exactly(file, 8, path, "the magic number and dimension count"), "<u4")
    if int(magic) not in TYPES:
        raise BadMagicError(
            f"{path}: starts with 0x{int(magic):08x} and a NORB matrix with 0x1e3d4c51 to 0x1e3d4c56; "
            "is it another file under this name?"
        )
    if not 1 <= n_dimensions <= MAX_DIMENSIONS:
        raise BadShapeError(f"{path}: declares {n_dimensions} dimensions; 1 to {MAX_DIMENSIONS} are expected")
    sizes = np.frombuffer(read_exactly(file, 4 * max(3, int(n_dimensions)), path, "the dimensions"), "<i4")
    if (sizes < 0).any() or (sizes[n_dimensions:] != 1).any():
        raise BadShapeError(f"{path}: declares the dimensions {sizes.tolist()}, which cannot be")
    return np.dtype(TYPES[int(magic)]), tuple(int(size) for size in sizes[:n_dimensions])
