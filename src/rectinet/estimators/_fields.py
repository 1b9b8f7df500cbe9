"""Constructor parameters that classifiers and regressors share, once; `RectifierClassifier` documents them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rectinet.autoencoder import Reconstruction
from rectinet.network import Signs
from rectinet.pretraining.settings import Target


@dataclass(eq=False, repr=False)
class RectifierParameters:
    """The fields become the constructor that scikit-learn reads."""

    hidden_layer_sizes: Sequence[int] = (1000, 1000, 1000)
    activation: str = "rectifier"
    softplus_alpha: float = 1.0
    signs: Signs = "positive"
    derivative_at_zero: float = 0.0
    activity_l1: float | Sequence[float] = 0.0
    activity_l1_normalization: Literal["sum", "mean"] = "sum"
    learning_rate: float = 0.01
    batch_size: int = 10
    max_epochs: int = 100
    shuffle: bool = True
    early_stopping: bool = True
    validation_fraction: float = 0.1
    patience: int = 10
    pretrain_epochs: int | Sequence[int] = 0
    pretrain_learning_rate: float | Literal["auto"] | Sequence[float | Literal["auto"]] = 0.01
    corruption: str | Sequence[str] = "masking"
    corruption_level: float | Sequence[float | tuple[float, float]] = 0.25
    reconstruction: Reconstruction | Sequence[Reconstruction] = "softplus"
    tied: bool | Sequence[bool] = False
    pretrain_batch_size: int | None = None
    pretrain_activity_l1: float | Sequence[float] | None = None
    code_scaling: Literal["auto", "none", "global", "per-unit"] = "auto"
    reconstruction_target: Target = "code"
    sampled_reconstruction: float | Literal["auto"] | Sequence[float | Literal["auto"] | None] | None = "auto"
    pretrain_decay_from: float = 1.0
    output_init: Literal["uniform", "zeros"] = "uniform"
    engine: str = "auto"
    dtype: Literal["float32", "float64"] = "float32"
    n_threads: int | None = None
    random_state: int | np.random.Generator | np.random.RandomState | None = None
    verbose: int = 0
    checkpoint: str | os.PathLike[str] | None = None
