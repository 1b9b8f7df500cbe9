"""Networks as modules of PyTorch and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from rectinet.activations import Activation
from rectinet.arrays import Array
from rectinet.encoders.scaling import Scaler
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network
from rectinet.runs.targets import Targets, Values

Module = Any  # PyTorch is an extra, so its types are unknown where it is not installed
LINEAR_FROM: Final = 40.0  # above, log(1 + e^z) and z are one number in float64
LEAST_THRESHOLD: Final = 15.0  # of a Softplus; below, its straight part is further from ours than float32 rounds
ENDINGS: Final[dict[type, Literal["softmax", "sigmoid"]]] = {
    torch.nn.Softmax: "softmax",
    torch.nn.LogSoftmax: "softmax",
    torch.nn.Sigmoid: "sigmoid",
}
TAKEN: Final = "Linear, ReLU, Softplus, Tanh, Sigmoid, Identity, Dropout and Flatten, in a Sequential"


class Scale(torch.nn.Module):  # type: ignore[misc]
    """Features on the scales that the network knows: computed in float64, given in its dtype.

    Parameters
    ----------
    scaler : Scaler
    dtype : torch.dtype
    """

    def __init__(self, scaler: Scaler, dtype: Any) -> None:
        super().__init__()
        self.scaler, self.dtype = scaler, dtype
        for name, values in scaler.arrays().items():
            self.register_buffer(name, torch.tensor(values))

    def forward(self, X: Any) -> Any:
        X = X.double()
        columns = list(((X - self.shift) / self.divisor).unbind(dim=1))
        starts = self.starts.tolist()
        for j, (first, end) in enumerate(pairwise(starts)):
            if first < end:
                columns[j] = _interpolated(X[:, j], self.x[first:end], self.z[first:end])
        return torch.stack(columns, dim=1).to(self.dtype)


def _interpolated(value: Any, x: Any, z: Any) -> Any:
    """`numpy.interp`."""
    slopes = torch.cat([z.diff() / x.diff(), z.new_zeros(1)])
    last = (torch.searchsorted(x, value.contiguous(), right=True) - 1).clamp(min=0)
    return slopes[last] * (value - x[last]).clamp(min=0) + z[last]


def module_of(network: Network, targets: Targets, scaler: Scaler | None) -> Module:
    """A Sequential with the network's outputs; of values in the targets' own units."""
    modules: list[Module] = [] if scaler is None else [Scale(scaler, torch.tensor(network.layers[0].b).dtype)]
    signs: Array | None = None
    for k, layer in enumerate(network.layers):
        W, b = layer.W.astype(np.float64), layer.b.astype(np.float64)
        if signs is not None:
            W = W * signs[:, np.newaxis]
        if isinstance(targets, Values) and k == len(network.layers) - 1:
            W, b = W * targets.scale, b * targets.scale + targets.mean
        modules += [_linear(W, b, network.dtype), *_unit(layer.activation)]
        signs = layer.signs
    return torch.nn.Sequential(*modules)


def _linear(W: Array, b: Array, dtype: np.dtype[np.floating]) -> Module:
    linear = torch.nn.Linear(*W.shape, device="meta")  # nothing is drawn, so that no generator moves
    linear.weight = torch.nn.Parameter(torch.tensor(np.ascontiguousarray(W.T, dtype=dtype)))
    linear.bias = torch.nn.Parameter(torch.tensor(b.astype(dtype)))
    return linear


def _unit(unit: Activation) -> list[Module]:
    if unit.name == "linear":
        return []
    if unit.name == "softplus":
        return [torch.nn.Softplus(beta=unit.alpha, threshold=LINEAR_FROM)]
    return [{"rectifier": torch.nn.ReLU, "tanh": torch.nn.Tanh, "logistic": torch.nn.Sigmoid}[unit.name]()]


# -- and back ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What a module computes.

    Attributes
    ----------
    network : Network
    scaler : Scaler or None
        Of the features, before.
    ending : {"softmax", "sigmoid"} or None
        What follows the outputs.
    """

    network: Network
    scaler: Scaler | None
    ending: Literal["softmax", "sigmoid"] | None


