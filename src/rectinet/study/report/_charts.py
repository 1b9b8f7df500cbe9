"""Charts as inline SVG: points with their runs, lines, bands; colours and dashes come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rectinet.axis import Axis
from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._numbers import Number

WIDTH: Final = 460
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 50, 16, 20, 44


@dataclass(frozen=True)
class Point:
    """Where our runs lie, or a function's value; x may be a setting."""

    x: Number | float
    y: Number | float


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes
    ----------
    style : str
        A class of the style sheet.
    connected : bool
        Whether a line goes through them.
    marked : bool
        Whether each is a dot.
    """

    label: str
    style: str
    points: Sequence[Point]
    connected: bool = True
    marked: bool = True


@dataclass(frozen=True)
class Band:
    """A stretch of the x axis that is marked, or a line where both ends are equal."""

    label: str
    low: float
    high: float


def chart(title: str, x: Axis, y: Axis, series: Sequence[Series], bands: Sequence[Band] = ()) -> Markup:
    """A captioned SVG with a legend; what it shows is also said in words."""
    inner, base = WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM
    parts: list[object] = []

    def across(value: float) -> float:
        return LEFT + inner * x.place(value)

    def up(value: float) -> float:
        return TOP + (base - TOP) * (1 - y.place(value))

    for band in bands:
        left, right = across(band.low), across(band.high)
        width = f"{max(1.0, right - left):.1f}"
        place = {"x": f"{left:.1f}", "y": f"{TOP}", "width": width, "height": f"{base - TOP}"}
        parts.append(element("rect", element("title", band.label), class_="band", **place))
        above = {"x": f"{(left + right) / 2:.1f}", "y": f"{TOP - 6}", "text_anchor": "middle"}  # free of points
        parts.append(element("text", band.label, class_="band-label", **above))
    for tick in y.ticks():
        at = f"{up(tick):.1f}"
        parts.append(element("line", class_="grid", x1=f"{LEFT}", x2=f"{WIDTH - RIGHT}", y1=at, y2=at))
        parts.append(element("text", f"{tick:g}", x=f"{LEFT - 6}", y=f"{up(tick) + 4:.1f}", text_anchor="end"))
    for tick in x.ticks():
        parts.append(element("text", f"{tick:g}", x=f"{across(tick):.1f}", y=f"{base + 17}", text_anchor="middle"))
    parts.append(element("line", class_="axis", x1=f"{LEFT}", x2=f"{WIDTH - RIGHT}", y1=f"{base}", y2=f"{base}"))
    middle, turned = f"{LEFT + inner / 2:.0f}", f"{(TOP + base) / 2:.0f}"
    parts.append(element("text", x.label, x=middle, y=f"{HEIGHT - 6}", text_anchor="middle"))
    turn = f"rotate(-90 12 {turned})"
    parts.append(element("text", y.label, x="12", y=turned, text_anchor="middle", transform=turn))
    for one in series:
        places = [(across(_value(point.x)), up(_value(point.y))) for point in one.points]
        if one.connected and len(places) > 1:
            line = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
            parts.append(element("polyline", class_=f"line {one.style}", points=line))
        if not one.marked:
            continue
        parts += [
            _mark(one, point, px, py, (x.label, y.label)) for point, (px, py) in zip(one.points, places, strict=True)
        ]
    description = f"{title}. " + "; ".join(f"{one.label}: {_in_words(one, x, y)}" for one in series if one.points)
    svg = element(
        "svg", joined(parts), class_="chart", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=description
    )
    return element("figure", element("figcaption", title), legend(series), svg, class_="card")


def _mark(one: Series, point: Point, px: float, py: float, labels: tuple[str, str]) -> Markup:
    """A dot that names its runs; its title says its numbers."""
    known = [coordinate for coordinate in (point.x, point.y) if isinstance(coordinate, Number)]
    runs = "|".join(",".join(group.keys) for group in known[-1].groups)
    traces = {"data_run": runs, "data_points": " ".join(f"{n.measure}={n}" for n in known)}
    x = str(point.x) if isinstance(point.x, Number) else f"{point.x:g}"
    words = f"{one.label}: {labels[0]} {x}, {labels[1]} {point.y}"
    dot = {"cx": f"{px:.1f}", "cy": f"{py:.1f}", "r": "3.4"}
    return element("circle", element("title", words), class_=f"dot {one.style}", **dot, **traces)


def legend(series: Sequence[Series]) -> Markup:
    """One entry for each series, drawn as in the chart."""
    entries = (
        element(
            "li",
            element(
                "svg",
                element("line", class_=f"line {one.style}", x2="30", y1="5", y2="5") if one.connected else "",
                element("circle", class_=f"dot {one.style}", cx="15", cy="5", r="3.4") if one.marked else "",
                viewBox="0 0 30 10",
                aria_hidden="true",
            ),
            one.label,
        )
        for one in series
    )
    return element("ul", joined(entries), class_="legend")


def _value(coordinate: Number | float) -> float:
    return coordinate.value if isinstance(coordinate, Number) else coordinate


def _in_words(one: Series, x: Axis, y: Axis) -> str:
    first, last = one.points[0], one.points[-1]
    ends = [f"{_value(end.y):.3g} ({y.label}) at {_value(end.x):.3g} ({x.label})" for end in (first, last)]
    return " to ".join(ends)
