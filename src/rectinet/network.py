"""Layers and networks: parameters and shape, nothing that computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import DTypeLike

from rectinet.activations import Activation
from rectinet.arrays import Array
from rectinet.layout import padded_copy, padded_zeros

Signs = Literal["positive", "balanced", "random"]

BLOCK_VALUES: Final = 1 << 20  # numbers of a matrix that are worked on at once


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

    def copy(self) -> Layer:
        """A deep copy, W in the padded layout."""
        signs = None if self.signs is None else self.signs.copy()
        return replace(self, W=padded_copy(self.W), b=np.array(self.b), signs=signs)

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
        return Network(tuple(layer.copy() for layer in self.layers))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Pickles and deep copies lose the padded layout of the weights; give it back."""
        object.__setattr__(self, "layers", tuple(layer.copy() for layer in state["layers"]))

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


def row_blocks(values: Array) -> Iterator[Array]:
    """Views of a matrix, or vector, a bounded number of values each: what is computed of all needs no copy of all."""
    step = max(1, BLOCK_VALUES // max(1, values[:1].size))
    for start in range(0, len(values), step):
        yield values[start : start + step]


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
        for some in row_blocks(W):  # the same numbers in the same order, without a float64 copy of all
            some[...] = rng.uniform(-bound, bound, size=some.shape)
        unit = (output or Activation("linear")) if last else activation
        unit_signs = None if last else draw_signs(signs, n_out, rng, dtype)
        layers.append(Layer(W, np.zeros(n_out, dtype), unit, unit_signs))
    return Network(tuple(layers))
