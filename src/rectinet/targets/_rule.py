"""The one rule by which targets in tables, arrays and texts are read as classes, ratings or values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from rectinet.shown import listed as all_of
from rectinet.shown import shown
from rectinet.targets._values import (
    check_exact_as_floats,
    check_exact_as_integers,
    exact_numbers,
    kind_of_all,
    labelled_rows,
    listed,
    spelled_numbers,
)
from rectinet.targets._words import IN_PYTHON, Said, Task, checked_task

MOST_CLASSES: Final = 20  # up to this number of distinct whole numbers, they are read as classes


@dataclass(frozen=True)
class ReadTargets:
    """Targets and the task they define.

    Attributes
    ----------
    task : {"classify", "rate", "regress"}
    targets : ndarray of shape (n_labelled,), or (n_labelled, n_targets)
        The targets that are not missing: str, bool or int64 for classes, int64 or float64 for ratings, float64 for
        values.
    labelled : ndarray of bool, shape (n,)
        Which rows have a target.
    note : str or None
        How they were read and how to change that, if the task was not given; and other warnings.
    doubtful : bool
        Whether another reading is as likely, so that the note must be shown.
    """

    task: Task
    targets: NDArray[Any]
    labelled: NDArray[np.bool_]
    note: str | None = None
    doubtful: bool = False


def read_targets(
    values: Any,
    task: str | None = None,
    *,
    minus_one: bool = False,
    name: str = "y",
    option: str = IN_PYTHON,
    place: Callable[[int], str] | None = None,
    classes: Collection[Any] | None = None,
) -> ReadTargets:
    """Read targets by the given `task`, or infer the task from them.

    Names, booleans and up to 20 distinct whole numbers are classes; more whole numbers, or any fraction, are values.
    Ratings are never inferred: stars and grades need task="rate". Texts are names even if they spell numbers, unless
    more than 20 of them are distinct or one has a fraction; a few non-numbers among many that spell numbers are an
    error. Names that differ only by blanks are kept apart, with a note.

    Parameters
    ----------
    values : array-like, Series, Arrow array or sequence of n targets; numbers also of shape (n, n_targets)
        Missing ones (see `rectinet.missing`) are left out.
    task : {"classify", "rate", "regress"}, optional
    minus_one : bool, default=False
        Whether -1 is a missing label.
    name : str, default="y"
        What the targets are called in messages.
    option : str
        How the reader of a message sets a task; {} stands for the task.
    place : callable, optional
        Returns the name of row i in messages; default: ``y[i]``.
    classes : collection, optional
        The classes of a fitted model, to which targets must belong.

    Raises
    ------
    ValueError
        For targets of mixed kinds, targets that are neither names nor finite numbers, whole numbers that would not stay
        exact, targets that do not fit the task, and unknown classes.
    """
    where = place or (lambda row: f"{name}[{row}]")
    read = _read_any(values, task, minus_one, Said(name, option, where))
    if classes is not None and read.task == "classify":
        _check_learned(read, classes, where)
    return read


def _read_any(values: Any, task: str | None, minus_one: bool, said: Said) -> ReadTargets:
    known = None if task is None else checked_task(task, said.option)
    given = listed(values, said.name)
    labelled = labelled_rows(values, given, minus_one)
    if isinstance(given, np.ndarray):  # numbers in several columns
        if known not in (None, "regress"):
            raise ValueError(
                f"{said.name} has {given.shape[1]} columns; {said.option.format(known)} takes one target per row"
            )
        return ReadTargets("regress", np.asarray(given[labelled], dtype=np.float64), labelled)
    rows = np.flatnonzero(labelled).tolist()
    if not rows:
        raise ValueError(f"{said.name} has no target at all; at least some rows need one")
    if labelled.all():
        return _read(given, rows, labelled, known, said)
    return _read([given[row] for row in rows], rows, labelled, known, said)


def _check_learned(read: ReadTargets, classes: Collection[Any], where: Callable[[int], str]) -> None:
    strange = np.flatnonzero(~np.isin(read.targets, np.asarray(classes)))
    if len(strange):
        first = int(strange[0])
        row = int(np.flatnonzero(read.labelled)[first])
        raise ValueError(
            f"{where(row)} is {shown(read.targets.tolist()[first])}, a class that no training example has; there are "
            f"{all_of(np.unique(np.asarray(classes)).tolist())}"
        )


def _read(
    values: Sequence[Any], rows: Sequence[int], labelled: NDArray[np.bool_], task: Task | None, said: Said
) -> ReadTargets:
    kind = kind_of_all(values, rows, said)
    if kind is bool:
        return _read_truth(values, labelled, task, said)
    if kind is float:
        return _read_numbers(values, rows, labelled, task, said)
    spelled = None if task == "classify" else spelled_numbers(values, rows, said)
    if spelled is not None and None in spelled:  # "N/A" among texts that spell numbers
        labelled = labelled.copy()
        labelled[[row for row, value in zip(rows, spelled, strict=True) if value is None]] = False
        values = [value for value, number in zip(values, spelled, strict=True) if number is not None]
        spelled = [*filter(lambda number: number is not None, spelled)]
        rows = np.flatnonzero(labelled).tolist()
    if spelled is not None and (task is not None or not _may_be_classes(spelled)):
        return _read_numbers(spelled, rows, labelled, task, said)
    return _read_names(values, rows, labelled, task, said)


def _read_names(
    values: Sequence[str], rows: Sequence[int], labelled: NDArray[np.bool_], task: Task | None, said: Said
) -> ReadTargets:
    if task in ("rate", "regress"):
        raise ValueError(f"{said.where(rows[0])} is {shown(values[0])}, a name; {said.task(task)} needs numbers")
    names = np.array([str(value) for value in values])
    distinct = np.unique(names).tolist()
    many = f"{len(distinct):,} different names are read as {len(distinct):,} classes"
    note = None if task else many if len(distinct) > 1 else "all of them are one name"
    blanks = _differing_by_blanks(distinct, said.name)
    note = "; ".join(part for part in (note, blanks) if part) or None
    return ReadTargets("classify", names, labelled, note, doubtful=blanks is not None)


def _read_truth(values: Sequence[bool], labelled: NDArray[np.bool_], task: Task | None, said: Said) -> ReadTargets:
    truth = np.array([bool(value) for value in values])
    if task == "rate":
        raise ValueError(f"{said.name} is true or false; {said.task(task)} needs numbers")
    if task == "regress":
        return ReadTargets(task, truth.astype(np.float64), labelled)
    return ReadTargets("classify", truth, labelled, None if task else "true and false are read as 2 classes")


def _read_numbers(
    values: Sequence[Any], rows: Sequence[int], labelled: NDArray[np.bool_], task: Task | None, said: Said
) -> ReadTargets:
    exact, whole = exact_numbers(values, rows, said)
    n_distinct = len(set(exact))
    note = None
    if task is None:
        task = "classify" if whole and n_distinct <= MOST_CLASSES else "regress"
        if task == "classify":
            note = (
                f"{n_distinct} different whole numbers are read as {n_distinct} classes; for stars or grades: "
                f"{said.task('rate')}, for amounts: {said.task('regress')}"
            )
        elif whole:
            note = (
                f"{n_distinct:,} different whole numbers are read as values, being more than {MOST_CLASSES}; for "
                f"classes: {said.task('classify')}, for ratings: {said.task('rate')}"
            )
        else:
            note = f"numbers with fractions are read as values; for grades: {said.task('rate')}"
    doubtful = note is not None and whole and n_distinct > 2
    if task == "classify" and not whole:
        first = next(place for place, value in enumerate(exact) if not float(value).is_integer())
        raise ValueError(
            f"{said.where(rows[first])} is {exact[first]!r}, and classes are names or whole numbers; for values: "
            f"{said.task('regress')}, for grades: {said.task('rate')}"
        )
    (check_exact_as_floats if task == "regress" or not whole else check_exact_as_integers)(exact, rows, said)
    kind = np.float64 if task == "regress" or not whole else np.int64
    return ReadTargets(task, np.array(exact, dtype=kind), labelled, note, doubtful)


def _may_be_classes(numbers: Sequence[float | None]) -> bool:
    distinct = set(numbers)
    return len(distinct) <= MOST_CLASSES and all(float(cast(float, number)).is_integer() for number in distinct)


def _differing_by_blanks(names: Collection[str], name: str) -> str | None:
    seen: dict[str, str] = {}
    for one in names:
        other = seen.setdefault(one.strip(), one)
        if other != one:
            return f"{name} has the names {other!r} and {one!r}, which differ by blanks and are told apart"
    return None
