"""What a layer learns from: X itself, or the codes of the layers below it, computed when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from rectinet.activations import Activation
from rectinet.arrays import Array, Matrix, Rows
from rectinet.engine import Engine
from rectinet.network import Layer, Network
from rectinet.problems import Unlabelled
from rectinet.runs.layers import LayerConfiguration
from rectinet.stored import Stored

Kind = Literal["code", "unit interval", "pre-activation"]

CHUNK_VALUES: Final = 1 << 22  # numbers held dense at once


@dataclass(frozen=True)
class Target:
    """What is reconstructed of a layer's code, and the way back.

    Attributes
    ----------
    layer : Layer
        The one whose code it is.
    kind : {"code", "unit interval", "pre-activation"}
        "code": f(z), the signs undone (section 3.3: a signed layer's target is its unsigned code); "unit interval":
        the same, mapped by (f + 1) / 2 for tanh, and cut at 1 for scaled codes, which held-out examples may exceed:
        the mean of the targets, where visible biases start, is that of what the loss takes them for.
    """

    layer: Layer
    kind: Kind

    def encoded(self, engine: Engine, below: tuple[Layer, ...], X: Matrix) -> tuple[Array, Array | None]:
        """Codes as the layer above sees them, and targets of the same shape (None: the codes themselves)."""
        signs = self.layer.signs
        if self.kind == "pre-activation":
            raw = replace(self.layer, activation=Activation("linear"), signs=None)
            z = engine.codes((*below, raw), X)[-1]
            f = self.layer.activation.value(z)
            return (f if signs is None else f * signs), z
        codes = engine.codes((*below, self.layer), X)[-1]
        if self.kind == "code" and signs is None:
            return codes, None
        f = codes if signs is None else codes * signs
        if self.kind == "code":
            return codes, f
        return codes, (f + 1) / 2 if self.layer.activation.name == "tanh" else np.minimum(f, 1)

    def decoded(self, r: Array) -> Array:
        """The codes, signs applied, that a reconstruction of the target stands for."""
        if self.kind == "pre-activation":
            f = self.layer.activation.value(r)
        else:
            f = 2 * r - 1 if self.kind == "unit interval" and self.layer.activation.name == "tanh" else r
        return f if self.layer.signs is None else f * self.layer.signs


@dataclass(frozen=True)
class Source:
    """Inputs and targets of one layer, for any rows.

    Attributes
    ----------
    X : ndarray, csr_array or Stored, of shape (n, n_inputs)
        Of the whole network.
    ids : ndarray of int64, shape (n,)
        One number for each row, the key of its noise.
    below : tuple of Layer
        The trained layers under the one in question; their codes are never held for all rows.
    target : Target or None
        None for the first layer, which reconstructs X.
    engine : Engine
    """

    X: Matrix | Stored
    ids: Rows
    below: tuple[Layer, ...]
    target: Target | None
    engine: Engine

    @classmethod
    def of(cls, network: Network, k: int, settings: LayerConfiguration, X: Matrix | Stored, engine: Engine) -> Source:
        """What hidden layer k learns from."""
        ids = np.arange(X.shape[0], dtype=np.int64)
        below = network.layers[:k]
        target = target_of(below[-1], bounded=settings.bounded, target=settings.target) if k > 0 else None
        return cls(X, ids, below, target, engine)

    @property
    def n(self) -> int:
        return int(self.X.shape[0])

    @property
    def width(self) -> int:
        """The most values that an example has at once."""
        return max([int(self.X.shape[1]), *(layer.n_out for layer in self.below)])

    @property
    def all_rows(self) -> Unlabelled | None:
        """All rows at once where nothing needs reading or computing."""
        if isinstance(self.X, Stored) or self.target is not None:
            return None
        return Unlabelled(self.X, None, self.ids)

    def rows(self, rows: Rows | slice) -> Unlabelled:
        """Inputs and targets of some rows."""
        X, ids = self.X[rows], self.ids[rows]
        if self.target is None:
            return Unlabelled(X, None, ids)
        codes, targets = self.target.encoded(self.engine, self.below[:-1], X)
        return Unlabelled(codes, targets, ids)

    def take(self, rows: Rows) -> Source:
        """The source of these rows alone; they keep their ids."""
        return replace(self, X=self.X[rows], ids=self.ids[rows])

    def chunks(self) -> Iterator[Unlabelled]:
        """All rows in order, a bounded number of values at a time."""
        step = max(1, CHUNK_VALUES // self.width)
        for start in range(0, self.n, step):
            yield self.rows(slice(start, start + step))

    def mean(self) -> NDArray[np.float64]:
        """Mean target over all rows, shape (n_in,)."""
        parts = (part.X if part.targets is None else part.targets for part in self.chunks())
        total = sum(np.asarray(part.sum(axis=0, dtype=np.float64)).ravel() for part in parts)
        return np.asarray(total / self.n)

    def peak(self) -> NDArray[np.float64]:
        """Largest |code| of the layer below over all rows, shape (n_in,)."""
        peaks = (np.abs(np.asarray(part.X)).max(axis=0).astype(np.float64) for part in self.chunks())
        return np.asarray(np.maximum.reduce(list(peaks)))


def target_of(layer: Layer, *, bounded: bool, target: str) -> Target:
    """What the auto-encoder above a layer reconstructs of its code; `bounded` when that must lie in [0, 1]."""
    if target == "pre-activation":
        return Target(layer, "pre-activation")
    return Target(layer, "unit interval" if bounded else "code")
