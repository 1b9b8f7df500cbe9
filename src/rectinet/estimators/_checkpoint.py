"""Resuming a fit from its checkpoint: only the same fit may go on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.engine import Array, Matrix
from rectinet.estimators._data import fingerprint
from rectinet.estimators._decoders import decoder_arrays, decoder_document, decoders_from
from rectinet.network import Network
from rectinet.pretraining import PretrainingState
from rectinet.storage import DamagedModelFile, ModelFileError, load_checkpoint, state_arrays, state_document, state_from
from rectinet.storage.values import encode
from rectinet.training import State

# Parameters that change no number of a run: how long it goes on, how it is shown, where it is kept, on how many threads
FREE = ("max_epochs", "verbose", "checkpoint", "n_threads")


class CheckpointMismatch(ModelFileError):
    """The checkpoint belongs to another fit."""


@dataclass(frozen=True)
class Start:
    """Where a fit begins, or where an earlier one stood.

    Attributes
    ----------
    pretraining : PretrainingState or None
        None when pre-training is over or not wanted.
    pretrain_history : list of dict
        Of a pre-training that is over.
    """

    network: Network
    seed: int
    state: State = field(default_factory=State)
    pretraining: PretrainingState | None = None
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)


def identity(estimator: Any, *parts: Matrix | Array | NDArray[Any] | Network | None) -> dict[str, Any]:
    """What two fits must have in common for one to go on where the other stopped."""
    random_state = estimator.random_state
    if not (random_state is None or isinstance(random_state, (int, np.integer))):
        raise ValueError(f"checkpoint needs random_state to be None or an integer; got {random_state!r}")
    params = {name: encode(v) for name, v in estimator.get_params(deep=False).items() if name not in FREE}
    arrays: list[Any] = []
    for part in parts:
        arrays += [values for _, values in part.parameters()] if isinstance(part, Network) else [part]
    return {"estimator": type(estimator).__name__, "params": params, "data": fingerprint(*arrays)}


def resume(path: str | os.PathLike[str], wanted: dict[str, Any]) -> Start | None:
    """The state in a checkpoint file, or None where there is no such file.

    Raises
    ------
    CheckpointMismatch
        When estimator, parameters or data differ; says which.
    ModelFileError
        When the file is damaged or no checkpoint.
    """
    if not Path(path).exists():
        return None
    network, arrays, document = load_checkpoint(path)
    try:
        found = document["identity"]
        differences = list(_differences(found, wanted))
        if not differences:
            return _start(network, arrays, document)
    except (KeyError, TypeError) as problem:
        raise DamagedModelFile(f"{path}: the checkpoint in it is incomplete ({problem!r}); delete it") from problem
    raise CheckpointMismatch(
        f"checkpoint {path} belongs to another fit: {'; '.join(differences)}. Go back to what it was begun with, "
        "delete the file, or choose another path"
    )


def contents(
    state: State | PretrainingState, pretrain_history: list[dict[str, Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and document of a checkpoint, beside the network and the identity."""
    if isinstance(state, State):
        return state_arrays(state), {
            "phase": "supervised",
            "state": state_document(state),
            "pretrain_history": pretrain_history,
        }
    begun = [*state.finished, *([] if state.autoencoder is None else [state.autoencoder])]
    first = state.layer + (state.autoencoder is not None) - len(begun)  # layers whose decoders were not kept
    return state_arrays(state.run) | decoder_arrays(begun, first), {
        "phase": "pretraining",
        "state": {
            "layer": state.layer,
            "rate": state.rate,
            "run": state_document(state.run),
            "earlier": state.earlier,
            "first": first,
            "decoders": decoder_document(begun),
        },
    }


def _start(network: Network, arrays: dict[str, NDArray[Any]], document: dict[str, Any]) -> Start:
    seed, facts = document["identity"]["seed"], document["state"]
    if document["phase"] == "supervised":
        history = document["pretrain_history"]
        return Start(network, seed, state_from(arrays, facts), pretrain_history=history)
    begun = decoders_from(arrays, facts["decoders"], network, facts["first"])
    n_finished = min(len(begun), facts["layer"] - facts["first"])
    pretraining = PretrainingState(
        layer=facts["layer"],
        autoencoder=begun[-1] if len(begun) > n_finished else None,
        rate=facts["rate"],
        run=state_from(arrays, facts["run"]),
        earlier=facts["earlier"],
        finished=begun[:n_finished],
    )
    return Start(network, seed, pretraining=pretraining)


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    if found["estimator"] != wanted["estimator"]:
        return [f"it is of a {found['estimator']}, not of a {wanted['estimator']}"]
    names = sorted({*found["params"], *wanted["params"]})
    pairs = [(name, found["params"].get(name), wanted["params"].get(name)) for name in names]
    different = [f"{name} was {was!r} and is {now!r} now" for name, was, now in pairs if was != now]
    if found["data"] != wanted["data"]:
        different.append("the examples, targets or weights are not the same")
    return different
