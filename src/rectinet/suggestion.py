"""The nearest of what there is, for messages about a name that does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Final

NEAR: Final = 0.7  # of difflib: one letter of four changed is near, half of them is not
OTHER_NAMES: Final = {"relu": "rectifier", "sigmoid": "logistic", "identity": "linear"}  # of units


def did_you_mean(word: object, known: Iterable[str], show: Callable[[str], str] = repr) -> str:
    """ "; did you mean 'price'?", or nothing where no name is near; case does not count."""
    names = {name.lower(): name for name in known}
    if (other := OTHER_NAMES.get(str(word).lower())) in names:
        return f"; did you mean {show(names[str(other)])}?"
    near = get_close_matches(str(word).strip().lower(), names, 1, NEAR)
    return f"; did you mean {show(names[near[0]])}?" if near else ""
