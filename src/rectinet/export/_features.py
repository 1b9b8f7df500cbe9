"""Features and tables in front of a network, as parts of an ONNX graph."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.encoders import TableEncoder
from rectinet.encoders._column import EncodedColumn
from rectinet.encoders.cells import NO_CATEGORY
from rectinet.encoders.scaling import Scaler

if TYPE_CHECKING:
    from rectinet.export._graph import Graph

Floats = NDArray[np.float64]
MICROSOFT: Final = "com.microsoft"  # operators that onnxruntime has beside the standard's
LOCALE: Final = "C.UTF-8"  # which letters are one letter in two cases; Linux has it everywhere
OUTPUTS: Final = ("label", "prediction", "probabilities", "logits")


@dataclass(frozen=True)
class Features:
    """Numbers as an estimator takes them: "X" (n, n_features), in float64 where they are scaled inside."""

    n_features: int
    dtype: np.dtype[np.floating]
    scaler: Scaler | None
    names: tuple[str, ...] | None

    def add(self, graph: Graph) -> str:
        if self.scaler is None:
            return graph.input("X", self.dtype, "n", self.n_features)
        return graph.cast(
            add_scaler(graph, self.scaler, graph.input("X", np.float64, "n", self.n_features)), self.dtype
        )

    @property
    def about(self) -> dict[str, str]:
        return {} if self.names is None else {"feature_names": json.dumps(self.names)}


@dataclass(frozen=True)
class Table:
    """A table by columns, each an input of its own name and of shape (n, 1).

    Numbers, dates (days from 1970-01-01) and booleans (0 and 1) are float64, NaN where they are missing; categories
    are texts without blanks around them, "" where they are missing.
    """

    encoder: TableEncoder
    dtype: np.dtype[np.floating]

    def add(self, graph: Graph) -> str:
        parts: list[str] = []
        scaled: list[str] = []
        places: list[int] = []
        for column in self.encoder.columns:
            value = graph.input(self._input(column), object if column.kind == "category" else np.float64, "n", 1)
            if column.kind == "category":
                parts += self._category(graph, column, value)
                continue
            absent = _absent(graph, column, value)
            present = graph.node("Where", absent, graph.constant(np.array([[column.fill]])), value)
            if column.is_scaled and self.encoder.scaler is not None:
                scaled.append(present)
                places.append(len(parts))
            parts.append(present)
            parts += [graph.cast(absent, np.float64)] if column.indicator else []
        if scaled:
            assert self.encoder.scaler is not None
            values = add_scaler(graph, self.encoder.scaler, _side_by_side(graph, scaled))
            for k, place in enumerate(places):
                parts[place] = graph.node("Gather", values, graph.constant(np.array([k])), axis=1)
        return graph.cast(graph.cast(_side_by_side(graph, parts), np.float32), self.dtype)  # as the encoder gives them

    @property
    def about(self) -> dict[str, str]:
        columns = [{"input": self._input(c), "column": c.name, "kind": c.kind} for c in self.encoder.columns]
        return {"columns": json.dumps(columns)}

    def _input(self, column: EncodedColumn) -> str:
        return f"{column.name} (column)" if column.name in OUTPUTS else column.name

    def _category(self, graph: Graph, column: EncodedColumn, value: str) -> list[str]:
        parts = [_among(graph, value, column.categories)] if column.categories else []
        if column.indicator:
            missing, cells = self.encoder.missing, value
            if missing is None:
                flat = graph.node("Reshape", value, graph.constant(np.array([-1])))
                lower = graph.node("StringNormalizer", flat, case_change_action="LOWER", locale=LOCALE)
                cells = graph.node("Reshape", lower, graph.constant(np.array([-1, 1])))
            words = sorted(NO_CATEGORY) if missing is None else ["", *missing]
            found = _among(graph, cells, words)
            parts.append(graph.node("ReduceMax", found, graph.constant(np.array([1]))))
        return parts


def add_scaler(graph: Graph, scaler: Scaler, value: str) -> str:
    """Columns in float64 on their scales: the map that `Scaler` describes."""
    linear = graph.node("Sub", value, graph.constant(scaler.shift))
    linear = graph.node("Div", linear, graph.constant(scaler.divisor))
    ranked = np.flatnonzero(np.diff(scaler.starts))
    if not len(ranked):
        return linear
    parts = []
    for j in range(scaler.n_columns):
        points = slice(scaler.starts[j], scaler.starts[j + 1])
        source = value if j in ranked else linear
        column = graph.node("Gather", source, graph.constant(np.array([j])), axis=1)
        parts.append(_interpolated(graph, column, scaler.x[points], scaler.z[points]) if j in ranked else column)
    return _side_by_side(graph, parts)


def _interpolated(graph: Graph, value: str, x: Floats, z: Floats) -> str:
    """`numpy.interp` of a column, shape (n, 1)."""
    slopes = np.append(np.diff(z) / np.diff(x), 0.0)
    before = graph.cast(graph.node("Less", value, graph.constant(x[np.newaxis])), np.int64)  # (n, n_points)
    n_after = graph.node("ReduceSum", before, graph.constant(np.array([1])))
    last = graph.node("Sub", graph.constant(np.array(len(x) - 1)), n_after)  # the last point not above, or -1
    last = graph.node("Max", last, graph.constant(np.array(0)))
    x_last, z_last, slope = (graph.node("Gather", graph.constant(some), last) for some in (x, z, slopes))
    beyond = graph.node("Max", graph.node("Sub", value, x_last), graph.constant(np.array(0.0)))
    return graph.node("Add", graph.node("Mul", slope, beyond), z_last)


def _absent(graph: Graph, column: EncodedColumn, value: str) -> str:
    """Whether a number is missing, or none of its kind; (n, 1)."""
    if column.kind == "boolean":
        known = [graph.node("Equal", value, graph.constant(np.array(truth))) for truth in (0.0, 1.0)]
        return graph.node("Not", graph.node("Or", *known))
    return graph.node("Or", graph.node("IsNaN", value), graph.node("IsInf", value))


def _among(graph: Graph, value: str, words: tuple[str, ...] | list[str]) -> str:
    """Which of some words each text is, (n, n_words) in float64."""
    return graph.cast(graph.node("Equal", value, graph.constant(np.array([list(words)], dtype=object))), np.float64)


def _side_by_side(graph: Graph, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else graph.node("Concat", *parts, axis=1)
