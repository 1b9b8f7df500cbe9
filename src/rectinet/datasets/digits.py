"""The 8 x 8 digits that come with scikit-learn: the one data set that needs no file and no download."""

from __future__ import annotations

import numpy as np

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home

SPLIT_SEED = 2011  # arbitrary, but fixed, so that everybody has the same split


def load_digits_dataset(*, data_home: Home = None) -> Dataset:
    """Handwritten digits, 64 pixels in [0, 1], 10 classes: 1,000 for training, 297 for validation, 500 for testing.

    The split is stratified and always the same; `data_home` is ignored. Source: E. Alpaydin and C. Kaynak, "Optical
    Recognition of Handwritten Digits", UCI Machine Learning Repository, test part, as bundled with scikit-learn.
    Licence: CC BY 4.0.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    X = np.ascontiguousarray(bunch.data / 16, dtype=np.float32)
    y = bunch.target.astype(np.int64)
    rest, test_rows = train_test_split(np.arange(len(y)), test_size=500, stratify=y, random_state=SPLIT_SEED)
    train_rows, valid_rows = train_test_split(rest, test_size=297, stratify=y[rest], random_state=SPLIT_SEED)
    train, valid, test = (Split(X[rows], y[rows]) for rows in (train_rows, valid_rows, test_rows))
    return Dataset("digits", train, valid, test, image_shape=(8, 8), class_names=tuple("0123456789"))
