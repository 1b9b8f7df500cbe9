"""Problems every engine must solve alike, and how far from the float64 reference a result may lie.

Tolerances follow from the arithmetic. Next to every value its computation is run on absolute values (|x| |W| + |b|
forwards, |h|^T |delta| backwards): rounding can move a sum of K terms by at most about K eps times that scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.arrays import Array, Matrix
from rectinet.engine import Engine, Steps, Totals
from rectinet.engine.reference import ReferenceEngine, gradients
from rectinet.network import initialise
from rectinet.problems import Examples, Supervised

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
class Scales:
    """Values of one step computed on absolute values: every parameter after it, and the sums it reports."""

    parameters: dict[str, Array]
    loss: float
    penalty: float
    error: float


class Trainable:
    """What tests do with a problem of either kind."""

    model: ClassVar[str]  # the field that training changes
    epoch = 0

    def batch(self, rows: np.ndarray) -> Any:
        """The problem of these rows alone, on the same parameters."""
        return replace(self, examples=self.examples.take(rows))

    def descend(
        self,
        engine: Engine,
        order: np.ndarray | None = None,
        *,
        batch_size: int = 0,
        rate: float | np.ndarray = 1.0,
        totals: Totals | None = None,
    ) -> Totals:
        """Train in place: one step over all examples unless an order is given."""
        order = np.arange(self.examples.X.shape[0]) if order is None else order
        batch_size = batch_size or max(len(order), 1)
        rates = np.full(-(-len(order) // batch_size), rate)
        return engine.train(self, Steps(order, batch_size, rates, self.epoch), totals)

    def train(self, engine: Engine, order: np.ndarray | None = None, **settings: Any) -> tuple[Any, Totals]:
        """A trained copy of the network or auto-encoder."""
        copy = getattr(self, self.model).copy()
        return copy, replace(self, **{self.model: copy}).descend(engine, order, **settings)

    def gradients(self) -> tuple[float, dict[str, Array]]:
        """Mean cost of all examples and its derivatives, by the reference."""
        return gradients(self, self.epoch)


@dataclass(frozen=True)
class Problem(Trainable, Supervised):
    """A network, examples and what to minimise."""

    model = "network"

    def forward(self) -> Iterator[tuple[Array, Array, Array]]:
        """(z, h, scale of both) of every layer in float64; the scale is the same sum taken over absolute values."""
        exact = in_float64(self)
        h: Array = exact.examples.X
        scale = np.abs(h)
        for layer in exact.network.layers:
            z = h @ layer.W + layer.b
            h = layer.activation.value(z) * (1 if layer.signs is None else layer.signs)
            scale = scale @ np.abs(layer.W) + np.abs(layer.b) + 1  # + 1 for the unit's own rounding
            yield z, h, scale

    def clearance(self) -> float:
        """Distance to the nearest kink of a hidden unit or tie between the two best classes."""
        steps = list(self.forward())
        distances = [np.abs(z).min(initial=np.inf) for z, _, _ in steps[:-1]]
        outputs = np.sort(steps[-1][1], axis=1)
        if self.loss == "softmax" and outputs.shape[1] > 1:
            distances.append((outputs[:, -1] - outputs[:, -2]).min(initial=np.inf))
        return float(min(distances, default=np.inf))

    def rounding(self) -> float:
        """What a result may carry, as a multiple of its scale."""
        return rounding(self.network.dtype, max(layer.n_in for layer in self.network.layers) + self.examples.n)

    def scales(self, rate: float) -> Scales:
        """Of one step over all examples: |W| + rate * |h|^T |delta| and so on, all on absolute values."""
        exact, squared = in_float64(self), self.loss == "squared"
        layers, e = exact.network.layers, exact.examples
        inputs = [np.abs(e.X), *(scale for _, _, scale in self.forward())]
        *hidden, outputs = inputs[1:]
        share = np.ones(e.n) if e.weight is None else e.weight
        weight = share[:, None] / e.n
        miss = outputs + (np.abs(e.Y) if squared else 1.0)
        losses = (miss**2).sum(axis=1) if squared else 2 * outputs.max(axis=1)
        l1 = sum(c * h.sum(axis=1) for c, h in zip(self.activity_l1, hidden, strict=True)) + 0 * share
        parameters, delta = {}, 2 * weight * miss
        for k in reversed(range(len(layers))):
            W, b = np.abs(layers[k].W), np.abs(layers[k].b)
            parameters |= {f"{k}.W": W + rate * inputs[k].T @ delta, f"{k}.b": b + rate * delta.sum(axis=0)}
            if k > 0:
                slope = 1 + max(1.0, layers[k - 1].activation.alpha) * inputs[k]  # |f'| <= 1, and f' moves with z
                delta = (delta @ W.T + weight * self.activity_l1[k - 1]) * slope
        error = float(losses.sum()) if squared else 0.0
        return Scales(parameters, float(share @ losses), float(share @ l1), error)


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
        problem = Problem(network, examples, loss, (l1,) * (len(sizes) - 2))
        if problem.clearance() > CLEARANCE[dtype]:
            return problem
    raise AssertionError("no draw lay away from the kinks: make the problem smaller")


def dense(X: Matrix) -> Array:
    return X.toarray() if isinstance(X, csr_array) else X


def in_float64(record: Any, done: dict[int, Any] | None = None) -> Any:
    """The same numbers in float64 and dense, for the reference; what is one array in the record stays one."""
    done = {} if done is None else done
    if isinstance(record, tuple):
        return tuple(in_float64(part, done) for part in record)
    if is_dataclass(record):
        return replace(record, **{f.name: in_float64(getattr(record, f.name), done) for f in fields(record)})
    if not isinstance(record, np.ndarray | csr_array):
        return record
    if id(record) not in done:
        done[id(record)] = dense(record).astype(np.float64 if record.dtype.kind == "f" else record.dtype)
    return done[id(record)]


def rounding(dtype: np.dtype[np.floating], n_terms: int) -> float:
    """What a sum of so many terms may carry, as a multiple of its scale."""
    return 1e-12 if dtype == np.float64 else 4 * n_terms * float(np.finfo(np.float32).eps)


def assert_close(actual: Array, expected: Array, allowed: Array | float, what: str) -> None:
    """Every entry finite and within its own allowance."""
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape} instead of {expected.shape}"
    assert np.isfinite(actual).all(), f"{what} is not finite"
    excess = np.abs(actual.astype(np.float64) - expected) / np.maximum(allowed, np.finfo(np.float64).tiny)
    assert excess.max(initial=0.0) <= 1, f"{what} is off by {excess.max():.3g} times what rounding allows"


def assert_same_bytes(one: Any, other: Any) -> None:
    """Of two networks or auto-encoders."""
    for (name, a), (_, b) in zip(one.parameters(), other.parameters(), strict=True):
        assert a.tobytes() == b.tobytes(), f"{name} differs in bits"


def assert_same_totals(one: Totals, other: Totals) -> None:
    for name in vars(Totals()):
        assert np.array_equal(getattr(one, name), getattr(other, name)), f"{name} of the totals differs"
