"""Pictures of what a network learned: first-layer filters, and the units that fire for a digit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.datasets import Dataset
from rectinet.demo.contest import Outcome
from rectinet.demo.images import data_uri, filter_sheet, ink, unit_grid

N_FILTERS: Final = 24
FILTER_COLUMNS: Final = 8
STRONG: Final = 99.0  # percentile of |h| drawn at full strength: a few outliers would pale everything else


def shown_digits(data: Dataset, classes: Sequence[int] = (0, 3, 4, 8)) -> NDArray[np.intp]:
    """The first test example of each class."""
    return np.array([np.flatnonzero(data.test.y == k)[0] for k in classes])


def filters(outcome: Outcome, image_shape: tuple[int, ...]) -> str:
    """What training added to the incoming weights of the first-layer units that changed most, as one picture."""
    W = outcome.network.layers[0].W - outcome.first_weights
    chosen = np.argsort(-np.linalg.norm(W, axis=0), kind="stable")[:N_FILTERS]
    weights = W[:, chosen].T.reshape(chosen.size, *image_shape)
    text = f"{outcome.contender.label}: changes of the weights of {chosen.size} first-layer units"
    image = f'<img class="filters" alt="{escape(text)}" src="{data_uri(filter_sheet(weights, FILTER_COLUMNS))}">'
    return f'<figure class="card"><figcaption>{_name(outcome)}</figcaption>{image}</figure>'


def firing(outcome: Outcome, data: Dataset, examples: NDArray[np.intp]) -> str:
    """A table: for each example the digit, then a grid of the units of every hidden layer."""
    codes = outcome.codes(data.test.X)
    orders = [_by_preferred_class(h, data.train.y) for h in outcome.codes(data.train.X)]
    scales = [float(np.percentile(np.abs(h[h != 0]), STRONG)) if h.any() else 1.0 for h in codes]
    layers = range(len(codes))
    heads = "".join(f'<th scope="col">layer {k + 1}</th>' for k in layers)
    rows = []
    for example in examples:
        label = data.class_names[int(data.test.y[example])]
        digit = data_uri(ink(data.test.X[example].reshape(data.image_shape)))
        cells = (_grid(codes[k][example][orders[k]], scales[k], k) for k in layers)
        head = f'<th scope="row"><img class="digit" alt="a handwritten {label}" src="{digit}"></th>'
        rows.append(f"<tr>{head}{''.join(cells)}</tr>")
    return (
        f'<figure class="card"><figcaption>{_name(outcome)}</figcaption><table class="firing">'
        f'<thead><tr><th scope="col">digit</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></figure>'
    )


def _name(outcome: Outcome) -> str:
    return f'<span class="dot {outcome.contender.style}"></span>{escape(outcome.contender.label)}'


def _grid(code: Array, scale: float, layer: int) -> str:
    on = int(np.count_nonzero(code))
    columns = max(1, round((2.5 * code.size) ** 0.5))
    text = f"layer {layer + 1}: {on} of {code.size} units on"
    image = f'<img class="units" alt="{text}" src="{data_uri(unit_grid(code, columns, scale))}">'
    return f"<td>{image}<small>{on} of {code.size} on</small></td>"


def _by_preferred_class(codes: Array, y: NDArray[np.int64]) -> NDArray[np.intp]:
    """Units ordered by the class for which their mean output is largest, so that a digit lights a region."""
    means = np.array([codes[y == k].mean(axis=0) for k in np.unique(y)])
    return np.lexsort((-means.max(axis=0), means.argmax(axis=0)))
