"""The cells of a file's target column as values; an error names the line of a non-number among numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rectinet.cells import StrayCell, values_of
from rectinet.datasets.errors import BadValueError
from rectinet.shown import shown


def target_values(
    fields: Sequence[str], lines: Sequence[int], column: str, path: Path
) -> list[int | None] | list[float | None] | list[str | None]:
    """The result of `rectinet.cells.values_of` for a column.

    Raises
    ------
    BadValueError
        For the first cell that is not a number among numbers, with its line.
    """
    try:
        return values_of(fields)
    except StrayCell as stray:
        raise BadValueError(
            f"{path}, line {lines[stray.place]}: {shown(column)} is {shown(stray.cell)}, and {stray.n_numbers} of the "
            f"{stray.n_cells} rows have a plain number there; correct the row or leave it out (where the numbers are "
            "classes, give all of them names)"
        ) from stray
