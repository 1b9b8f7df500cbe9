"""Targets as given: one value per row, which rows have one, and their kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from rectinet.cells import StrayCell, values_of
from rectinet.missing import missing_labels
from rectinet.shown import shown
from rectinet.targets._words import Said

EXACT: Final = 2**53  # up to here, float64 holds every whole number exactly


def listed(values: Any, name: str) -> list[Any] | NDArray[np.float64]:
    """One value per row as given, or the numbers of several columns."""
    if isinstance(values, str | bytes | set | frozenset | dict):
        raise ValueError(
            f"{name} must be a list or an array of targets, one for each row; got a {type(values).__name__}"
        )
    if type(values).__module__.partition(".")[0] == "pyarrow":
        values = values.to_pylist()
    array = np.asarray(values, dtype=object)
    if array.ndim == 0:
        array = np.asarray(list(values), dtype=object)
    if array.ndim == 1:
        return list(array.tolist())
    if array.ndim == 2 and array.shape[1] == 1:
        return list(array[:, 0].tolist())
    if array.ndim > 2:
        raise ValueError(f"{name} has the shape {array.shape}; it should be one target for each row")
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} has {array.shape[1]} columns that are no numbers; give one target for each row"
        ) from error


def labelled_rows(values: Any, given: list[Any] | NDArray[np.float64], minus_one: bool) -> NDArray[np.bool_]:
    if isinstance(given, np.ndarray):
        return np.asarray(~np.isnan(given).any(axis=1))
    if isinstance(values, np.ndarray) and (values.dtype.kind in "bu" or (values.dtype.kind == "i" and not minus_one)):
        return np.ones(len(given), dtype=bool)
    return ~missing_labels(given, minus_one=minus_one)


_KINDS: Final = {str: ("a name", "names"), bool: ("true or false", "true or false"), float: ("a number", "numbers")}


def kind_of_all(values: Sequence[Any], rows: Sequence[int], said: Said) -> type:
    """The kind of all values: str, bool or float."""
    first: dict[type, int] = {}
    counts: Counter[type] = Counter()
    for place, value in enumerate(values):
        kind = _kind(value)
        if kind is None:
            raise ValueError(
                f"{said.where(rows[place])} is {shown(value)}, a {type(value).__name__}; a target is a name, a number, "
                "or true or false"
            )
        first.setdefault(kind, place)
        counts[kind] += 1
    (usual, n_usual), *others = counts.most_common()
    if others:
        rare = others[-1][0]
        raise _mixed(
            f"{said.where(rows[first[rare]])} is {shown(values[first[rare]])}, {_KINDS[rare][0]}, and {n_usual} of "
            f"the {len(values)} targets are {_KINDS[usual][1]}",
            said,
        )
    return usual


def _kind(value: Any) -> type | None:
    if isinstance(value, str):
        return str
    if isinstance(value, bool | np.bool_):
        return bool
    return float if isinstance(value, Real | Decimal) else None


def _mixed(what: str, said: Said) -> ValueError:
    return ValueError(
        f"{what}; correct it, or give None where there is no target. Classes that are named by numbers and by words: "
        f"write all of them as texts, with {said.task('classify')}"
    )


def spelled_numbers(
    values: Sequence[str], rows: Sequence[int], said: Said
) -> list[int | None] | list[float | None] | None:
    """The numbers that texts spell, None for N/A and the like; None instead of the list if they are names."""
    try:
        spelled = values_of(values)
    except StrayCell as stray:
        raise _mixed(
            f"{said.where(rows[stray.place])} is {shown(stray.cell)}, and {stray.n_numbers} of the {stray.n_cells} "
            "targets are plain numbers",
            said,
        ) from stray
    return None if any(isinstance(value, str) for value in spelled) else cast("list[float | None]", spelled)


def exact_numbers(values: Sequence[Any], rows: Sequence[int], said: Said) -> tuple[list[int] | list[float], bool]:
    """Numbers as int if all are whole (3 stars, not 3.0), else as float; and whether all are whole."""
    exact: list[Any] = []
    for place, value in enumerate(values):
        number = int(value) if isinstance(value, Integral) else float(value)
        if number in (np.inf, -np.inf):
            raise ValueError(f"{said.where(rows[place])} is infinite; a finite number is needed")
        exact.append(number)
    whole = all(isinstance(number, int) or number.is_integer() for number in exact)
    return exact, whole


def check_exact_as_integers(exact: Sequence[float], rows: Sequence[int], said: Said) -> None:
    """Raise a ValueError that names the first whole number too large to be sure of its last digits."""
    for place, number in enumerate(exact):
        if isinstance(number, float) and abs(number) > EXACT:
            raise ValueError(
                f"{said.where(rows[place])} is {number!r}: beyond 2**53 a float is no exact whole number. For ids that "
                f"are classes: texts; for amounts: {said.task('regress')}"
            )
        if not -(2**63) <= number < 2**63:
            raise ValueError(f"{said.where(rows[place])} is {number}, which has more than 64 bits; write ids as texts")


def check_exact_as_floats(exact: Sequence[float], rows: Sequence[int], said: Said) -> None:
    """Raise a ValueError that names the first integer that float64 cannot represent exactly."""
    for place, value in enumerate(exact):
        if isinstance(value, int) and int(float(value)) != value:
            raise ValueError(
                f"{said.where(rows[place])} is {value}, which no float64 holds exactly; for ids that are classes: "
                f"{said.task('classify')}"
            )
