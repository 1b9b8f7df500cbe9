"""Missing labels: the one predicate that defines them.

It is applied to values as given, before NumPy converts them to one type: in an array of strings, -1 would become "-1"
and NaN "nan", which look like class names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MINUS_ONE: Final = "-1"
NEVER_A_NAME: Final = frozenset(  # spellings of a missing value
    {"", "nan", "nat", "na", "n/a", "null", "<na>", "#n/a"}
)
_NOT_AVAILABLE: Final = ("NAType", "NaTType")  # pandas' NA and NaT, by name: pandas need not be installed


def is_missing(label: Any, *, minus_one: bool = False) -> bool:
    """Whether a label is missing: None, NaN, NaT, pandas' NA, a masked value, a blank text, or one of these as text.

    Parameters
    ----------
    minus_one : bool, default=False
        Whether -1 and "-1" are missing too, scikit-learn's convention for semi-supervised classes.
    """
    if label is None or label is np.ma.masked or type(label).__name__ in _NOT_AVAILABLE:
        return True
    if isinstance(label, str):
        written = label.strip().lower()
        return written in NEVER_A_NAME or (minus_one and written == MINUS_ONE)
    if isinstance(label, bool | np.bool_):
        return False
    return bool(label != label) or (minus_one and bool(label == -1))


def missing_labels(labels: Iterable[Any], *, minus_one: bool = False) -> NDArray[np.bool_]:
    """Which labels are missing, shape (n_labels,)."""
    return np.fromiter((is_missing(label, minus_one=minus_one) for label in labels), dtype=bool)
