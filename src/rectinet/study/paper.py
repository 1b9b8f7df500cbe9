"""The paper's numbers, read once from `paper.toml` into frozen records; nobody types them elsewhere."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

Flag = Literal["confirmed", "one witness", "recalled"]
Table = Literal["table1", "zeros", "softplus", "table2", "table2_zeros", "amazon"]

FLAGS: Final[tuple[Flag, ...]] = get_args(Flag)
TABLES: Final[tuple[Table, ...]] = get_args(Table)


@dataclass(frozen=True)
class Value:
    """One number of the paper.

    Attributes
    ----------
    cell : dict of str to str, bool or float
        What it belongs to: data set, unit, pre-trained or not, network, alpha.
    value : float
        In %, or stars for an RMSE.
    shown : str
        As it is printed, zeros at its end included.
    flag : {"confirmed", "one witness", "recalled"}
        How well the number itself is known.
    """

    cell: Mapping[str, Any]
    value: float
    shown: str
    flag: Flag


@dataclass(frozen=True)
class Protocol:
    """How the paper trained its image networks (section 4)."""

    batch_size: int
    learning_rates: tuple[float, ...]
    activity_l1: float
    masking: float
    momentum: float


@dataclass(frozen=True)
class Rules:
    """How verdicts are reached, stated before anything ran."""

    level: float
    fewest_seeds: int
    compared_at: float


@dataclass(frozen=True)
class DataFacts:
    """A data set as the paper used it; None where it has no such part."""

    hidden: tuple[int, ...]
    inputs: int
    classes: int
    parameters: int
    train: int
    valid: int | None = None
    test: int | None = None
    unlabeled: int | None = None


@dataclass(frozen=True)
class Shape:
    """What one of the paper's figures shows, in words; the points themselves are not known."""

    data: str
    shape: str
    flag: Flag
    more: Mapping[str, float]


@dataclass(frozen=True)
class Paper:
    """The paper."""

    title: str
    authors: str
    where: str
    protocol: Protocol
    rules: Rules
    margins: Mapping[str, float]
    data: Mapping[str, DataFacts]
    tables: Mapping[str, tuple[Value, ...]]
    figures: Mapping[str, Shape]

    def value(self, table: Table, **cell: Any) -> Value | None:
        """The paper's number of a cell; None where the paper has none."""
        return next((value for value in self.tables[table] if value.cell == cell), None)


@cache
def paper() -> Paper:
    """The paper as `paper.toml` has it.

    Raises
    ------
    ValueError
        For a number without a flag that is known.
    """
    text = files("rectinet.study").joinpath("paper.toml").read_text(encoding="utf-8")
    exact = tomllib.loads(text, parse_float=Decimal)
    read = _floats(exact)
    return Paper(
        title=read["title"],
        authors=read["authors"],
        where=read["where"],
        protocol=Protocol(**_frozen(read["protocol"])),
        rules=Rules(**read["statistics"]),
        margins=read["margins"],
        data={name: DataFacts(**_frozen(facts)) for name, facts in read["data"].items()},
        tables={name: tuple(map(_value, exact[name]["values"])) for name in TABLES},
        figures={name: _shape(read[name]) for name in ("figure3", "figure4")},
    )


def _value(entry: dict[str, Any]) -> Value:
    cell = {name: _floats(value) for name, value in entry.items() if name not in ("value", "flag")}
    return Value(cell, float(entry["value"]), str(entry["value"]), _flag(entry["flag"]))


def _shape(entry: dict[str, Any]) -> Shape:
    known = {field.name for field in fields(Shape)}
    more = {name: float(value) for name, value in entry.items() if name not in known}
    return Shape(entry["data"], entry["shape"], _flag(entry["flag"]), more)


def _flag(flag: str) -> Flag:
    for known in FLAGS:
        if flag == known:
            return known
    raise ValueError(f"paper.toml: a flag must be one of {', '.join(FLAGS)}; got {flag!r}")


def _floats(read: Any) -> Any:
    """Decimals, which keep the zeros at a number's end, as floats."""
    if isinstance(read, dict):
        return {name: _floats(value) for name, value in read.items()}
    if isinstance(read, list):
        return list(map(_floats, read))
    return float(read) if isinstance(read, Decimal) else read


def _frozen(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}
