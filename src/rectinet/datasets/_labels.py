"""The label check for all labelled files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets.errors import LabelOutOfRangeError


def check_labels(labels: NDArray[Any], n_classes: int, path: Path) -> None:
    """Raise LabelOutOfRangeError for the first label outside of 0 .. n_classes - 1."""
    wrong = np.flatnonzero((labels < 0) | (labels >= n_classes))
    if wrong.size:
        first = int(wrong[0])
        raise LabelOutOfRangeError(
            f"{path}: example {first} has the label {int(labels[first])} and the classes are 0 to {n_classes - 1} "
            f"({wrong.size} such labels in all); this is not the original file"
        )
