"""The demo's page: one self-contained HTML file without scripts, fonts or pictures from elsewhere.

Its words stand in page.html, its looks in page.css.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

import rectinet
from rectinet.axis import Axis
from rectinet.demo import table
from rectinet.demo.curves import Curve, chart
from rectinet.demo.experiment import N_CLASSES, Result
from rectinet.demo.labels import PRETRAINING, UNITS, Comparison
from rectinet.demo.pictures import firing
from rectinet.runs import Data
from rectinet.storage.atomic import write_atomically

SMOOTHED: Final = 5  # epochs whose median is drawn in the chart of seconds


def write_page(out: Path, results: Mapping[str, Result], data: Data, comparison: Comparison) -> Path:
    """Write ``out/index.html`` whole or not at all."""
    page = out / "index.html"
    write_atomically(page, [render(results, data, comparison).encode("utf-8")])
    return page


def render(results: Mapping[str, Result], data: Data, comparison: Comparison) -> str:
    """The page's text."""
    words, style = (
        files("rectinet.demo").joinpath(f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css")
    )
    networks, l1, control = list(results.values()), results["l1"], results["control"]
    c, longest = l1.contender.configuration, max(l1.seconds, control.seconds)
    return words.format(
        style=style,
        l1=l1,
        control=control,
        times=control.seconds / l1.seconds,
        skipping_width=l1.seconds / longest,
        not_skipping_width=control.seconds / longest,
        same=", for the same answers to all test digits" if (l1.wrong == control.wrong).all() else "",
        zeros=100 * l1.zeros.mean(),
        n_wrong=l1.wrong.sum(),
        data=data,
        results=_table(table.HEADINGS, table.rows(networks), down=list(results)),
        curves=_curves(networks),
        few_labels=_few_labels(comparison),
        few=comparison.curve(False)[0],
        few_pretrained=comparison.curve(True)[0],
        pretraining=PRETRAINING,
        cells=_table(table.CELL_HEADINGS, table.cell_rows(comparison), across=UNITS),
        firing="".join(firing(result, data.train) for result in networks if result.contender.skip_zeros),
        layers=" - ".join(map(str, (data.train.X.shape[1], *c.hidden_layer_sizes, N_CLASSES))),
        c=c,
        best_epochs=escape(", ".join(f"{r.outcome.best_epoch} ({r.contender.label})" for r in networks)),
        machine=f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        versions=f"rectinet {rectinet.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
    )


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], down: Sequence[str] = (), across: Sequence[str] = ()
) -> str:
    """A table that becomes cards on a narrow screen; dots in the colours of these styles mark rows or columns."""
    marks = ["", *map(_dot, across)] if across else [""] * len(headings)
    heads = "".join(f'<th scope="col">{mark}{escape(h)}</th>' for mark, h in zip(marks, headings, strict=True))
    body = []
    for mark, (name, *cells) in zip(map(_dot, down) if down else [""] * len(rows), rows, strict=True):
        pairs = zip(headings[1:], cells, strict=True)
        rest = "".join(f'<td data-label="{escape(h)}">{escape(cell)}</td>' for h, cell in pairs)
        body.append(f'<tr><th scope="row">{mark}{escape(name)}</th>{rest}</tr>')
    head = f"<thead><tr>{heads}</tr></thead>"
    return f'<div class="card"><table class="results">{head}<tbody>{"".join(body)}</tbody></table></div>'


def _dot(style: str) -> str:
    return f'<span class="dot {style}"></span>'


def _curves(networks: Sequence[Result]) -> str:
    """Three charts; the control learns what its twin learns, so it appears where the clock does."""
    errors = [_curve(result, "validation_error", 100, by_clock=True) for result in networks]
    zeros = [_curve(result, "zeros", 100) for result in networks if result.contender.skip_zeros]
    pace = [_curve(result, "seconds", 1000, smooth=True) for result in networks]
    seconds = Axis("seconds of training", 0.0, max(result.seconds for result in networks))
    epochs = Axis("epochs", 1.0, max(2.0, len(networks[0].outcome.history)))
    percent = Axis("validation error, %", min(1.0, *(y for c in errors for _, y in c.points if y)), 100.0, True)
    milliseconds = Axis("milliseconds", 0.0, 1.05 * max(y for curve in pace for _, y in curve.points))
    charts = (
        chart("Error on the validation digits", seconds, percent, errors),
        chart("Hidden units that are exactly 0", epochs, Axis("zeros, %", 0.0, 100.0), zeros),
        chart("Time of an epoch, median of five", epochs, milliseconds, pace),
    )
    return "".join(charts)


def _curve(result: Result, name: str, factor: float, by_clock: bool = False, smooth: bool = False) -> Curve:
    """A number of every epoch, the mean where there is one for each layer, by epoch or by seconds of training."""
    history = result.outcome.history
    across = np.cumsum([entry["seconds"] for entry in history]) if by_clock else np.arange(1, len(history) + 1)
    up = [factor * float(np.mean(entry[name])) for entry in history]
    if smooth:
        up = [float(np.median(up[max(0, k - SMOOTHED // 2) : k + SMOOTHED // 2 + 1])) for k in range(len(up))]
    return Curve(result.contender.label, result.contender.style, list(zip(across.tolist(), up, strict=True)))


def _few_labels(comparison: Comparison) -> str:
    """Error by number of labels, on logarithmic axes."""
    curves = [
        Curve(table.ROW_NAMES[before], style, [(float(n), r.percent) for n, r in comparison.curve(before)])
        for before, style in ((True, "rectifier"), (False, "control"))
    ]
    numbers, errors = zip(*(point for curve in curves for point in curve.points), strict=True)
    x = Axis("training digits with labels", min(numbers), max(numbers), logarithmic=True)
    y = Axis("test error, %", max(0.5, 0.7 * min(errors)), max(1.0, 1.4 * max(errors)), logarithmic=True)
    return chart("Rectifiers: error by number of labels", x, y, curves)
