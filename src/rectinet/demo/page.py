"""The demo's page: one self-contained HTML file without scripts, fonts or pictures from elsewhere."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

import rectinet
from rectinet.datasets import Dataset
from rectinet.demo import table
from rectinet.demo.contest import Outcome, Plan
from rectinet.demo.curves import Axis, Curve, chart, legend
from rectinet.demo.fewer import pretraining
from rectinet.demo.labels import Labels
from rectinet.demo.pictures import filters, firing, shown_digits
from rectinet.storage.atomic import write_atomically


def write_page(out: Path, outcomes: Sequence[Outcome], plan: Plan, data: Dataset, labels: Labels | None = None) -> Path:
    """Write ``out/index.html`` whole or not at all."""
    page = out / "index.html"
    write_atomically(page, [render(outcomes, plan, data, labels).encode("utf-8")])
    return page


def render(outcomes: Sequence[Outcome], plan: Plan, data: Dataset, labels: Labels | None = None) -> str:
    """The page's text; without `labels` it has no section on pre-training."""
    style = files("rectinet.demo").joinpath("page.css").read_text(encoding="utf-8")
    drawn = [outcome for outcome in outcomes if outcome.contender.skip_zeros]  # the control computes the same numbers
    examples = shown_digits(data)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>rectinet: who fires, and who is silent</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Who fires, and who is silent</h1>
