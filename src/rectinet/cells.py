"""What is written in a cell: a number, a name, or nothing.

Text that looks like a number and stands for a name (001, 12e4, an id of twenty digits) stays as it is written, so that
no two names become one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from rectinet.missing import NEVER_A_NAME

FEW: Final = 0.1  # share of the cells up to which those that are no numbers are taken for mistakes
NO_NUMBER: Final = NEVER_A_NAME | {"none", "nil", "missing", "-", "--", "?", "."}
_WHOLE: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,18})")
_FRACTION: Final = re.compile(
    r"[+-]?((0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|(0|[1-9][0-9]*)(?=e[+-]))(e[+-]?[0-9]+)?", re.IGNORECASE
)
_MARKED: Final = re.compile(r"[^\w\s]{0,3}\s?[+-]?[0-9][0-9.,'\s]*[^\w\s]{0,3}")  # $12.5, 1,234, 5 %


def is_whole(cell: str) -> bool:
    """Whether it spells an integer of 64 bits, as Python writes it."""
    return _WHOLE.fullmatch(cell) is not None and -(2**63) <= int(cell) < 2**63


def is_number(cell: str) -> bool:
    """Whether it spells a number that stands for nothing else."""
    return is_whole(cell) or _FRACTION.fullmatch(cell) is not None


class StrayCell(ValueError):
    """A cell that is a mistake among numbers.

    Attributes
    ----------
    place : int
        Its place among the cells, from 0.
    cell : str
    n_numbers, n_cells : int
        How many cells spell a number, and how many there are.
    """

    def __init__(self, place: int, cell: str, n_numbers: int, n_cells: int) -> None:
        super().__init__(place, cell, n_numbers, n_cells)
        self.place, self.cell, self.n_numbers, self.n_cells = place, cell, n_numbers, n_cells


def values_of(cells: Sequence[str]) -> list[int | None] | list[float | None] | list[str | None]:
    """Cells as int if all are, else as float if all are, else as names without the blanks around them.

    None stands for nothing: an empty cell, NaN, NA, null; and none, - and the like where all others are numbers.

    Raises
    ------
    StrayCell
        Naming the first cell that is a mistake among numbers: a number with signs (1,234 or $5), or anything else that
        no more than a tenth of the cells are. Digits alone, all equally many, are codes: 00501 is a name beside 10001.
    """
    cells = [cell.strip() for cell in cells]
    distinct = {cell for cell in cells if cell.lower() not in NEVER_A_NAME}
    numbers = {cell for cell in distinct if is_number(cell)}
    others = distinct - numbers
    if numbers and others and not _are_codes(distinct):
        others = {cell for cell in others if cell.lower() not in NO_NUMBER}
        _check_no_mistakes(cells, others, numbers)
    if others or not numbers:
        return [None if cell.lower() in NEVER_A_NAME else cell for cell in cells]
    if all(is_whole(cell) for cell in numbers):
        return [int(cell) if cell in numbers else None for cell in cells]
    return [float(cell) if cell in numbers else None for cell in cells]


def _check_no_mistakes(cells: Sequence[str], others: Collection[str], numbers: Collection[str]) -> None:
    wrong = [place for place, cell in enumerate(cells) if cell in others]
    right = sum(cell in numbers for cell in cells)
    if wrong and (all(_is_marked(cell) for cell in others) or len(wrong) <= FEW * (right + len(wrong))):
        raise StrayCell(wrong[0], cells[wrong[0]], right, len(cells))


def _is_marked(cell: str) -> bool:
    return _MARKED.fullmatch(cell) is not None and not cell.isdigit()


def _are_codes(cells: Collection[str]) -> bool:
    return all(cell.isascii() and cell.isdigit() for cell in cells) and len({len(cell) for cell in cells}) == 1
