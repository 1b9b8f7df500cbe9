"""Units: what a neuron does to its input, and the facts the rest of the library relies on.

Every function keeps the dtype and shape of its argument. Formulas: Glorot, Bordes, Bengio 2011, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from rectinet.arrays import Array

NAMES: Final = ("rectifier", "softplus", "tanh", "logistic", "linear")


def logistic(z: Array) -> Array:
    """1 / (1 + e^-z), without overflow on either side."""
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1 / (1 + e), e / (1 + e)), dtype=z.dtype)


def softplus(z: Array, alpha: float = 1.0) -> Array:
    """(1 / alpha) log(1 + e^(alpha z)), stable for large |z|."""
    a = z.dtype.type(alpha)
    return np.asarray(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(a * z))) / a, dtype=z.dtype)


@dataclass(frozen=True)
class Activation:
    """One kind of unit.

    Parameters
    ----------
    name : {"rectifier", "softplus", "tanh", "logistic", "linear"}
    alpha : float, default=1.0
        Sharpness of the rescaled softplus; 1 is softplus, infinity the rectifier (section 4.1). Ignored elsewhere.
    derivative_at_zero : {0.0, 1.0}, default=0.0
        What the rectifier's derivative is at z = 0, an open question of the paper. A unit at 0 sends nothing
        forward, so an engine that skips zeros can only honour 0; the reference engine takes both.
    """

    name: str = "rectifier"
    alpha: float = 1.0
    derivative_at_zero: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"activation must be one of {', '.join(NAMES)}; got {self.name!r}")
        if not (np.isfinite(self.alpha) and self.alpha > 0):
            raise ValueError(f"softplus_alpha must be a positive finite number; got {self.alpha!r}")
        if self.derivative_at_zero not in (0.0, 1.0):
            raise ValueError(f"derivative_at_zero must be 0 or 1; got {self.derivative_at_zero!r}")

    @property
    def exact_zeros(self) -> bool:
        """Whether the unit can be off: its output exactly 0 on a set of positive measure."""
        return self.name == "rectifier"

    @property
    def one_sided(self) -> bool:
        """Whether the unit never answers with a negative value."""
        return self.name in ("rectifier", "softplus", "logistic")

    @property
    def homogeneous(self) -> bool:
        """Whether f(c z) = c f(z) for c > 0, so that scales can be folded into the weights."""
        return self.name in ("rectifier", "linear")

    def value(self, z: Array) -> Array:
        """f(z)."""
        if self.name == "rectifier":
            return np.asarray(np.maximum(z, 0), dtype=z.dtype)  # keeps NaN
        if self.name == "softplus":
            return softplus(z, self.alpha)
        if self.name == "tanh":
            return np.asarray(np.tanh(z), dtype=z.dtype)
        return logistic(z) if self.name == "logistic" else z.copy()

    def derivative(self, z: Array) -> Array:
        """f'(z)."""
        if self.name == "rectifier":
            at_zero = self.derivative_at_zero
            return np.asarray(np.where(z > 0, 1.0, np.where(z == 0, at_zero, 0.0)), dtype=z.dtype)
        if self.name == "softplus":
            return logistic(z.dtype.type(self.alpha) * z)
        if self.name == "tanh":
            return np.asarray(1 - np.tanh(z) ** 2, dtype=z.dtype)
        if self.name == "logistic":
            s = logistic(z)
            return np.asarray(s * (1 - s), dtype=z.dtype)
        return np.ones_like(z)


def lif_rate(
    current: Array,
    *,
    t_ref: float = 2e-3,
    tau: float = 20e-3,
    resistance: float = 1.0,
    v_reset: float = 0.0,
    v_threshold: float = 1.0,
    v_rest: float = 0.0,
) -> Array:
    """Firing rate of a leaky integrate-and-fire neuron, for plots (Figure 1, left).

    Parameters
    ----------
    current : ndarray
        Input current I, in units such that ``resistance * current`` is a voltage.
    t_ref, tau : float
        Refractory period and membrane time constant, seconds.
    resistance, v_reset, v_threshold, v_rest : float
        Membrane resistance R, reset, threshold and resting potentials V_r, V_th and E.

    Returns
    -------
    ndarray
        Spikes per second: 0 up to the threshold, then slowly saturating towards ``1 / t_ref``.
    """
    drive = v_rest + resistance * np.asarray(current, dtype=float)
    fires = drive > v_threshold
    safe = np.where(fires, drive, v_threshold + 1.0)
    rate = 1.0 / (t_ref + tau * np.log((safe - v_reset) / (safe - v_threshold)))
    return np.asarray(np.where(fires, rate, 0.0))
