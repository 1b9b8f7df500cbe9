"""CIFAR-10, binary version: rows of one label byte and 3,072 pixel bytes, red plane first, 10,000 rows a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home, find, opened, read_rest
from rectinet.datasets._labels import check_labels

FOLDER = "cifar-10-batches-bin"
CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PIXEL_BYTES = 3 * 32 * 32
ROWS_PER_BATCH = 10_000
HINT = f"Run `rectinet data fetch cifar10`, or put the folder {FOLDER} of the binary version there."


def load_cifar10(*, data_home: Home = None, rows_per_batch: int = ROWS_PER_BATCH) -> Dataset:
    """CIFAR-10: 32 x 32 colour images, pixels scaled to [0, 1], 10 classes; 50,000 / 5,000 / 5,000.

    `train` is the five training batches. The paper's table says 50k / 5k / 5k (section 4.1) while the original files
    hold 50,000 + 10,000, so `valid` and `test` are the first and second half of the test batch. A row of X holds the
    red, green and blue plane, each row by row. `rows_per_batch` allows for smaller files. Source: A. Krizhevsky 2009,
    "Learning Multiple Layers of Features from Tiny Images". Licence: none stated.
    """
    X, y = _read_training_batches(rows_per_batch, data_home)
    X_test, y_test = read_batch(find(f"{FOLDER}/test_batch.bin", data_home, hint=HINT), rows_per_batch)
    half = rows_per_batch // 2
    valid, test = Split(X_test[:half], y_test[:half]), Split(X_test[half:], y_test[half:])
    return Dataset("cifar10", Split(X, y), valid, test, image_shape=(3, 32, 32), class_names=CLASS_NAMES)


def load_cifar10_train_only(*, data_home: Home = None, rows_per_batch: int = ROWS_PER_BATCH) -> Dataset:
    """CIFAR-10 from the five training batches alone: 40,000 / 5,000 / 5,000.

    `train` is batches 1 to 4, `valid` and `test` the halves of batch 5. This is not the split of the paper, so results
    are kept under a name of their own.
    """
    X, y = _read_training_batches(rows_per_batch, data_home)
    n, half = 4 * rows_per_batch, 4 * rows_per_batch + rows_per_batch // 2
    train, valid, test = Split(X[:n], y[:n]), Split(X[n:half], y[n:half]), Split(X[half:], y[half:])
    return Dataset("cifar10-train-only", train, valid, test, image_shape=(3, 32, 32), class_names=CLASS_NAMES)


def read_batch(path: Path, n: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The `n` rows of one batch file: pixels (n, 3072) in [0, 1], labels (n,)."""
    row_bytes = 1 + PIXEL_BYTES
    with opened(path) as file:
        rows = np.frombuffer(read_rest(file, n * row_bytes, path, f"{n} rows of {row_bytes} bytes"), np.uint8).reshape(
            n, row_bytes
        )
    labels = rows[:, 0]
    check_labels(labels, len(CLASS_NAMES), path)
    X = rows[:, 1:].astype(np.float32, order="C")
    X /= 255
    return X, labels.astype(np.int64)


def _read_training_batches(rows: int, home: Home) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    paths = [find(f"{FOLDER}/data_batch_{k}.bin", home, hint=HINT) for k in range(1, 6)]
    X, y = np.empty((5 * rows, PIXEL_BYTES), np.float32), np.empty(5 * rows, np.int64)
    for k, path in enumerate(paths):  # filled in place, to avoid a second 600 MB
        X[k * rows : (k + 1) * rows], y[k * rows : (k + 1) * rows] = read_batch(path, rows)
    return X, y
