"""Problems every engine must solve alike, and how far from the float64 reference a result may lie.

Tolerances follow from the arithmetic. Next to every value its computation is run on absolute values (|x| |W| + |b|
forwards, |h|^T |delta| backwards): rounding can move a sum of K terms by at most about K eps times that scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.engine import Array, Engine, Examples, Matrix, Objective, Totals
from rectinet.engine.reference import ReferenceEngine
from rectinet.network import Network, initialise

REFERENCE = ReferenceEngine()
UNITS = {
    "rectifier": Activation("rectifier"),
    "softplus": Activation("softplus"),
    "softplus3": Activation("softplus", alpha=3.0),
    "tanh": Activation("tanh"),
    "logistic": Activation("logistic"),
    "linear": Activation("linear"),
}
CLEARANCE = {np.float64: 1e-9, np.float32: 2e-5}  # how far from a kink counts as away from it


@dataclass(frozen=True)
class Problem:
    """A network, examples and what to minimise: all a step needs."""

    network: Network
    examples: Examples
    objective: Objective

    def copy(self) -> Problem:
        return replace(self, network=self.network.copy())

    def in_float64(self) -> Problem:
        """The same numbers in float64 and dense, for the reference."""
        network = Network(
            tuple(
                replace(
                    layer,
                    W=layer.W.astype(np.float64),
                    b=layer.b.astype(np.float64),
                    signs=None if layer.signs is None else layer.signs.astype(np.float64),
                )
                for layer in self.network.layers
            )
        )
        e = self.examples
        Y = e.Y if self.objective.loss == "softmax" else e.Y.astype(np.float64)
        weight = None if e.weight is None else e.weight.astype(np.float64)
        return Problem(network, Examples(dense(e.X).astype(np.float64), Y, weight), self.objective)

    def batch(self, rows: np.ndarray) -> Problem:
        e = self.examples
        weight = None if e.weight is None else e.weight[rows]
        return replace(self, examples=Examples(e.X[rows], e.Y[rows], weight))

    def train(
        self, engine: Engine, order: np.ndarray | None = None, *, batch_size: int = 0, rate: float = 1.0
    ) -> tuple[Network, Totals]:
        """A trained copy; one step over all examples unless an order is given."""
        order = np.arange(self.examples.n) if order is None else order
        batch_size = batch_size or max(len(order), 1)
        network = self.network.copy()
        rates = np.full(-(-len(order) // batch_size), rate)
        totals = engine.train(
            network,
            self.examples,
            self.objective,
            order=order.astype(np.int64),
            batch_size=batch_size,
            learning_rates=rates,
        )
        return network, totals


def dense(X: Matrix) -> Array:
    return X.toarray() if isinstance(X, csr_array) else X


def draw(
    rng: np.random.Generator,
    *,
    sizes: tuple[int, ...] = (17, 24, 13, 4),
    unit: Activation = UNITS["rectifier"],
    signs: str = "positive",
    loss: str = "softmax",
    l1: float = 0.0,
    weighted: bool = False,
    n: int = 11,
    density: float = 0.5,
    csr: bool = False,
    dtype: type = np.float64,
) -> Problem:
    """A random problem whose values all lie away from kinks and ties, where engines may rightly differ."""
    for _ in range(200):
        network = initialise(sizes, unit, signs=signs, rng=rng, dtype=dtype)
        for layer in network.layers:
            layer.b[...] = rng.normal(scale=0.3, size=layer.n_out)
        X = (rng.normal(size=(n, sizes[0])) * (rng.random((n, sizes[0])) < density)).astype(dtype)
        Y: np.ndarray
        if loss == "softmax":
            Y = rng.integers(sizes[-1], size=n).astype(np.int32)
        else:
            Y = rng.normal(size=(n, sizes[-1])).astype(dtype)
        weight = rng.uniform(0.2, 2.0, size=n).astype(dtype) if weighted else None
        examples = Examples(csr_array(X) if csr else X, Y, weight)
        problem = Problem(network, examples, Objective(loss, (l1,) * (len(sizes) - 2)))
        if clearance(problem) > CLEARANCE[dtype]:
            return problem
    raise AssertionError("no draw lay away from the kinks: make the problem smaller")


def forward(problem: Problem) -> Iterator[tuple[Array, Array, Array]]:
    """(z, h, scale of both) of every layer in float64; the scale is the same sum taken over absolute values."""
    exact = problem.in_float64()
    h: Array = dense(exact.examples.X)
    scale = np.abs(h)
    for layer in exact.network.layers:
        z = h @ layer.W + layer.b
        h = layer.activation.value(z) * (1 if layer.signs is None else layer.signs)
        scale = scale @ np.abs(layer.W) + np.abs(layer.b) + 1  # + 1 for the unit's own rounding
        yield z, h, scale


def clearance(problem: Problem) -> float:
    """Distance to the nearest kink of a hidden unit or tie between the two best classes."""
    steps = list(forward(problem))
    distances = [np.abs(z).min(initial=np.inf) for z, _, _ in steps[:-1]]
    outputs = np.sort(steps[-1][1], axis=1)
    if problem.objective.loss == "softmax" and outputs.shape[1] > 1:
        distances.append((outputs[:, -1] - outputs[:, -2]).min(initial=np.inf))
    return float(min(distances, default=np.inf))


def relative(problem: Problem) -> float:
    """The rounding a result may carry, as a multiple of its scale."""
    if problem.network.dtype == np.float64:
        return 1e-12
    n_terms = max(layer.n_in for layer in problem.network.layers) + problem.examples.n
    return 4 * n_terms * float(np.finfo(np.float32).eps)


def update_scale(problem: Problem, rate: float) -> list[tuple[Array, Array]]:
    """Scale of every (W, b) after one step: |W| + rate * |h|^T |delta|, all on absolute values."""
    exact = problem.in_float64()
    layers, n = exact.network.layers, exact.examples.n
    scales = [np.abs(dense(exact.examples.X)), *(scale for _, _, scale in forward(problem))]
    weight = (np.ones(n) if exact.examples.weight is None else exact.examples.weight)[:, None] / n
    targets = np.abs(exact.examples.Y) if exact.objective.loss == "squared" else 1.0
    delta = 2 * weight * (scales[-1] + targets)
    pairs = []
    for k in reversed(range(len(layers))):
        W, b = np.abs(layers[k].W), np.abs(layers[k].b)
        pairs.append((W + rate * scales[k].T @ delta, b + rate * delta.sum(axis=0)))
        if k > 0:
            slope = 1 + max(1.0, layers[k - 1].activation.alpha) * scales[k]  # |f'| <= 1, and f' moves with z
            delta = (delta @ W.T + weight * exact.objective.activity_l1[k - 1]) * slope
    return pairs[::-1]


def assert_close(actual: Array, expected: Array, allowed: Array | float, what: str) -> None:
    """Every entry finite and within its own allowance."""
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape} instead of {expected.shape}"
    assert np.isfinite(actual).all(), f"{what} is not finite"
    excess = np.abs(actual.astype(np.float64) - expected) / np.maximum(allowed, np.finfo(np.float64).tiny)
    assert excess.max(initial=0.0) <= 1, f"{what} is off by {excess.max():.3g} times what rounding allows"


def assert_same_bytes(one: Network, other: Network) -> None:
    for (name, a), (_, b) in zip(one.parameters(), other.parameters(), strict=True):
        assert a.tobytes() == b.tobytes(), f"{name} differs in bits"
