"""Checkpoints: where a run stands, so that resuming it gives the bytes of a run that was never stopped."""

from __future__ import annotations

import os
from typing import Any

from numpy.typing import NDArray

from rectinet.network import Network
from rectinet.storage.container import Contents, read_container, write_container
from rectinet.storage.errors import DamagedModelFile, WrongKind
from rectinet.storage.models import CHECKPOINT, library_version
from rectinet.storage.networks import network_arrays, network_document, network_from


def save_checkpoint(
    path: str | os.PathLike[str], network: Network, arrays: dict[str, NDArray[Any]], document: dict[str, Any]
) -> None:
    """Write a checkpoint, whole or not at all: a network, further arrays and JSON values of the caller's choice.

    Raises
    ------
    OSError
        When the file cannot be written; what stood at `path` is untouched.
    """
    whole = {"network": network_document(network), "run": document}
    write_container(path, Contents(CHECKPOINT, library_version(), whole, network_arrays(network) | arrays))


def load_checkpoint(path: str | os.PathLike[str]) -> tuple[Network, dict[str, NDArray[Any]], dict[str, Any]]:
    """The network, the arrays and the document of a checkpoint.

    Raises
    ------
    FileNotFoundError
    NotAModelFile, DamagedModelFile, NewerFormat, WrongKind
    """
    contents = read_container(path)
    if contents.kind != CHECKPOINT:
        raise WrongKind(f"{path} is a saved {contents.kind}, not a checkpoint; read it with rectinet.load")
    try:
        network = network_from(contents.arrays, contents.document["network"])
        return network, contents.arrays, contents.document["run"]
    except (KeyError, TypeError, ValueError) as problem:
        raise DamagedModelFile(f"{path}: the checkpoint in it is incomplete ({problem!r}); delete it") from problem
