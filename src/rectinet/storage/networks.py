"""Networks as named arrays and a description, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.activations import Activation
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network

PREFIX = "network."


def network_arrays(network: Network) -> dict[str, NDArray[Any]]:
    """ "network.0.W", "network.0.b", "network.0.signs" (where a layer has signs), ..."""
    arrays: dict[str, NDArray[Any]] = {PREFIX + name: values for name, values in network.parameters()}
    for k, layer in enumerate(network.layers):
        if layer.signs is not None:
            arrays[f"{PREFIX}{k}.signs"] = layer.signs
    return arrays


def network_document(network: Network) -> list[dict[str, Any]]:
    """The units of every layer."""
    return [
        {
            "activation": layer.activation.name,
            "alpha": layer.activation.alpha,
            "derivative_at_zero": layer.activation.derivative_at_zero,
        }
        for layer in network.layers
    ]


def network_from(arrays: dict[str, NDArray[Any]], document: list[dict[str, Any]]) -> Network:
    """A network in the padded layout of the native engine.

    Raises
    ------
    KeyError, TypeError, ValueError
        When arrays and document do not make a network: every array is checked before memory is taken for it.
    """
    layers = []
    for k, units in enumerate(document):
        activation = Activation(units["activation"], units["alpha"], units["derivative_at_zero"])
        signs = arrays.get(f"{PREFIX}{k}.signs")
        W, b = arrays[f"{PREFIX}{k}.W"], arrays[f"{PREFIX}{k}.b"]
        _check_layer(k, W, b, signs, arrays[f"{PREFIX}0.W"].dtype)
        layers.append(Layer(padded_copy(W), np.array(b), activation, None if signs is None else np.array(signs)))
    return Network(tuple(layers))


def _check_layer(k: int, W: NDArray[Any], b: NDArray[Any], signs: NDArray[Any] | None, dtype: np.dtype[Any]) -> None:
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"parameters must be float32 or float64, not {dtype}")
    if W.ndim != 2 or not W.size:
        raise ValueError(f"layer {k} has weights of shape {W.shape}")
    for name, values in (("W", W), ("b", b), *((("signs", signs),) if signs is not None else ())):
        if values.dtype != dtype:
            raise ValueError(f"{k}.{name} is {values.dtype} and 0.W {dtype}")
        if not np.isfinite(values).all():
            raise ValueError(f"{k}.{name} has a value that is not finite")
    if signs is not None and not (np.abs(signs) == 1).all():
        raise ValueError(f"{k}.signs has values other than +1 and -1")
