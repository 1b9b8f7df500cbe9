"""A network small enough to be drawn whole, and the paths of test examples through its hidden layers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.inside.paths import ActivePath, active_path
from rectinet.runs import Configuration, Data, Part, run
from rectinet.stored import dense


class Paths:
    """A trained network that answers with the active path to its highest output, as one row of numbers.

    Parameters
    ----------
    document : str
        Of the network's `Configuration`, as JSON.
    numerics : str
        Of the engine; another engine's numbers are another run.
    """

    def __init__(self, document: str, numerics: str, random_state: int) -> None:
        self.configuration = Configuration.from_document(json.loads(document))
        self.numerics, self.random_state = numerics, random_state

    def fit(self, X: Matrix, y: NDArray[Any]) -> Self:
        self.network = run(self.configuration, Data(Part(X, y))).network
        return self

    def predict(self, X: Matrix) -> Array:
        """Rows that `graph` takes apart again; shape (n, `width` of the hidden layers)."""
        return np.stack([_row(active_path(self.network, x)) for x in dense(X)]).astype(np.float32)


def _row(path: ActivePath) -> Array:
    """Codes of all hidden layers, their contributions, and what flows from each layer to the one above."""
    flows = [path.edges(level).ravel() for level in range(1, len(path.codes) - 1)]
    return np.concatenate([*path.codes[1:], *path.contributions[1:], *flows])


def width(hidden: Sequence[int]) -> int:
    """Numbers in a row."""
    return 2 * sum(hidden) + sum(n * above for n, above in pairwise(hidden))


def graph(row: Array, hidden: Sequence[int]) -> tuple[list[Array], list[Array], list[Array]]:
    """Codes and contributions of each hidden layer, and the flows between neighbours, of shape (n_units, n_above)."""
    shapes: list[tuple[int, ...]] = [*((n,) for n in (*hidden, *hidden)), *pairwise(hidden)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = [part.reshape(shape) for part, shape in zip(np.split(row, ends[:-1]), shapes, strict=True)]
    n = len(hidden)
    return parts[:n], parts[n : 2 * n], parts[2 * n :]
