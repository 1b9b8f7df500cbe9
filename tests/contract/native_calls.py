"""Arguments of the compiled functions, well formed: tests replace one of them and look what becomes of it."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from rectinet import _native
from rectinet.layout import padded_zeros

N, N_IN, N_HIDDEN, N_OUT = 6, 7, 5, 3


def csr(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    sparse = csr_array(X)
    return sparse.indptr.astype(np.int64), sparse.indices.astype(np.int32), sparse.data, X.shape[1]


def examples(rng: np.random.Generator) -> np.ndarray:
    """At least two entries in every row."""
    X = rng.uniform(0.1, 1, size=(N, N_IN)).astype(np.float32)
    X[rng.random(X.shape) < 0.5] = 0
    X[:, [1, 4]] = 0.5
    return X


def layer(rng: np.random.Generator, n_in: int, n_out: int) -> tuple[Any, ...]:
    W = padded_zeros(n_in, n_out, np.float32)
    W[...] = rng.normal(size=W.shape)
    signs = np.ones(n_out, np.float32)
    signs[::2] = -1
    return W, np.zeros(n_out, np.float32), signs, 0, 1.0


def network(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    return [layer(rng, N_IN, N_HIDDEN), (*layer(rng, N_HIDDEN, N_OUT)[:2], None, 4, 1.0)]


def _steps() -> dict[str, Any]:
    return {
        "order": np.arange(N),
        "batch_size": 4,
        "learning_rates": np.full(2, 0.1),
        "n_threads": 1,
        "skip_zeros": True,
        "totals": (0.0, 0.0, 0.0),
        "rule": (),
    }


def train_arguments(rng: np.random.Generator) -> dict[str, Any]:
    classes = (np.arange(N) % N_OUT).astype(np.int32)
    inputs = {"X": None, "csr": csr(examples(rng)), "classes": classes, "values": None, "weight": None}
    return {"layers": network(rng), **inputs, "l1": [1e-3], **_steps()}


def train_autoencoder_arguments(rng: np.random.Generator) -> dict[str, Any]:
    V = padded_zeros(N_IN, N_HIDDEN, np.float32)
    V[...] = rng.normal(size=V.shape)
    return {
        "encoder": layer(rng, N_IN, N_HIDDEN),
        "decoder": (V, np.zeros(N_IN, np.float32), True, 1, False),
        "X": None,
        "csr": csr(examples(rng)),
        "targets": None,
        "ids": np.arange(N),
        "noise": (2, 0.3, 0.1, 1, 2, 3),
        "sampling": (np.full(N_IN, 0.5), 4),
        "l1": 1e-3,
        **_steps(),
    }


def outputs_arguments(rng: np.random.Generator) -> dict[str, Any]:
    inputs = {"X": None, "csr": csr(examples(rng)), "out": np.zeros((N, N_OUT), np.float32)}
    return {"layers": network(rng), "n_layers": 2, **inputs, "n_threads": 1, "skip_zeros": True}


def affine_maps_arguments(rng: np.random.Generator) -> dict[str, Any]:
    inputs = {"X": None, "csr": csr(examples(rng))}
    n_stored = len(inputs["csr"][1])
    return {
        "layers": network(rng),
        "readout": np.eye(N_OUT, dtype=np.float32),
        **inputs,
        "contributions": True,
        "values": np.zeros((N, N_OUT), np.float32),
        "slopes": np.zeros(N_OUT * n_stored, np.float32),
        "constants": np.zeros((N, N_OUT), np.float32),
        "n_threads": 1,
    }


ARGUMENTS = {
    "train": train_arguments,
    "train_autoencoder": train_autoencoder_arguments,
    "outputs": outputs_arguments,
    "affine_maps": affine_maps_arguments,
}


def call(function: str, arguments: dict[str, Any]) -> Any:
    """The float32 function of this name."""
    return getattr(_native, f"{function}_f32")(**arguments)
