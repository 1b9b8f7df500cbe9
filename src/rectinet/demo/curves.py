"""Line charts as inline SVG: axes with units, direct labels, colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from rectinet.axis import Axis

WIDTH: Final = 420
HEIGHT: Final = 270
LEFT, RIGHT, TOP, BOTTOM = 52, 18, 14, 42


@dataclass(frozen=True)
class Curve:
    """One line: points (x, y), and the style-sheet class that colours it."""

    label: str
    style: str
    points: Sequence[tuple[float, float]]


def chart(title: str, x: Axis, y: Axis, curves: Sequence[Curve]) -> str:
    """A captioned SVG; who cannot see it is told where every line begins and ends."""
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def at(px: float, py: float) -> tuple[float, float]:
        return LEFT + inner_width * x.place(px), TOP + inner_height * (1 - y.place(py))

    description = f"{title}. " + "; ".join(_in_words(curve, x, y) for curve in curves)
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(description)}">']
    for tick in y.ticks():
        _, height = at(x.low, tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in x.ticks():
        across, _ = at(tick, y.low)
        parts.append(f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{tick:g}</text>')
    base = HEIGHT - BOTTOM
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    middle = LEFT + inner_width / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x.label)}</text>')
    turned = TOP + inner_height / 2
    rotated = f'text-anchor="middle" transform="rotate(-90 11 {turned:.0f})"'
    parts.append(f'<text x="11" y="{turned:.0f}" {rotated}>{escape(y.label)}</text>')
    for curve in reversed(curves):  # the first lies on top
        places = (at(px, py) for px, py in curve.points)
        points = " ".join(f"{across:.1f},{height:.1f}" for across, height in places)
        name = f"<title>{escape(curve.label)}</title>"
        parts.append(f'<polyline class="line {curve.style}" points="{points}">{name}</polyline>')
    parts.append("</svg>")
    return f'<figure class="card"><figcaption>{escape(title)}</figcaption>{_legend(curves)}{"".join(parts)}</figure>'


def _in_words(curve: Curve, x: Axis, y: Axis) -> str:
    (first, begins), (last, ends) = curve.points[0], curve.points[-1]
    return f"{curve.label}: {begins:.3g} ({y.label}) at {first:.3g}, {ends:.3g} at {last:.3g} ({x.label})"


def _legend(curves: Sequence[Curve]) -> str:
    """One entry per line, drawn as in the chart."""
    entries = (
        f'<li><svg viewBox="0 0 30 8" aria-hidden="true"><line class="line {curve.style}" x2="30" y1="4" y2="4"/></svg>'
        f"{escape(curve.label)}</li>"
        for curve in curves
    )
    return f'<ul class="legend">{"".join(entries)}</ul>'
