"""Which of the listed runs are executed: those with some labels, the whole list unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rectinet.study.errors import StudyError
from rectinet.study.planned import Planned


def parsed(typed: Sequence[str]) -> dict[str, str]:
    """Labels and their values, of texts like "unit=tanh".

    Raises
    ------
    StudyError
        For a text without "=".
    """
    pairs = [text.partition("=") for text in typed]
    for text, (name, equals, _) in zip(typed, pairs, strict=True):
        if not (name.strip() and equals):
            raise StudyError(f"--only takes a label and its value, as in --only unit=tanh; got {text!r}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def matching(planned: Sequence[Planned], only: Mapping[str, str]) -> list[Planned]:
    """Those that have all of these labels, and what they start from.

    Raises
    ------
    StudyError
        For a label or value that no run has, and where runs would wait for rates that are left out.
    """
    if not only:
        return _with_starts(planned)
    found = list(planned)
    for name, value in only.items():
        there = {_written(plan.labels[name]): None for plan in planned if name in plan.labels}
        if not there:
            labels = sorted({label for plan in planned for label in plan.labels})
            raise StudyError(f"no run has the label {name!r}; there are {', '.join(labels)}")
        if value.lower() not in there:
            raise StudyError(f"no run has {name}={value}; there are {', '.join(there)}")
        found = [plan for plan in found if name in plan.labels and _written(plan.labels[name]) == value.lower()]
    if not found:
        raise StudyError("no run has all of these labels: " + ", ".join(f"{n}={v}" for n, v in only.items()))
    keys = {plan.source_key for plan in found}
    for plan in found:
        if plan.grid is not None and not {other.source_key for other in plan.of_the_grid()} <= keys:
            raise StudyError("with this budget the rates of a cell compete: leave --only learning_rate=... out")
    return _with_starts(found)


def _with_starts(planned: Sequence[Planned]) -> list[Planned]:
    starts = [plan.start for plan in planned if plan.start is not None]
    return [*planned, *(_with_starts(starts) if starts else ())]


def _written(value: object) -> str:
    return str(value).lower()