<p class="lead">{escape(_summary(outcomes, data))}</p>
{_results(outcomes, data)}
<h2>Learning curves</h2>
{_curves(outcomes)}
{"" if labels is None else pretraining(labels, plan, data)}
<h2>Which units fire</h2>
<p>Every small square is one hidden unit, answering the digit on its left. An empty square is a unit whose output is
exactly 0: for this digit the weights leaving it were skipped. Blue is a positive output, orange a negative one; the
stronger, the fuller. Units are ordered by the digit they like best, so a digit lights a region of its own.</p>
<div class="pair">{_join(firing(outcome, data, examples) for outcome in drawn)}</div>
<h2>First-layer filters</h2>
<p>What units of the first layer learned to look for: the change of their incoming weights since they were drawn at
random, as pictures of 8 x 8 pixels, each scaled to its own maximum; the units that changed most come first. Blue pixels
excite the unit, orange ones inhibit it.</p>
<div class="pair">{_join(filters(outcome, data.image_shape or ()) for outcome in drawn)}</div>
<h2>How this was made</h2>
{_settings(outcomes, plan, data)}
<footer>rectinet {escape(rectinet.__version__)}. The method: X. Glorot, A. Bordes, Y. Bengio, Deep Sparse Rectifier
Neural Networks, AISTATS 2011. The digits: E. Alpaydin and C. Kaynak, UCI Machine Learning
Repository, CC BY 4.0.</footer>
</main>
</body>
</html>
"""


def _join(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _summary(outcomes: Sequence[Outcome], data: Dataset) -> str:
    sparsest = max(outcomes, key=lambda outcome: float(outcome.zeros.mean()))
    dense = [outcome.contender.label for outcome in outcomes if not outcome.zeros.any()]
    text = (
        f"Networks of {len(sparsest.zeros)} hidden layers learned to read {len(data.train):,} handwritten digits. "
        f"Shown {len(data.test)} digits it had never seen, the {sparsest.contender.label} network left "
        f"{100 * sparsest.zeros.mean():.0f} % of its hidden units at exactly 0 and got {100 * sparsest.error:.1f} % "
        "of them wrong."
    )
    return text + (f" In the {' and '.join(dense)} network every unit answers, always." if dense else "")


def _results(outcomes: Sequence[Outcome], data: Dataset) -> str:
    heads = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in table.HEADINGS)
    body = []
    for outcome, (name, *cells) in zip(outcomes, table.rows(outcomes), strict=True):
        dot = f'<span class="dot {outcome.contender.style}"></span>'
        rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        body.append(f'<tr><th scope="row">{dot}{escape(name)}</th>{rest}</tr>')
    return (
        f'<div class="card wide"><table class="results"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>\n"
        f'<p class="note">Errors on {len(data.test)} test digits, with 95 % intervals (Wilson); p compares with the '
        "first network on the same digits (exact McNemar test). Zeros: the share of hidden outputs equal to 0 on "
        "those digits, by layer from the input. Seconds and examples are of training alone. The network without "
        "skipping is the control: it learns the same numbers, computing with units that are off as if they were on.</p>"
    )


def _curves(outcomes: Sequence[Outcome]) -> str:
    """Four charts; the control learns what its twin learns, so it appears where the clock does."""
    twins = [outcome for outcome in outcomes if outcome.contender.skip_zeros]
    last = max(2.0, *(float(len(outcome.history)) for outcome in outcomes))
    epochs = Axis("epochs", 1.0, last)
    errors = [_by_epoch(outcome, lambda entry: 100 * float(entry["validation_error"])) for outcome in twins]
    zeros = [_by_epoch(outcome, lambda entry: 100 * float(np.mean(entry["zeros"]))) for outcome in twins]
    pace = [_by_epoch(outcome, lambda entry: 1000 * float(entry["seconds"])) for outcome in outcomes]
    clock = [_by_clock(outcome) for outcome in outcomes]
    least = min((error for curve in errors for _, error in curve.points if error > 0), default=1.0)
    error_axis = Axis("validation error, %", min(least, 1.0), 100.0, logarithmic=True)
    slowest = max(value for curve in pace for _, value in curve.points)
    longest = max(curve.points[-1][0] for curve in clock)
    charts = (
        chart("Validation error by epoch", epochs, error_axis, errors),
        chart("Validation error by the clock", Axis("seconds of training", 0.0, longest), error_axis, clock),
        chart("Hidden units that are exactly 0", epochs, Axis("zeros, %", 0.0, 100.0), zeros),
        chart("Time of an epoch", epochs, Axis("milliseconds", 0.0, 1.05 * slowest), pace),
    )
    return f'{legend(pace)}<div class="pair">{_join(charts)}</div>'


def _by_epoch(outcome: Outcome, value: Callable[[dict[str, Any]], float]) -> Curve:
    points = [(float(entry["epoch"]), value(entry)) for entry in outcome.history]
    return Curve(outcome.contender.label, outcome.contender.style, points)


def _by_clock(outcome: Outcome) -> Curve:
    seconds = np.cumsum([entry["seconds"] for entry in outcome.history]).tolist()
    errors = [100 * float(entry["validation_error"]) for entry in outcome.history]
    return Curve(outcome.contender.label, outcome.contender.style, list(zip(seconds, errors, strict=True)))


def _settings(outcomes: Sequence[Outcome], plan: Plan, data: Dataset) -> str:
    first = outcomes[0]
    sizes = " - ".join(str(n) for n in (first.network.n_inputs, *plan.n_hidden, first.network.n_outputs))
    penalties = sorted({o.contender.activity_l1 for o in outcomes if o.contender.activity_l1})
    facts = {
        "data": f"scikit-learn digits: {len(data.train):,} for training, {len(data.valid)} for validation, "
        f"{len(data.test)} for the test",
        "layers": f"{sizes}, {first.network.n_parameters:,} parameters, {first.network.dtype}",
        "training": f"{plan.max_epochs} epochs, minibatches of {plan.batch_size}, rate {plan.learning_rate:g}; "
        "parameters of the best validation epoch: "
        + ", ".join(f"{o.best_epoch} ({o.contender.label})" for o in outcomes),
        "L1": f"{', '.join(f'{p:g}' for p in penalties) or 'none'}, on the sum of |h| over the units of a hidden layer",
        "seed": f"{plan.seed}: the same first weights and the same order of minibatches for all",
        "engine": f"{first.engine.name}, {plan.n_threads} thread(s)",
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}",
        "versions": f"rectinet {rectinet.__version__}, NumPy {np.__version__}, Python {platform.python_version()}",
    }
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f'<dl class="settings">{items}</dl>'
