"""The page's section on pre-training: six cells, and errors from few labels."""

from __future__ import annotations

from html import escape

from rectinet.datasets import Dataset
from rectinet.demo import table
from rectinet.demo.contest import Plan
from rectinet.demo.curves import Axis, Curve, chart, legend
from rectinet.demo.labels import RATE, UNITS, Labels

STYLES = {False: "control", True: "rectifier"}


def pretraining(labels: Labels, plan: Plan, data: Dataset) -> str:
    """The section, heading included."""
    dots = ("", *(f'<span class="dot {unit.style}"></span>' for unit in UNITS))
    heads = "".join(
        f'<th scope="col">{dot}{escape(heading)}</th>' for dot, heading in zip(dots, table.CELL_HEADINGS, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in table.cell_rows(labels)
    )
    return (
        "<h2>With and without pre-training</h2>\n"
        f"<p>Before it sees a label, a network can learn from the images alone: each hidden layer in turn is shown "
        f"digits with a quarter of their inputs erased and learns to restore them. {plan.pretrain_epochs} epochs a "
        f"layer over the {len(data.train):,} training images at rate {RATE:g} took {labels.seconds:.1f} seconds for "
        "all three networks.</p>\n"
        f'<div class="card wide"><table class="results"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>\n"
        '<p class="note">Table 1 of the paper in miniature: errors with all labels, with their 95 % intervals '
        "(Wilson). Below, rectifiers that were told fewer labels, the same number of every digit; one draw of them.</p>"
        f"{_few_labels(labels)}"
    )


def _few_labels(labels: Labels) -> str:
    """Error by number of labels, on logarithmic axes."""
    curves = [
        Curve(f"rectifier {table.ROW_NAMES[before]}", STYLES[before], [(float(n), 100 * o.error) for n, o in points])
        for before, points in labels.curves.items()
    ]
    numbers = [n for curve in curves for n, _ in curve.points]
    errors = [error for curve in curves for _, error in curve.points]
    x = Axis("labels", min(numbers), max(numbers), logarithmic=True)
    y = Axis("test error, %", max(0.5, 0.7 * min(errors)), max(1.0, 1.4 * max(errors)), logarithmic=True)
    return f'{legend(curves)}<div class="half">{chart("Learning from few labels", x, y, curves)}</div>'
