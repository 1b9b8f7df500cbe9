"""A finite piece of NISTP or P07, in the shape of every other data set."""

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
    """The first items of seed 0 of NISTP or P07: 32 x 32 white characters on black in [0, 1], 62 classes.

    Made on the spot; which characters there are depends on the fonts and files found. Training
    on all of the 81,920,000 of the paper takes the endless set itself, `rectinet.datasets.nistp.NISTP`, which makes
    them as they are asked for. The paper's sizes are 81,920k / 80k / 20k.
    """
    from rectinet.datasets.nistp import NISTP

    train = Split(*NISTP(SEED, "train", kind, data_home=data_home).batch(0, n_train))
    valid = Split(*NISTP(SEED, "valid", kind, data_home=data_home).batch(0, n_valid))
    test = Split(*NISTP(SEED, "test", kind, data_home=data_home).batch(0, n_test))
    return Dataset(kind, train, valid, test, image_shape=(32, 32), class_names=NISTP.class_names)
