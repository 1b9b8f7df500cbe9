"""A finite part of NISTP or P07, in the form of every other data set."""

from __future__ import annotations

from typing import Literal

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home

SEED = 0


def load_generated(
    kind: Literal["nistp", "p07"],
    *,
    data_home: Home = None,
    n_train: int = 50_000,
    n_valid: int = 10_000,
    n_test: int = 10_000,
) -> Dataset:
    """The first examples of NISTP or P07 with seed 0: 32 x 32 white characters on black in [0, 1], 62 classes.

    Generated on loading; the characters depend on the fonts and files found. To train on all 81,920,000 examples of the
    paper, use the endless data set `rectinet.datasets.nistp.NISTP`, which generates them on demand. The paper's sizes
    are 81,920k / 80k / 20k.
    """
    from rectinet.datasets.nistp import NISTP

    train = Split(*NISTP(SEED, "train", kind, data_home=data_home).batch(0, n_train))
    valid = Split(*NISTP(SEED, "valid", kind, data_home=data_home).batch(0, n_valid))
    test = Split(*NISTP(SEED, "test", kind, data_home=data_home).batch(0, n_test))
    return Dataset(kind, train, valid, test, image_shape=(32, 32), class_names=NISTP.class_names)
