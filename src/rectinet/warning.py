"""Warnings that name the line of the user's own code."""

from __future__ import annotations

import sys
import warnings
from typing import Final

_OURS: Final = ("rectinet", "sklearn")  # scikit-learn wraps methods that take callbacks


def warn(message: str) -> None:
    """Warn as of the first caller outside this library, however deep it was called."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=depth + 1)
