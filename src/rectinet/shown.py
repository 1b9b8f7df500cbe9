"""Values in messages, always short: a damaged file may hold a name of a hundred megabytes."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Collection
from itertools import islice
from typing import Any, Final

_MOST_CHARACTERS: Final = 60
_MOST_NAMES: Final = 12
_MOST_OF_A_REASON: Final = 200

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = _repr.maxlong = _MOST_CHARACTERS


def shown(value: object) -> str:
    """The repr of a value, its middle left out where it is long."""
    return _repr.repr(value)


def shortened(text: object, most: int = _MOST_CHARACTERS) -> str:
    """A text, a name or an error of another library as it is, its end left out where it is long."""
    text = str(text)
    return text if len(text) <= most else text[:most] + "..."


def reason(error: BaseException) -> str:
    """What another library says is wrong, which may quote a whole field."""
    return shortened(error, _MOST_OF_A_REASON)


def listed(names: Collection[object], nothing: str = "none", *, show: Callable[[Any], str] = shown) -> str:
    """The first names of a collection, each as `show` gives it, and how many there are besides."""
    first = ", ".join(show(name) for name in islice(names, _MOST_NAMES))
    more = len(names) - _MOST_NAMES
    return (f"{first}, ... and {more} more" if more > 0 else first) or nothing
