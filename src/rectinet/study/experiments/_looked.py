"""Looking into trained networks: one number per example and question, kept as the predictions of a run.

A run of the experiment `claims` trains a network and then asks it everything below. Each question answers with a column
for every example, so that means, intervals and pairs come from the stored numbers like those of errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from rectinet.arrays import Array, Matrix
from rectinet.engine import get_engine
from rectinet.network import Layer, Network
from rectinet.runs import Configuration, Data, Part, run
from rectinet.stored import dense
from rectinet.study.experiments._moved import MOVES, moved

SMALL_CHANGES: Final = (0.02, 0.1)  # standard deviation of noise on every input
DISCARDED: Final = (0.25, 0.5, 0.75, 0.9)  # shares of the code's entries that are set to 0
PROBE_LABELS: Final = (50, 200, 1000)
EXAMPLES: Final = 1000  # looked at, at most

Columns = Iterator[tuple[str, Array]]


class Looked:
    """A network, trained and questioned; it stands in the place of an estimator of scikit-learn.

    Parameters
    ----------
    document : str
        Of the network's `Configuration`, as JSON.
    numerics : str
        Of the engine; another engine's numbers are another run.
    images : bool
        Whether inputs are pictures, which can be slanted and shifted.
    """

    def __init__(self, document: str, numerics: str, random_state: int, images: bool = True) -> None:
        self.configuration = Configuration.from_document(json.loads(document))
        self.numerics, self.random_state, self.images = numerics, random_state, images

    def fit(self, X: Matrix, y: NDArray[Any]) -> Self:
        """Train it; its own validation split decides which epoch is best."""
        self.engine = get_engine(self.configuration.engine)
        self.train = Part(X, y)
        self.network = run(self.configuration, Data(self.train)).network
        self.start = self.configuration.initial_network(X.shape[1], self.network.n_outputs, self.random_state)
        self.labels = np.unique(y)
        return self

    def predict(self, X: Matrix) -> Array:
        """Every column of the first examples, in the order of `columns`; shape (n, n_columns)."""
        few = np.ascontiguousarray(dense(X[:EXAMPLES]))  # noise and scaling leave no zeros
        return np.stack([column for _, column in self._columns(few)], axis=1).astype(np.float32)

    def _columns(self, X: Array) -> Columns:
        for question in QUESTIONS:
            yield from question(self, X)

    def codes(self, network: Network, X: Matrix) -> list[Array]:
        """Of all hidden layers."""
        return self.engine.codes(network.hidden, X)

    def classes(self, network: Network, X: Array) -> NDArray[Any]:
        return np.asarray(self.labels[self.engine.outputs(network, X).argmax(axis=1)])


def columns(n_layers: int, images: bool = False) -> list[str]:
    """The names of the columns of a network of some depth."""
    layers = [f"layer {k + 1}" for k in range(n_layers)]
    return [
        "class",
        *(f"zeros at the start, {layer}" for layer in layers),
        *(f"mean activity at the start, {layer}" for layer in layers),
        *(f"active units, {layer}" for layer in layers),
        *(f"active set kept at {change:g}, {layer}" for change in SMALL_CHANGES for layer in layers),
        *(f"gradient norm, {layer}" for layer in layers),
        *(f"class without {share:g} of the code" for share in DISCARDED),
        *(f"class by {of}, {n} labels" for n in PROBE_LABELS for of in ("inputs", "codes")),
        "bytes, dense",
        "bytes, CSR",
        "rescaling",
        "intensity",
        *(f"change under {move}, {level}" for move in MOVES for level in ("inputs", *layers) if images),
    ]


def _class(at: Looked, X: Array) -> Columns:
    yield "class", at.classes(at.network, X)


def _at_the_start(at: Looked, X: Array) -> Columns:
    """As it was drawn, before any training; inputs shifted to mean 0."""
    codes = at.codes(at.start, np.ascontiguousarray(X - np.asarray(at.train.matrix.mean(axis=0), dtype=X.dtype)))
    yield from _by_layer("zeros at the start", [(h == 0).mean(axis=1) for h in codes])
    unsigned = [_unsigned(layer, h) for layer, h in zip(at.start.hidden, codes, strict=True)]
    yield from _by_layer("mean activity at the start", [h.mean(axis=1) for h in unsigned])


def _active(at: Looked, X: Array) -> Columns:
    yield from _by_layer("active units", [np.count_nonzero(h, axis=1) for h in at.codes(at.network, X)])


def _kept(at: Looked, X: Array) -> Columns:
    """Share of all units that stay on, or off, under a small change of every input."""
    before = at.codes(at.network, X)
    for change in SMALL_CHANGES:
        noise = np.random.default_rng(3).normal(scale=change, size=X.shape).astype(X.dtype)
        after = at.codes(at.network, X + noise)
        kept = [((a != 0) == (b != 0)).mean(axis=1) for a, b in zip(before, after, strict=True)]
        yield from _by_layer(f"active set kept at {change:g}", kept)


def _gradients(at: Looked, X: Array) -> Columns:
    """Norm of the gradient of -log P(predicted class) with respect to each layer's codes, by back-propagation."""
    outputs = at.engine.outputs(at.network, X).astype(np.float64)
    gradient = softmax(outputs, axis=1)
    gradient[np.arange(len(X)), outputs.argmax(axis=1)] -= 1
    norms = []
    for below, layer in zip(reversed(at.network.hidden), reversed(at.network.layers), strict=False):
        gradient = gradient @ layer.W.T  # of the codes below the layer, (n, n_in)
        norms.append(np.linalg.norm(gradient, axis=1))
        k = len(at.network.hidden) - len(norms)
        z = _pre_activation(at, below, X, k)
        gradient = gradient * below.activation.derivative(z) * (1 if below.signs is None else below.signs)
    yield from _by_layer("gradient norm", norms[::-1])


