"""From an estimator's flat parameters to the settings of every layer's pre-training."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy.sparse import issparse

from rectinet.autoencoder import Sampling
from rectinet.engine import Matrix
from rectinet.noise import Corruption
from rectinet.pretraining import LayerSettings
from rectinet.pretraining.settings import CodeScaling, Target

SAMPLED_ZEROS: Final = 0.1  # share of the zeros that sampled reconstruction draws, by default


@dataclass(frozen=True)
class Wishes:
    """The parameters of pre-training as the user gave them: one value, or a sequence of one per hidden layer."""

    epochs: Any
    learning_rate: Any
    batch_size: int
    corruption: Any
    corruption_level: Any
    reconstruction: Any
    tied: Any
    activity_l1: Sequence[float]  # of the sum over units, one per layer
    code_scaling: CodeScaling | Literal["auto"]
    target: Target
    sampled: Any
    decay_from: float


def plan(wishes: Wishes, activation: str, X: Matrix) -> tuple[LayerSettings, ...]:
    """Settings for every hidden layer.

    Parameters
    ----------
    activation : str
        Of the hidden units.
    X : ndarray or csr_array of shape (n, n_inputs)
        What the first layer learns from: its density and whether it is sparse decide what was left to be decided.
    """
    n = len(wishes.activity_l1)
    reconstructions = per_layer(wishes.reconstruction, n)
    if wishes.target == "pre-activation" and n > 0 and "linear" not in reconstructions:
        raise ValueError(
            'reconstruction_target="pre-activation" goes with reconstruction="linear": other output units cannot '
            f"answer with any number; got reconstruction={wishes.reconstruction!r}"
        )
    scalings: list[CodeScaling] = ["none"] * n
    for k in range(n - 1):  # the codes of the last layer are reconstructed by nobody
        wanted = wishes.code_scaling
        needed = reconstructions[k + 1] == "sigmoid" and activation == "rectifier"
        scalings[k] = ("per-unit" if needed else "none") if wanted == "auto" else wanted
    return tuple(
        LayerSettings(
            epochs=int(per_layer(wishes.epochs, n)[k]),
            learning_rate=_rate(per_layer(wishes.learning_rate, n)[k]),
            batch_size=int(wishes.batch_size),
            corruption=_corruption(wishes, k, n, X),
            activity_l1=wishes.activity_l1[k],
            reconstruction=reconstructions[k],
            tied=bool(per_layer(wishes.tied, n)[k]),
            sampling=_sampling(per_layer(wishes.sampled, n)[k], k, X),
            code_scaling=scalings[k],
            target=wishes.target if reconstructions[k] == "linear" else "code",
            decay_from=float(wishes.decay_from),
        )
        for k in range(n)
    )


def per_layer(value: Any, n: int) -> Sequence[Any]:
    """One value for each of n layers."""
    return list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * n


def warn_of_negative_inputs(settings: Sequence[LayerSettings], X: Matrix, stacklevel: int) -> None:
    """Say when the first layer's output unit cannot answer with what X holds."""
    lowest = float(X.min()) if X.size else 0.0
    if settings and settings[0].epochs and lowest < 0 and settings[0].reconstruction in ("softplus", "rectifier"):
        warnings.warn(
            f"reconstruction={settings[0].reconstruction!r} never answers below 0 and X goes down to {lowest:.3g}: "
            'what lies below cannot be reconstructed. Use reconstruction="linear" for the first layer, or scale X '
            "into [0, 1] (for example MinMaxScaler)",
            UserWarning,
            stacklevel=stacklevel,
        )


def _rate(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)


def _sampling(wish: Any, k: int, X: Matrix) -> Sampling | None:
    if isinstance(wish, str):  # "auto"
        return Sampling(SAMPLED_ZEROS) if k == 0 and issparse(X) else None
    return None if wish is None else Sampling(float(wish))


def _corruption(wishes: Wishes, k: int, n: int, X: Matrix) -> Corruption:
    kind, level = per_layer(wishes.corruption, n)[k], per_layer(wishes.corruption_level, n)[k]
    pair = isinstance(level, (list, tuple, np.ndarray))
    if kind != "salt_and_pepper":
        if pair:
            raise ValueError(
                f'corruption_level={level!r} of hidden layer {k} is a pair, which only "salt_and_pepper" takes; its '
                f"corruption is {kind!r}"
            )
        return Corruption(kind, 0.0 if kind == "none" else float(level))
    if pair:
        p_zero, p_one = level
        return Corruption(kind, float(p_zero), float(p_one))
    if k == 0:
        nonzero = X.nnz if issparse(X) else np.count_nonzero(X)
        return Corruption.for_density(kind, float(level), nonzero / max(1, X.shape[0] * X.shape[1]))
    if isinstance(wishes.corruption, str):
        return Corruption("masking", float(level))  # codes are not binary; as in the 2010 text runs
    raise ValueError(
        f'corruption="salt_and_pepper" of hidden layer {k} needs both probabilities in corruption_level, (p_zero, '
        f"p_one), since the density of its codes is not known beforehand; got {level!r}"
    )
