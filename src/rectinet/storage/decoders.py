"""Decoders as named arrays and a description, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.autoencoder import Autoencoder
from rectinet.layout import padded_copy
from rectinet.network import Network

PREFIX = "decoder."


def decoder_arrays(autoencoders: Sequence[Autoencoder], first: int = 0) -> dict[str, NDArray[Any]]:
    """ "decoder.0.V" (unless tied), "decoder.0.c", ..., counted from layer `first`; the encoders are the network's."""
    arrays: dict[str, NDArray[Any]] = {}
    for k, mine in enumerate(autoencoders, first):
        if not mine.tied:
            arrays[f"{PREFIX}{k}.V"] = mine.V
        arrays[f"{PREFIX}{k}.c"] = mine.c
    return arrays


def decoder_document(autoencoders: Sequence[Autoencoder]) -> list[dict[str, Any]]:
    """What the arrays do not say."""
    return [{"reconstruction": mine.reconstruction, "by_output": mine.by_output} for mine in autoencoders]


def decoders_from(
    arrays: dict[str, NDArray[Any]], document: list[dict[str, Any]], network: Network, first: int = 0
) -> list[Autoencoder]:
    """Auto-encoders whose encoders are the hidden layers of a network, from layer `first` up."""
    found = []
    for k, facts in enumerate(document, first):
        encoder, V = network.layers[k], arrays.get(f"{PREFIX}{k}.V")
        mine = encoder.W if V is None else padded_copy(V)
        c = np.array(arrays[f"{PREFIX}{k}.c"])
        found.append(Autoencoder(encoder, mine, c, facts["reconstruction"], facts["by_output"]))
    return found
