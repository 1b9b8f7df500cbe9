"""What the cells of a .csv target column mean: numbers, names, or nothing.

A column is one or the other. Cells that look like numbers and stand for names (001, 12e4, ids of twenty digits) stay as
they are written, so that no two names become one; and a few cells that are no numbers among many that are do not turn
prices into names: that is an error that says where they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from rectinet.datasets._shown import shown
from rectinet.datasets.errors import BadValueError

FEW: Final = 0.1  # share of the cells up to which those that are no numbers are taken for mistakes
NEVER_A_NAME: Final = frozenset({"", "nan", "<na>", "#n/a"})  # what programs write for a missing value
NO_NUMBER: Final = NEVER_A_NAME | {"na", "n/a", "null", "none", "nil", "missing", "-", "--", "?", "."}
_WHOLE: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,18})")
_FRACTION: Final = re.compile(
    r"[+-]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(0|[1-9][0-9]*)(?=e[+-]))(e[+-]?[0-9]+)?", re.IGNORECASE
)
_MARKED: Final = re.compile(r"[^\w\s]{0,3}\s?[+-]?[0-9][0-9.,'\s]*[^\w\s]{0,3}")  # $12.5, 1,234, 5 %


def read_targets(
    fields: Sequence[str], lines: Sequence[int], column: str, path: Path
) -> list[int | None] | list[float | None] | list[str | None]:
    """The cells of a column as int if all are, else as float if all are, else as names; None where nothing is.

    Nothing is an empty cell or nan, and N/A and the like where the other cells are numbers. Blanks around are left out.

    Raises
    ------
    BadValueError
        Naming the first cell that is a mistake among numbers: a number with signs (1,234 or $5), or anything else that
        no more than a tenth of the cells are. Digits alone, all equally many, are codes: 00501 is a name beside 10001.
    """
    fields = [field.strip() for field in fields]
    distinct = {field for field in fields if field.lower() not in NEVER_A_NAME}
    numbers = {field for field in distinct if _is_whole(field) or _FRACTION.fullmatch(field)}
    others = distinct - numbers
    if numbers and others and not _are_codes(distinct):
        others = {field for field in others if field.lower() not in NO_NUMBER}
        _check_no_mistakes(fields, lines, others, numbers, f"{path}, line", column)
    if others or not numbers:
        return [None if field.lower() in NEVER_A_NAME else field for field in fields]
    if all(_is_whole(field) for field in numbers):
        return [int(field) if field in numbers else None for field in fields]
    return [float(field) if field in numbers else None for field in fields]


def _check_no_mistakes(
    fields: Sequence[str], lines: Sequence[int], others: Collection[str], numbers: Collection[str], at: str, column: str
) -> None:
    wrong = [place for place, field in enumerate(fields) if field in others]
    right = sum(field in numbers for field in fields)
    if wrong and (all(_is_marked(field) for field in others) or len(wrong) <= FEW * (right + len(wrong))):
        first = wrong[0]
        raise BadValueError(
            f"{at} {lines[first]}: {shown(column)} is {shown(fields[first])}, and {right} of the {len(fields)} rows "
            "have a plain number there; correct the row or leave it out (where the numbers are classes, give all of "
            "them names)"
        )


def _is_whole(field: str) -> bool:
    return _WHOLE.fullmatch(field) is not None and -(2**63) <= int(field) < 2**63


def _is_marked(field: str) -> bool:
    return _MARKED.fullmatch(field) is not None and not field.isdigit()


def _are_codes(fields: Collection[str]) -> bool:
    return all(field.isascii() and field.isdigit() for field in fields) and len({len(field) for field in fields}) == 1
