"""The kind of each column of a table, from its name and cells; and columns that are not worth learning from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from rectinet.datasets.frame import Column, Frame
from rectinet.encoders.cells import (
    Commas,
    DateOrder,
    Missing,
    commas_of,
    date_order,
    days,
    is_code,
    is_marked,
    number,
    truth,
)
from rectinet.shown import listed, shown
from rectinet.wording import setting

Kind = Literal["number", "boolean", "date", "category"]

EMPTY: Final = "empty"
FEW: Final = 0.1  # share of non-numbers in a column up to which they are treated as errors
FEWEST_ROWS: Final = 10  # with fewer rows, distinct values are no sign of an identifier
MANY_NAMES: Final = 50  # more distinct names than this, and than half of the rows, are too many to learn from
_UNNAMED: Final = re.compile(r"(?i:unnamed: 0(\.\d+)?)|__index_level_\d+__")  # pandas' names for unnamed columns
_ID: Final = re.compile(
    r"(?i:(.*[_ .-])?(id|uid|uuid|guid|index|idx|rownames|rowid|key|no|nr|number|code|serial))|.*[a-z](Id|ID|UUID)"
)


@dataclass(frozen=True)
class Reading:
    """How the cells of a column are read.

    Attributes
    ----------
    kind : {"number", "boolean", "date", "category"}
    commas : {"none", "thousands", "decimal"}
        Meaning of commas in numbers written as texts.
    order : {"ymd", "dmy", "mdy"}
        Order of dates written as texts.
    note : str or None
        A warning about the column.
    """

    kind: Kind
    commas: Commas = "none"
    order: DateOrder = "ymd"
    note: str | None = None


def reading_of(name: str, frame: Frame, missing: Missing, is_category: bool) -> Reading:
    """The kind of a column and how to read its cells.

    Raises
    ------
    ValueError
        For a few cells that are not numbers (or dates) in a column of numbers (or dates).
    """
    column = frame.columns[name]
    if is_category or column.is_category:
        return Reading("category")
    if not column.is_text:
        kind = column.values.dtype.kind
        return Reading("boolean" if kind == "b" else "date" if kind == "M" else "number")
    cells = Counter(cell.strip() for cell in column.values if cell is not None)
    named = [cell for cell in cells if not missing.in_categories(cell)]
    if named and all(truth(cell) is not None for cell in named):
        return Reading("boolean")
    counted = [cell for cell in cells if not missing.in_numbers(cell)]
    if any(is_code(cell) for cell in counted):
        return Reading("category")
    commas = commas_of(counted)
    if _is(counted, cells, lambda cell: number(cell, commas) is not None, "number", name, frame):
        marked = next((cell for cell in counted if is_marked(cell)), None)
        note = None if marked is None else f"column {shown(name)}: {shown(marked)} is read as {number(marked, commas)}"
        return Reading("number", commas, note=note)
    order, open_to_doubt = date_order(counted)
    if _is(counted, cells, lambda cell: days(cell, order) is not None, "date", name, frame):
        doubt = f"column {shown(name)}: dates such as {counted[0]} are read as month, day, year"
        return Reading("date", order=order, note=doubt if open_to_doubt else None)
    return Reading("category")


def _is(
    distinct: Collection[str], cells: Counter[str], reads: Callable[[str], bool], what: str, name: str, frame: Frame
) -> bool:
    """Whether all cells are of one kind; an error if only a few are not, instead of making them all categories."""
    others = [cell for cell in distinct if not reads(cell)]
    if not others:
        return bool(distinct)
    n_others, n = (sum(cells[cell] for cell in some) for some in (others, distinct))
    if n_others > FEW * n:
        return False
    values = frame.columns[name].values
    row = next(k for k, cell in enumerate(values) if cell is not None and cell.strip() in others)
    cell = values[row].strip()
    raise ValueError(
        f"{frame.where(row)}: {shown(name)} is {shown(cell)}, and {n - n_others} of the {n} cells of that column are "
        f"{what}s; correct it, or say that it means a missing value (missing={[cell]!r}, --missing {shown(cell)}) or "
        f"that the column holds categories (categorical={[name]!r}, --categorical {shown(name)})"
    )


def left_out(name: str, position: int, column: Column, reading: Reading, missing: Missing) -> str | None:
    """The reason for leaving out a column; None if it is used."""
    if (position == 0 and not name) or _UNNAMED.fullmatch(name):
        return "row numbers without a name"
    kind, values = column.values.dtype.kind, column.values
    if column.is_text:
        is_missing = missing.in_categories if reading.kind in ("category", "boolean") else missing.in_numbers
        found = [cell for cell in (value.strip() for value in values if value is not None) if not is_missing(cell)]
        distinct, n = len(set(found)), len(found)
    else:
        present = values[~np.isnat(values)] if kind == "M" else values[~np.isnan(values)] if kind == "f" else values
        distinct, n = len(np.unique(present)), len(present)
    if n == 0:
        return EMPTY
    if distinct == 1 and n == len(values):
        return "constant"
    if n < FEWEST_ROWS:
        return None
    if reading.kind == "category" and not column.is_category and (distinct == n or distinct > max(MANY_NAMES, n / 2)):
        return "a different name in every row" if distinct == n else f"{distinct} different names in {n} rows"
    if reading.kind == "number" and distinct == n:
        return _counted(name, column, reading)
    return None


def _counted(name: str, column: Column, reading: Reading) -> str | None:
    """The reason why a column of distinct numbers is an index; None if it is not."""
    if column.is_text:
        found = [number(cell.strip(), reading.commas) for cell in column.values if cell is not None]
        values = np.array([value for value in found if value is not None])
    else:
        values = np.asarray(column.values, dtype=np.float64)
        values = values[np.isfinite(values)]
    if (values % 1 != 0).any():
        return None
    lowest, highest = values.min(), values.max()
    if lowest in (0, 1) and highest - lowest + 1 == len(values):
        return f"row numbers, {lowest:g} to {highest:g}"
    return "an identifier, by its name and as no two are equal" if _ID.fullmatch(name) else None


def note_of(reasons: dict[str, str]) -> str | None:
    """One sentence about all columns that are left out."""
    if not reasons:
        return None
    by_reason: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        by_reason.setdefault(reason, []).append(name)
    said = "; ".join(f"{listed(names)} ({reason})" for reason, names in by_reason.items())
    keep, categorical = setting("keep"), setting("categorical")
    return f"left out of the table: {said}. {keep} or {categorical} takes a column all the same"
