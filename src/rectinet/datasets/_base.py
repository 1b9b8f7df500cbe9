"""What every loader returns: three splits, perhaps unlabelled examples, and what is needed to show images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.datasets.errors import DataError as DataError

Matrix = NDArray[np.float32] | csr_array


@dataclass(frozen=True)
class Split:
    """Examples and their targets.

    Parameters
    ----------
    X : ndarray of shape (n, d), float32, C-contiguous, or csr_array of shape (n, d), float32
    y : ndarray of shape (n,)
        Classes 0, 1, ... as int64, or star ratings as float64.
    """

    X: Matrix
    y: NDArray[Any]

    def __post_init__(self) -> None:
        if self.X.dtype != np.float32:
            raise TypeError(f"X must be float32; got {self.X.dtype}")
        if isinstance(self.X, np.ndarray) and not self.X.flags.c_contiguous:
            raise TypeError("a dense X must be C-contiguous")
        if self.y.shape != self.X.shape[:1]:
            raise ValueError(f"X holds {self.X.shape[0]} examples and y is of shape {self.y.shape}")

    def __len__(self) -> int:
        return int(self.X.shape[0])


@dataclass(frozen=True)
class Dataset:
    """A data set with the split of the study.

    Parameters
    ----------
    name : str
        As in `rectinet data list`.
    train, valid, test : Split
    unlabeled : ndarray or csr_array of shape (n, d), float32, or None
        Unlabelled examples, none of them in `valid` or `test`. `train.X` is not repeated here.
    image_shape : tuple of int or None
        Shape of one row of X as an image: (height, width), or (channels, height, width).
    class_names : tuple of str
        `class_names[k]` is the name of class k; empty if y holds ratings.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    unlabeled: Matrix | None = None
    image_shape: tuple[int, ...] | None = None
    class_names: tuple[str, ...] = ()