def _discarded(at: Looked, X: Array) -> Columns:
    """The classes when some entries of the last code are lost, other ones for each example."""
    code = at.codes(at.network, X)[-1]
    lost = np.random.default_rng(5).random(code.shape)
    output = Network((at.network.layers[-1],))
    for share in DISCARDED:
        yield f"class without {share:g} of the code", at.classes(output, np.where(lost < share, 0, code))


def _probes(at: Looked, X: Array) -> Columns:
    """Classes by a linear model on few labelled training inputs, or on their codes."""
    from sklearn.linear_model import RidgeClassifier

    training, y = at.train.X, at.train.targets
    order = np.random.default_rng(at.random_state).permutation(len(y))
    both = {
        "inputs": (training, X),
        "codes": (at.codes(at.network, training[order[: max(PROBE_LABELS)]])[-1], at.codes(at.network, X)[-1]),
    }
    for n in PROBE_LABELS:
        rows = order[:n]
        for of, (learnt_from, asked) in both.items():
            some = learnt_from[rows] if of == "inputs" else learnt_from[: len(rows)]
            yield f"class by {of}, {n} labels", RidgeClassifier(alpha=1.0).fit(some, y[rows]).predict(asked)


def _bytes(at: Looked, X: Array) -> Columns:
    """Of all codes of an example: float32 dense, or values, 32-bit columns and row ends of a CSR matrix."""
    codes = at.codes(at.network, X)
    yield "bytes, dense", np.full(len(X), 4 * sum(h.shape[1] for h in codes))
    yield "bytes, CSR", sum(8 * np.count_nonzero(h, axis=1) + 4 for h in codes)


def _rescaling(at: Looked, X: Array) -> Columns:
    """Largest relative change of the outputs when layers are rescaled by factors of product 1 (section 2)."""
    factors = np.resize([3.0, 0.7], len(at.network.layers))
    factors[-1] = 1.0 / factors[:-1].prod()
    products = np.cumprod(factors)
    layers = [
        replace(layer, W=layer.W / np.float32(a), b=layer.b / np.float32(p))
        for layer, a, p in zip(at.network.layers, factors, products, strict=True)
    ]
    yield "rescaling", _relative(at, Network(tuple(layers)).copy(), X, 1.0)


def _intensity(at: Looked, X: Array) -> Columns:
    """The same when inputs are three times as intense, of three times the outputs, without biases."""
    bare = Network(tuple(replace(layer, b=np.zeros_like(layer.b)) for layer in at.network.layers)).copy()
    yield "intensity", _relative(at, bare, X, 3.0, compared=bare)


def _moved(at: Looked, X: Array) -> Columns:
    """How far inputs and codes go when a picture is moved; 1: as far as from one example to another, on average."""
    if not at.images:
        return
    before = [X, *at.codes(at.network, X)]
    apart = [np.linalg.norm(h - np.roll(h, 1, axis=0), axis=1).mean() for h in before]
    for move in MOVES:
        there = moved(X, move)
        gone = [
            np.linalg.norm(a - b, axis=1) for a, b in zip(before, [there, *at.codes(at.network, there)], strict=True)
        ]
        levels = ("inputs", *(f"layer {k + 1}" for k in range(len(gone) - 1)))
        for level, distance, far in zip(levels, gone, apart, strict=True):
            yield f"change under {move}, {level}", distance / (far or 1.0)


QUESTIONS: Final[tuple[Callable[[Looked, Array], Columns], ...]] = (
    _class, _at_the_start, _active, _kept, _gradients, _discarded, _probes, _bytes, _rescaling, _intensity, _moved,
)  # fmt: skip


def _by_layer(name: str, values: list[Array]) -> Columns:
    for k, each in enumerate(values):
        yield f"{name}, layer {k + 1}", each


def _unsigned(layer: Layer, h: Array) -> Array:
    return h if layer.signs is None else h * layer.signs


def _pre_activation(at: Looked, layer: Layer, X: Array, k: int) -> Array:
    below = X if k == 0 else at.codes(at.network, X)[k - 1]
    return np.asarray(below.astype(np.float64) @ layer.W + layer.b)


def _relative(at: Looked, other: Network, X: Array, times: float, compared: Network | None = None) -> Array:
    expected = times * at.engine.outputs(compared or at.network, X)
    found = at.engine.outputs(other, np.ascontiguousarray(X * np.float32(times)))
    return np.asarray(np.abs(found - expected).max(axis=1) / np.abs(expected).max(axis=1))
