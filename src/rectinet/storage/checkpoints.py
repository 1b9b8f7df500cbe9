"""Checkpoints: where a run stands, so that resuming it gives the bytes of a run that was never stopped."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.engine import Totals
from rectinet.network import Network
from rectinet.storage.container import Contents, read_container, write_container
from rectinet.storage.errors import DamagedModelFile, WrongKind
from rectinet.storage.models import CHECKPOINT, library_version
from rectinet.storage.networks import network_arrays, network_document, network_from
from rectinet.training import Score, State

BEST: Final = "best."


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


def state_arrays(state: State) -> dict[str, NDArray[Any]]:
    """The arrays of a training state: "best.0.W", ..."""
    return {BEST + name: values for name, values in state.best_parameters.items()}


def state_document(state: State) -> dict[str, Any]:
    """Everything else of a training state, as JSON values (floats survive JSON exactly)."""
    totals = state.totals
    return {
        "epoch": state.epoch,
        "step": state.step,
        "seconds": state.seconds,
        "history": state.history,
        "best": None if state.best is None else [state.best.error, state.best.loss],
        "best_epoch": state.best_epoch,
        "totals": {
            "steps": totals.steps,
            "examples": totals.examples,
            "loss": float(totals.loss),
            "penalty": float(totals.penalty),
            "errors": float(totals.errors),
            "active": totals.active.tolist(),
            "union": totals.union.tolist(),
        },
    }


def state_from(arrays: dict[str, NDArray[Any]], document: dict[str, Any]) -> State:
    """The training state of which `state_arrays` and `state_document` were taken."""
    totals = Totals(**document["totals"])
    totals.active, totals.union = np.array(totals.active, np.int64), np.array(totals.union, np.int64)
    return State(
        epoch=document["epoch"],
        step=document["step"],
        totals=totals,
        seconds=document["seconds"],
        history=document["history"],
        best=None if document["best"] is None else Score(*document["best"]),
        best_epoch=document["best_epoch"],
        best_parameters={name[len(BEST) :]: np.array(v) for name, v in arrays.items() if name.startswith(BEST)},
    )
