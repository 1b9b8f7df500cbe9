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
    """A network in the padded layout of the native engine."""
    layers = []
    for k, units in enumerate(document):
        activation = Activation(units["activation"], units["alpha"], units["derivative_at_zero"])
        signs = arrays.get(f"{PREFIX}{k}.signs")
        W, b = arrays[f"{PREFIX}{k}.W"], arrays[f"{PREFIX}{k}.b"]
        layers.append(Layer(padded_copy(W), np.array(b), activation, None if signs is None else np.array(signs)))
    return Network(tuple(layers))
