"""Auto-encoders every engine must train alike, and how far from the float64 reference a result may lie.

Tolerances as in `problems`: beside every value its computation is run on absolute values, and rounding can move a sum
of K terms by at most about K eps times that scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.autoencoder import Autoencoder, NoiseKey, Reconstruction, Sampling, Unlabelled, autoencoder
from rectinet.engine import Array, Engine, Totals
from rectinet.engine._reference_autoencoder import Minibatch, prepare
from rectinet.network import Layer, draw_signs, padded_zeros
from rectinet.noise import Corruption
from rectinet.randomness import Purpose

from .problems import CLEARANCE, UNITS, dense

CORRUPTIONS = {
    "none": Corruption(),
    "masking": Corruption("masking", 0.25),
    "salt_and_pepper": Corruption("salt_and_pepper", 0.3, p_one=0.1),
    "gaussian": Corruption("gaussian", 0.3),
}
DECODERS = {  # tied, by_output
    "tied": (True, True),
    "by-output": (False, True),
    "by-hidden": (False, False),
}


@dataclass(frozen=True)
class Denoising:
    """An auto-encoder, examples, their noise and what to minimise: all a step needs."""

    autoencoder: Autoencoder
    examples: Unlabelled
    corruption: Corruption
    key: NoiseKey
    l1: float
    sampling: Sampling | None

    @property
    def n(self) -> int:
        return int(self.examples.X.shape[0])

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.autoencoder.c.dtype

    def in_float64(self) -> Denoising:
        """The same numbers in float64 and dense, for the reference."""
        a, e = self.autoencoder, self.examples
        W = a.encoder.W.astype(np.float64)
        signs = None if a.encoder.signs is None else a.encoder.signs.astype(np.float64)
        encoder = replace(a.encoder, W=W, b=a.encoder.b.astype(np.float64), signs=signs)
        V = W if a.tied else a.V.astype(np.float64)
        targets = None if e.targets is None else e.targets.astype(np.float64)
        return replace(
            self,
            autoencoder=replace(a, encoder=encoder, V=V, c=a.c.astype(np.float64)),
            examples=Unlabelled(dense(e.X).astype(np.float64), targets, e.ids),
        )

    def batch(self, rows: np.ndarray) -> Denoising:
        e = self.examples
        targets = None if e.targets is None else e.targets[rows]
        return replace(self, examples=Unlabelled(e.X[rows], targets, e.ids[rows]))

    def minibatch(self) -> Minibatch:
        """All examples as the reference sees them in one step."""
        return prepare(self.autoencoder, self.examples, self.corruption, self.key, self.sampling)

    def train(
        self, engine: Engine, order: np.ndarray | None = None, *, batch_size: int = 0, rate: float = 1.0
    ) -> tuple[Autoencoder, Totals]:
        """A trained copy; one step over all examples unless an order is given."""
        order = np.arange(self.n) if order is None else order
        batch_size = batch_size or max(len(order), 1)
        trained = self.autoencoder.copy()
        totals = engine.train_autoencoder(
            trained,
            self.examples,
            self.corruption,
            self.key,
            activity_l1=self.l1,
            order=order.astype(np.int64),
            batch_size=batch_size,
            learning_rates=np.full(-(-len(order) // batch_size), rate),
            sampling=self.sampling,
        )
        return trained, totals


def draw(
    rng: np.random.Generator,
    *,
    sizes: tuple[int, int] = (17, 13),
    unit: Activation = UNITS["rectifier"],
    signs: str = "positive",
    reconstruction: Reconstruction = "softplus",
    decoder: str = "by-output",
    corruption: str = "masking",
    l1: float = 0.0,
    targets: bool = False,
    zeros: float | None = None,
    n: int = 11,
    density: float = 0.5,
    csr: bool = False,
    dtype: type = np.float64,
    clear_of_kinks: float | None = None,
) -> Denoising:
    """A random problem whose values all lie away from kinks, where engines may rightly differ."""
    n_in, n_hidden = sizes
    tied, by_output = DECODERS[decoder]
    for _ in range(200):
        W = padded_zeros(n_in, n_hidden, dtype)
        bound = np.sqrt(6 / (n_in + n_hidden))
        W[...] = rng.uniform(-bound, bound, size=sizes)
        b = rng.normal(scale=0.3, size=n_hidden).astype(dtype)
        encoder = Layer(W, b, unit, draw_signs(signs, n_hidden, rng, dtype))
        model = autoencoder(encoder, reconstruction=reconstruction, tied=tied, by_output=by_output, rng=rng)
        model.c[...] = rng.normal(scale=0.3, size=n_in)
        X = (rng.uniform(0.1, 1, size=(n, n_in)) * (rng.random((n, n_in)) < density)).astype(dtype)
        examples = Unlabelled(
            csr_array(X) if csr else X,
            rng.random((n, n_in)).astype(dtype) if targets else None,
            rng.integers(2**40, size=n),
        )
        key = NoiseKey(int(rng.integers(2**62)), int(rng.integers(100)), Purpose.NOISE)
        sampling = None if zeros is None else Sampling(zeros)
        problem = Denoising(model, examples, CORRUPTIONS[corruption], key, l1, sampling)
        if clearance(problem) > (CLEARANCE[dtype] if clear_of_kinks is None else clear_of_kinks):
            return problem
    raise AssertionError("no draw lay away from the kinks: make the problem smaller")


def clearance(problem: Denoising) -> float:
    """Distance to the nearest kink of a hidden unit, on clean and corrupted input, or of a rectifier's output."""
    exact = problem.in_float64()
    model, minibatch = exact.autoencoder, exact.minibatch()
    distances = [np.abs(X @ model.encoder.W + model.encoder.b) for X in (minibatch.noisy, minibatch.clean)]
    if problem.autoencoder.reconstruction == "rectifier":
        distances.append(np.abs(_reconstruction(model, _code(model.encoder, minibatch.noisy))))
    return min(float(d.min(initial=np.inf)) for d in distances)


