"""Auto-encoders every engine must train alike, and how far from the float64 reference a result may lie.

Tolerances as in `problems`: beside every value its computation is run on absolute values, and rounding can move a sum
of K terms by at most about K eps times that scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from rectinet.activations import Activation
from rectinet.autoencoder import Reconstruction, autoencoder
from rectinet.engine.reference.denoising import Minibatch, minibatch
from rectinet.engine.reference.forward import forward
from rectinet.layout import padded_zeros
from rectinet.losses import Squared
from rectinet.network import Layer, draw_signs
from rectinet.noise import Corruption
from rectinet.problems import Denoising, Sampling, Unlabelled

from .problems import CLEARANCE, UNITS, Scales, Trainable, in_float64, rounding

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
class DenoisingProblem(Trainable, Denoising):
    """An auto-encoder, examples, their noise in one epoch and what to minimise."""

    model = "autoencoder"
    epoch: int = 0

    @property
    def n(self) -> int:
        return int(self.examples.X.shape[0])

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.autoencoder.c.dtype

    def minibatch(self) -> Minibatch:
        """All examples as the reference sees them in one step."""
        return minibatch(self, np.arange(self.n), self.epoch)

    def clearance(self) -> float:
        """Distance to the nearest kink of a hidden unit, on clean and corrupted input, or of a rectifier's output."""
        exact = in_float64(self)
        model, seen = exact.autoencoder, exact.minibatch()
        (H,), (A,) = forward((model.encoder,), seen.noisy)
        distances = [A, forward((model.encoder,), seen.clean)[1][0]]
        if model.reconstruction == "rectifier":
            distances.append(H @ (model.V.T if model.by_output else model.V) + model.c)
        return min(float(np.abs(d).min(initial=np.inf)) for d in distances)

    def rounding(self) -> float:
        """What a result may carry, as a multiple of its scale."""
        return rounding(self.dtype, max(self.autoencoder.encoder.W.shape) + self.n)

    def scales(self, rate: float) -> Scales:
        """Of one step over all examples: |W| + rate |h|^T |delta| and so on, all on absolute values."""
        exact = in_float64(self)
        model, seen, n = exact.autoencoder, exact.minibatch(), self.n
        encoder, X, noisy = model.encoder, np.abs(seen.clean), np.abs(seen.noisy)
        W, b, c = np.abs(encoder.W), np.abs(encoder.b), np.abs(model.c)
        V = np.abs(model.V.T if model.by_output else model.V)  # (n_hidden, n_in)
        steepest = max(1.0, encoder.activation.alpha)

        H = noisy @ W + b + 1  # + 1 for the unit's own rounding
        Z = H @ V + c + 1
        miss = Z + np.abs(seen.targets)
        losses = seen.importance * (miss**2 if isinstance(model.loss, Squared) else Z + np.abs(seen.targets) * Z)
        delta = 2 * seen.importance / n * miss * (1 + Z)  # |g'| <= 1, and g' moves with z
        dA = delta @ V.T * (1 + steepest * H)
        clean_H = X @ W + b + 1
        clean_dA = self.activity_l1 / n * (1 + steepest * clean_H)

        dV = delta.T @ H if model.by_output else H.T @ delta
        dW = noisy.T @ dA + X.T @ clean_dA + (dV if model.tied else 0)
        parameters = {
            "W": W + rate * dW,
            "b": b + rate * (dA + clean_dA).sum(axis=0),
            "V": np.abs(model.V) + rate * dV,
            "c": c + rate * delta.sum(axis=0),
        }
        return Scales(parameters, float(losses.sum()), self.activity_l1 * float(clean_H.sum()), 0.0)


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
) -> DenoisingProblem:
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
        seed, epoch = int(rng.integers(2**62)), int(rng.integers(100))
        sampling = None if zeros is None else Sampling(zeros)
        problem = DenoisingProblem(model, examples, CORRUPTIONS[corruption], l1, seed, sampling, epoch)
        if problem.clearance() > (CLEARANCE[dtype] if clear_of_kinks is None else clear_of_kinks):
            return problem
    raise AssertionError("no draw lay away from the kinks: make the problem smaller")
