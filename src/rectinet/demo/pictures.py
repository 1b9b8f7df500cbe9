"""Pictures of the hidden units that are active for a digit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array
from rectinet.demo.experiment import N_CLASSES, Result
from rectinet.pictures import data_uri, ink, unit_grid
from rectinet.runs import Part

IMAGE_SHAPE: Final = (8, 8)
SHOWN: Final = (0, 3, 4, 8)  # the first test digit of each of these classes
ROWS_PER_CLASS: Final = 2
STRONG: Final = 99.0  # percentile of |h| drawn at full strength: a few outliers would pale everything else


def firing(result: Result, train: Part) -> str:
    """A table: for each digit shown its picture, then a grid of the units of every hidden layer."""
    codes = result.codes(result.test.matrix)
    places = [places_by_class(h, train.targets) for h in result.codes(train.matrix)]
    scales = [float(np.percentile(np.abs(h[h != 0]), STRONG)) if h.any() else 1.0 for h in codes]
    heads = "".join(f'<th scope="col">layer {k + 1}<small>{h.shape[1]} units</small></th>' for k, h in enumerate(codes))
    rows = []
    for label in SHOWN:
        example = int(np.flatnonzero(result.test.targets == label)[0])
        image = data_uri(ink(np.asarray(result.test.matrix[example]).reshape(IMAGE_SHAPE)))
        cells = (_grid(h[example], places[k], scales[k], k) for k, h in enumerate(codes))
        head = f'<th scope="row"><img class="digit" alt="a handwritten {label}" src="{image}"><b>{label}</b></th>'
        rows.append(f"<tr>{head}<td>{_class_labels(label)}</td>{''.join(cells)}</tr>")
    name = f'<span class="dot {result.contender.style}"></span>{escape(result.contender.label)}'
    head = f'<thead><tr><th scope="col">digit</th><td></td>{heads}</tr></thead>'
    body = f'<table class="firing">{head}<tbody>{"".join(rows)}</tbody></table>'
    return f'<figure class="card"><figcaption>{name}</figcaption>{body}</figure>'


def places_by_class(codes: Array, y: NDArray[np.int64]) -> NDArray[np.intp]:
    """Which unit stands where in a grid, -1 for none: rows of the class for which its mean output is largest.

    Units that are 0 for every example are left out.
    """
    means = np.array([codes[y == k].mean(axis=0) for k in range(N_CLASSES)])
    units = [np.flatnonzero((means.argmax(axis=0) == k) & codes.any(axis=0)) for k in range(N_CLASSES)]
    n_columns = max(1, -(-max(map(len, units)) // ROWS_PER_CLASS))
    places = np.full((N_CLASSES, ROWS_PER_CLASS * n_columns), -1, dtype=np.intp)
    for k, found in enumerate(units):
        places[k, : len(found)] = found[np.argsort(-means[k, found], kind="stable")]
    return places.reshape(-1, n_columns)


def _class_labels(shown: int) -> str:
    labels: Sequence[str] = [f"<b>{k}</b>" if k == shown else f"<span>{k}</span>" for k in range(N_CLASSES)]
    return f'<div class="classes" aria-hidden="true">{"".join(labels)}</div>'


def _grid(code: Array, places: NDArray[np.intp], scale: float, layer: int) -> str:
    active = int(np.count_nonzero(code))
    text = f"layer {layer + 1}: {active} of {code.size} units active"
    image = f'<img class="units" alt="{text}" src="{data_uri(unit_grid(code, places, scale))}">'
    return f"<td>{image}<small>{active} active</small></td>"
