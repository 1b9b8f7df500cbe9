"""Figures 1 and 2: the units, which are functions, so no run is behind them; an active path, which is a run's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from rectinet.activations import Activation, lif_rate
from rectinet.arrays import Array
from rectinet.axis import Axis
from rectinet.study.records import Record
from rectinet.study.report._charts import Point, Series, chart
from rectinet.study.report._html import element, joined
from rectinet.study.report._path import active_path
from rectinet.study.report._section import Section

SPAN: Final = 3.0  # units are drawn on [-SPAN, SPAN]


def units(records: Sequence[Record]) -> Section:
    """The firing rate of a neuron, the units that were in use, and those of the paper."""
    current = np.linspace(0.0, 5.0, 201)
    rate = _series("firing rate", "one", current, lif_rate(current))
    z = np.linspace(-SPAN, SPAN, 121)
    drawn = {name: Activation(name).value(z) for name in ("logistic", "tanh", "rectifier", "softplus")}
    before = [_series(name, style, z, drawn[name]) for name, style in (("logistic", "two"), ("tanh", "tanh"))]
    after = [_series(name, name, z, drawn[name]) for name in ("rectifier", "softplus")]
    charts = (
        chart(
            "Leaky integrate-and-fire neuron",
            Axis("input current x resistance, threshold = 1", 0, 5),
            Axis.over("spikes per second", [one.y for one in rate.points if isinstance(one.y, float)]),
            [rate],
        ),
        chart("Logistic unit and tanh", Axis("z", -SPAN, SPAN), Axis("f(z)", -1.1, 1.1), before),
        chart("Rectifier and softplus", Axis("z", -SPAN, SPAN), Axis("f(z)", 0, SPAN + 0.1), after),
    )
    path, said = active_path(records)
    return Section(
        "Figures 1 and 2: units",
        "A neuron's rate is one-sided and starts at a threshold, like a rectifier's output and unlike that of tanh, "
        "which is antisymmetric, and of the logistic unit, whose steady state is 1/2. The units are functions, without "
        "runs; the path is that of a trained network.",
        [element("div", joined(charts), class_="pair"), *path],
        said,
    )


def _series(label: str, style: str, x: Array, y: Array) -> Series:
    points = [Point(float(px), float(py)) for px, py in zip(x, y, strict=True)]
    return Series(label, style, points, marked=False)
