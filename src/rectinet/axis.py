"""Axes of the charts that pages draw as SVG: the demo's and the study's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic scale between two values, with round ticks."""

    label: str
    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def over(cls, label: str, values: Sequence[float], logarithmic: bool = False) -> Axis:
        """An axis on which all values have room."""
        low, high = min(values), max(values)
        if logarithmic:
            return cls(label, low / 1.15, high * 1.15, True)
        room = 0.08 * (high - low) or 0.08 * abs(high) or 1.0
        return cls(label, max(0.0, low - room) if low >= 0 else low - room, high + room)

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end; values outside lie on the border."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            marks = [m * 10.0**k for k in decades for m in (1, 2, 5)]
            return [mark for mark in marks if self.low <= mark * (1 + 1e-9) and mark <= self.high * (1 + 1e-9)]
        rough = (self.high - self.low) / 5
        decade = 10.0 ** math.floor(math.log10(rough))
        step = next((m * decade for m in (1, 2, 5) if m * decade >= rough * (1 - 1e-9)), 10 * decade)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]