def relative(problem: Denoising) -> float:
    """The rounding a result may carry, as a multiple of its scale."""
    if problem.dtype == np.float64:
        return 1e-12
    n_terms = max(problem.autoencoder.encoder.W.shape) + problem.n
    return 4 * n_terms * float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Scales:
    """Values of one step computed on absolute values: of every parameter after it, of its loss and of its penalty."""

    parameters: dict[str, Array]
    loss: float
    penalty: float


def scales(problem: Denoising, rate: float) -> Scales:
    """Scales of one step over all examples: |W| + rate |h|^T |delta| and so on."""
    exact = problem.in_float64()
    model, minibatch, n = exact.autoencoder, exact.minibatch(), problem.n
    encoder, X, noisy = model.encoder, np.abs(minibatch.clean), np.abs(minibatch.noisy)
    W, b, c = np.abs(encoder.W), np.abs(encoder.b), np.abs(model.c)
    V = np.abs(model.V.T if model.by_output else model.V)  # (n_hidden, n_in)
    steepest = max(1.0, encoder.activation.alpha)

    H = noisy @ W + b + 1  # + 1 for the unit's own rounding
    Z = H @ V + c + 1
    miss = Z + np.abs(minibatch.targets)
    losses = minibatch.importance * (miss**2 if model.loss == "squared" else Z + np.abs(minibatch.targets) * Z)
    delta = 2 * minibatch.importance / n * miss * (1 + Z)  # |g'| <= 1, and g' moves with z
    dA = delta @ V.T * (1 + steepest * H)
    clean_H = X @ W + b + 1
    clean_dA = exact.l1 / n * (1 + steepest * clean_H)

    dV = delta.T @ H if model.by_output else H.T @ delta
    dW = noisy.T @ dA + X.T @ clean_dA + (dV if model.tied else 0)
    parameters = {
        "W": W + rate * dW,
        "b": b + rate * (dA + clean_dA).sum(axis=0),
        "V": np.abs(model.V) + rate * dV,
        "c": c + rate * delta.sum(axis=0),
    }
    return Scales(parameters, float(losses.sum()), exact.l1 * float(clean_H.sum()))


def assert_same_bytes(one: Autoencoder, other: Autoencoder) -> None:
    for (name, a), (_, b) in zip(one.parameters(), other.parameters(), strict=True):
        assert a.tobytes() == b.tobytes(), f"{name} differs in bits"


def assert_same_totals(one: Totals, other: Totals) -> None:
    for name in ("steps", "examples", "loss", "penalty", "errors"):
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_array_equal(one.active, other.active)
    np.testing.assert_array_equal(one.union, other.union)


def _code(encoder: Layer, X: Array) -> Array:
    h = encoder.activation.value(X @ encoder.W + encoder.b)
    return h if encoder.signs is None else h * encoder.signs


def _reconstruction(model: Autoencoder, H: Array) -> Array:
    """Pre-activations of the outputs."""
    return H @ (model.V.T if model.by_output else model.V) + model.c
