"""Generated characters by the million: written to a file once, then read where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from rectinet.datasets._files import cache_folder
from rectinet.datasets.generated import SEED
from rectinet.datasets.idx import read_idx
from rectinet.datasets.shards import shards
from rectinet.runs import Data, Part

N_VALIDATION, N_TEST = 80_000, 20_000  # as in the paper
WHITE: Final = 255  # of an image's bytes


@dataclass(frozen=True)
class Characters:
    """NISTP with so many characters to learn from, 1,025 bytes each in the cache folder.

    Attributes
    ----------
    n_train : int
    inputs_only : bool
        For pre-training, which needs neither classes nor the other parts.
    """

    n_train: int
    inputs_only: bool = False
    n_validation: int = N_VALIDATION
    n_test: int = N_TEST

    def load(self) -> Data:
        from rectinet.datasets.nistp import NISTP
        from rectinet.datasets.nistp.writer import written

        images, labels = written("nistp", self.n_train, cache_folder() / f"nistp-{self.n_train}", SEED)
        X = shards([images], factor=1 / WHITE)
        if self.inputs_only:
            return Data(Part(X))
        train = Part(X, read_idx(labels).astype(np.int64))
        validation = Part(*NISTP(SEED, "valid").batch(0, self.n_validation))
        return Data(train, validation, Part(*NISTP(SEED, "test").batch(0, self.n_test)))
