"""Layers and networks: parameters and shape, nothing that computes."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from rectinet.activations import Activation

Array = NDArray[np.floating]
Signs = Literal["positive", "balanced", "random"]

ROW_BYTES: Final = 64  # one cache line, one AVX-512 register
HUGE_PAGE: Final = 2 << 20


def row_stride(n_columns: int, itemsize: int) -> int:
    """Columns a row occupies in memory: whole cache lines, never a multiple of 1 KiB.

    Power-of-two strides would send the same column block of every row to the same few cache sets.
    """
    line = ROW_BYTES // itemsize
    lines = -(-max(n_columns, 1) // line)
    return (lines + (lines % 16 == 0)) * line


def padded_zeros(n_rows: int, n_columns: int, dtype: DTypeLike) -> Array:
    """Zeros of shape (n_rows, n_columns) laid out as the native engine wants them.

    Rows start on cache lines, padding stays 0 for ever, and large arrays lie on huge pages where the system
    has them: with 4 KiB pages every row of weights would cost a page-table walk.
    """
    dtype = np.dtype(dtype)
    stride = row_stride(n_columns, dtype.itemsize)
    n_bytes = max(n_rows * stride * dtype.itemsize, ROW_BYTES)
    if n_bytes < HUGE_PAGE:
        raw = np.zeros(n_bytes + ROW_BYTES, dtype=np.uint8)
        start = -raw.ctypes.data % ROW_BYTES
    else:
        memory = mmap.mmap(-1, n_bytes + HUGE_PAGE)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        raw = np.frombuffer(memory, dtype=np.uint8)
        start = -raw.ctypes.data % HUGE_PAGE
    flat = raw[start : start + n_rows * stride * dtype.itemsize].view(dtype)
    return flat.reshape(n_rows, stride)[:, :n_columns]


def padded_copy(values: Array, dtype: DTypeLike | None = None) -> Array:
    """A copy of a matrix in the layout of `padded_zeros`."""
    n_rows, n_columns = values.shape
    copy = padded_zeros(n_rows, n_columns, values.dtype if dtype is None else dtype)
    copy[...] = values
    return copy


def is_padded(values: Array) -> bool:
    """Whether a matrix has the layout of `padded_zeros`, so that kernels may use it in place."""
    stride = row_stride(values.shape[1], values.itemsize) * values.itemsize
    return (
        values.strides == (stride, values.itemsize)
        and values.ctypes.data % ROW_BYTES == 0
        and isinstance(values.base, np.ndarray)
    )


@dataclass(frozen=True)
class Layer:
    """One layer: ``h = signs * f(x W + b)``.

    Attributes
    ----------
    W : ndarray of shape (n_in, n_out)
        Row i holds the outgoing weights of input i: when input i is off, row i is not needed at all.
    b : ndarray of shape (n_out,)
    activation : Activation
    signs : ndarray of shape (n_out,) or None
        +1 or -1 per unit (section 3.3: "half of the units' output values are multiplied by -1"); None means all +1.
    """

    W: Array
    b: Array
    activation: Activation
    signs: Array | None = None

    def __post_init__(self) -> None:
        if self.W.ndim != 2 or self.b.shape != (self.W.shape[1],) or self.W.dtype != self.b.dtype:
            raise ValueError(
                f"a layer needs W (n_in, n_out) and b (n_out,) of one dtype; got W {self.W.shape} {self.W.dtype}, "
                f"b {self.b.shape} {self.b.dtype}"
            )
        if self.signs is not None and self.signs.shape != self.b.shape:
            raise ValueError(f"signs must have shape {self.b.shape}; got {self.signs.shape}")

    @property
    def n_in(self) -> int:
        return int(self.W.shape[0])

    @property
    def n_out(self) -> int:
        return int(self.W.shape[1])


@dataclass(frozen=True)
class Network:
    """Layers from input to output. The last one is the output layer: its activation is linear in supervised nets.

    Training changes `W` and `b` in place; the record itself never changes.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        for below, above in pairwise(self.layers):
            if below.n_out != above.n_in:
                raise ValueError(f"a layer of {below.n_out} outputs cannot feed one of {above.n_in} inputs")

    @property
    def n_inputs(self) -> int:
        return self.layers[0].n_in

    @property
    def n_outputs(self) -> int:
        return self.layers[-1].n_out

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """All layers but the output layer."""
        return self.layers[:-1]

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.layers[0].W.dtype

    @property
    def n_parameters(self) -> int:
        return sum(layer.W.size + layer.b.size for layer in self.layers)

    def copy(self) -> Network:
        """A deep copy, every W in the padded layout."""
        return Network(tuple(replace(layer, W=padded_copy(layer.W), b=layer.b.copy()) for layer in self.layers))

    def assign(self, other: Network) -> None:
        """Overwrite the parameters in place with those of a network of the same shape."""
        for mine, theirs in zip(self.layers, other.layers, strict=True):
            mine.W[...] = theirs.W
            mine.b[...] = theirs.b

    def parameters(self) -> Iterator[tuple[str, Array]]:
        """("0.W", W), ("0.b", b), ... in order of layers."""
        for k, layer in enumerate(self.layers):
            yield f"{k}.W", layer.W
            yield f"{k}.b", layer.b


def draw_signs(kind: Signs, n: int, rng: np.random.Generator, dtype: DTypeLike) -> Array | None:
    """Signs of a layer's units: all positive (None), exactly half negated, or each negated with probability 1/2.

    "balanced" is the paper's text, "random" the first author's 2010 code. With an odd n, (n - 1) / 2 are negated.
    """
    if kind == "positive":
        return None
    if kind == "balanced":
        signs = np.ones(n, dtype=dtype)
        signs[rng.permutation(n)[: n // 2]] = -1
        return signs
    if kind == "random":
        return np.where(rng.random(n) < 0.5, -1.0, 1.0).astype(dtype)
    raise ValueError(f'signs must be "positive", "balanced" or "random"; got {kind!r}')


def initialise(
    sizes: Sequence[int],
    activation: Activation,
    *,
    output: Activation | None = None,
    signs: Signs = "positive",
    rng: np.random.Generator,
    dtype: DTypeLike = np.float32,
) -> Network:
    """A fresh network: W ~ U(+-sqrt(6 / (n_in + n_out))), b = 0 for every unit type (section 4).

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden layers, outputs.
    activation : Activation
        Of the hidden units; signs apply to them alone.
    output : Activation, default linear
    """
    layers = []
    for k, (n_in, n_out) in enumerate(pairwise(sizes)):
        last = k == len(sizes) - 2
        W = padded_zeros(n_in, n_out, dtype)
        bound = np.sqrt(6.0 / (n_in + n_out))
        W[...] = rng.uniform(-bound, bound, size=(n_in, n_out))
        unit = (output or Activation("linear")) if last else activation
        unit_signs = None if last else draw_signs(signs, n_out, rng, dtype)
        layers.append(Layer(W, np.zeros(n_out, dtype), unit, unit_signs))
    return Network(tuple(layers))
