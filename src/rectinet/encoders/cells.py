"""The meaning of texts in the cells of a table: missing, a number, a boolean, a date."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

Commas = Literal["none", "thousands", "decimal"]
DateOrder = Literal["ymd", "dmy", "mdy"]

NOTHING: Final = frozenset({"", "na", "n/a", "nan", "null", "<na>", "#n/a", "nat"})  # missing in columns of any kind
NO_CATEGORY: Final = NOTHING | {"?"}
NO_NUMBER: Final = NO_CATEGORY | {
    "-",
    "--",
    ".",
    "none",
    "nil",
    "missing",
    "inf",
    "+inf",
    "-inf",
    "infinity",
    "-infinity",
}
TRUTH: Final = {"true": 1.0, "false": 0.0}

_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CODE: Final = re.compile(r"0[0-9]+")  # as a number it would lose its leading zero
_MARKED: Final = re.compile(r"(?:[$€£¥]\s?)?([+-]?[0-9.,]*[0-9])\s?(?:[%€]|EUR|USD)?")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+")
_POINTED: Final = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+")  # thousands separated by points, with decimal commas
_TIME: Final = r"(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?\s?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _TIME)
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + _TIME)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Missing:
    """Which cells count as missing.

    Attributes
    ----------
    words : frozenset of str or None
        The only texts, besides empty cells, that mean a missing value, exactly as written; None: the usual ones, in any
        case.
    """

    words: frozenset[str] | None = None

    def in_categories(self, cell: str) -> bool:
        return self._among(cell, NO_CATEGORY)

    def in_numbers(self, cell: str) -> bool:
        return self._among(cell, NO_NUMBER)

    def _among(self, cell: str, usual: frozenset[str]) -> bool:
        return cell.lower() in usual if self.words is None else not cell or cell in self.words


def number(cell: str, commas: Commas = "none") -> float | None:
    """The finite number in a cell; None if it holds none.

    A currency sign or % is ignored. `commas` says what commas mean; with "none" they are not allowed.
    """
    if not _PLAIN.fullmatch(cell) or (commas == "decimal" and _POINTED.fullmatch(cell)):
        if not (marked := _MARKED.fullmatch(cell)):
            return None
        cell = marked[1]
        if commas == "thousands" and _THOUSANDS.fullmatch(cell):
            cell = cell.replace(",", "")
        elif commas == "decimal" and (_DECIMAL.fullmatch(cell) or _POINTED.fullmatch(cell)):
            cell = cell.replace(".", "").replace(",", ".")
        if not _PLAIN.fullmatch(cell):
            return None
    value = float(cell)
    return value if math.isfinite(value) else None


def commas_of(cells: Iterable[str]) -> Commas:
    """The meaning of commas in a column: decimal if any cell is like 1,5, else thousands if any is like 1,234."""
    found: Commas = "none"
    for cell in cells:
        if "," in cell and (marked := _MARKED.fullmatch(cell)):
            if _DECIMAL.fullmatch(marked[1]) and not _THOUSANDS.fullmatch(marked[1]):
                return "decimal"
            if _THOUSANDS.fullmatch(marked[1]):
                found = "thousands"
    return found


def is_marked(cell: str) -> bool:
    """Whether a number has commas, or a sign such as % beside it."""
    return not _PLAIN.fullmatch(cell)


def is_code(cell: str) -> bool:
    """Whether digits are a code rather than a number, such as 007 and 02139."""
    return _CODE.fullmatch(cell) is not None


def truth(cell: str) -> float | None:
    """1 for true, 0 for false, None for anything else."""
    return TRUTH.get(cell.lower())


def days(cell: str, order: DateOrder) -> float | None:
    """Days from 1970-01-01 (in UTC if a time zone is given) to the date in a cell; None if it holds none."""
    if match := _YEAR_FIRST.fullmatch(cell):
        year, _, month, day, *clock = match.groups()
    elif match := _YEAR_LAST.fullmatch(cell):
        first, _, second, year, *clock = match.groups()
        month, day = (first, second) if order == "mdy" else (second, first)
    else:
        return None
    hour, minute, second, zone = clock
    try:
        when = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=_zone(zone))
        return (when + timedelta(seconds=float(second or 0)) - _EPOCH) / _DAY
    except (ValueError, OverflowError):
        return None


def date_order(cells: Iterable[str]) -> tuple[DateOrder, bool]:
    """The order of day, month and year in a column's dates, and whether another order is possible too."""
    last = [match for cell in cells if (match := _YEAR_LAST.fullmatch(cell))]
    if not last:
        return "ymd", False
    if any(int(match[3]) > 12 for match in last):
        return "mdy", False
    if any(int(match[1]) > 12 or match[2] == "." for match in last):
        return "dmy", False
    return "mdy", True


def _zone(zone: str | None) -> timezone:
    if zone is None or zone == "Z":
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return timezone((1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