def taken_from(module: Module) -> Taken:
    """A module as a network.

    Parameters
    ----------
    module : torch.nn.Module
        A Linear, or a Sequential of what `TAKEN` names.

    Raises
    ------
    TypeError
        For what is no module, or has a part that rectinet has no unit for.
    ValueError
        For parts that do not fit together, values that are not finite, and other dtypes than float32 or float64.
    """
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"from_torch takes a torch.nn.Module; got a {type(module).__name__}")
    parts = [(name, part) for name, part in _parts(module, "") if not _does_nothing(part)]
    scaler = parts.pop(0)[1].scaler if parts and type(parts[0][1]) is Scale else None
    ending = ENDINGS.get(type(parts[-1][1])) if parts else None
    layers: list[Layer] = []
    pending: tuple[str, Array, Array] | None = None
    for name, part in parts[: -1 if ending else None]:
        if type(part) is torch.nn.Linear:
            if pending is not None:
                layers.append(_layer(pending, Activation("linear"), layers))
            pending = (name, *_weights(name, part))
        else:
            unit = _activation(name, part)
            if pending is None:
                raise ValueError(f"module {name} of from_torch, a {type(part).__name__}, has no Linear before it")
            layers.append(_layer(pending, unit, layers))
            pending = None
    if pending is None:
        last = f"ends with {parts[-1][0]}, a {type(parts[-1][1]).__name__}" if parts else "has no part"
        raise ValueError(f"a network's outputs are those of a Linear; the module of from_torch {last}")
    layers.append(_layer(pending, Activation("linear"), layers))
    if scaler is not None and scaler.n_columns != layers[0].n_in:
        raise ValueError(f"a Scale of {scaler.n_columns} features cannot feed a Linear of {layers[0].n_in}")
    return Taken(Network(tuple(layers)), scaler, ending)


def _parts(module: Module, name: str) -> Iterator[tuple[str, Module]]:
    if module._forward_hooks or module._forward_pre_hooks:
        raise TypeError(
            f"module {name or 'as a whole'} of from_torch has hooks, which may do anything; remove them (after "
            "torch.nn.utils.prune: prune.remove)"
        )
    if type(module) is torch.nn.Sequential:
        for key, part in module.named_children():
            yield from _parts(part, f"{name}.{key}" if name else key)
    else:
        yield name or "0", module


def _does_nothing(part: Module) -> bool:
    """In prediction, to examples of one dimension."""
    return type(part) in (torch.nn.Identity, torch.nn.Dropout) or (
        type(part) is torch.nn.Flatten and (part.start_dim, part.end_dim) == (1, -1)
    )


def _weights(name: str, linear: Module) -> tuple[Array, Array]:
    """W (n_in, n_out) and b of a Linear."""
    found: list[NDArray[Any]] = []
    bias = linear.bias if linear.bias is not None else torch.zeros(linear.weight.shape[0], dtype=linear.weight.dtype)
    for what, values in (("weight", linear.weight), ("bias", bias)):
        if values.device.type == "meta":
            raise ValueError(f"{what} of module {name} has no values (it is on the device meta): load them first")
        if values.dtype not in (torch.float32, torch.float64):
            raise ValueError(
                f"{what} of module {name} is {values.dtype}; rectinet has float32 and float64: convert it with "
                "module.float()"
            )
        if not bool(torch.isfinite(values).all()):
            raise ValueError(f"{what} of module {name} has a value that is not finite")
        found.append(values.detach().cpu().numpy())
    weight, b = found
    if weight.ndim != 2 or not weight.size or b.shape != (weight.shape[0],):
        raise ValueError(f"module {name} has a weight of shape {weight.shape} and a bias of shape {b.shape}")
    if weight.dtype != b.dtype:
        raise ValueError(f"module {name} has a weight of {weight.dtype} and a bias of {b.dtype}")
    return weight.T, b


def _layer(weights: tuple[str, Array, Array], unit: Activation, below: list[Layer]) -> Layer:
    name, W, b = weights
    if below and below[-1].n_out != W.shape[0]:
        raise ValueError(f"module {name} takes {W.shape[0]} inputs, and the one before it gives {below[-1].n_out}")
    if below and below[-1].W.dtype != W.dtype:
        raise ValueError(f"module {name} is {W.dtype}, and the one before it {below[-1].W.dtype}")
    return Layer(padded_copy(W), np.array(b), unit)


def _activation(name: str, part: Module) -> Activation:
    if type(part) is torch.nn.Softplus:
        if part.threshold < LEAST_THRESHOLD:
            raise ValueError(
                f"module {name} is a Softplus with threshold={part.threshold:g}, straight from there on; rectinet's is "
                f"curved everywhere: from_torch takes thresholds of {LEAST_THRESHOLD:g} or more"
            )
        return Activation("softplus", float(part.beta))
    units = {torch.nn.ReLU: "rectifier", torch.nn.Tanh: "tanh", torch.nn.Sigmoid: "logistic"}
    if type(part) not in units:
        raise TypeError(f"module {name} is a {type(part).__name__}; from_torch takes {TAKEN}")
    return Activation(units[type(part)])
