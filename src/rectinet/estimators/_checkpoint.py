"""Resuming a fit from its checkpoint: only the same fit may go on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.engine import Array, Matrix
from rectinet.estimators._data import fingerprint
from rectinet.network import Network
from rectinet.storage import ModelFileError, load_checkpoint, state_from
from rectinet.storage.values import encode
from rectinet.training import State

# Parameters that change no number of a run: how long it goes on, how it is shown, where it is kept, on how many threads
FREE = ("max_epochs", "verbose", "checkpoint", "n_threads")


class CheckpointMismatch(ModelFileError):
    """The checkpoint belongs to another fit."""


@dataclass(frozen=True)
class Resumed:
    """Where an earlier fit stood."""

    network: Network
    state: State
    seed: int


def identity(
    estimator: Any,
    X: Matrix,
    y: NDArray[Any],
    weight: Array | None,
    validation: tuple[Matrix, NDArray[Any]] | None,
) -> dict[str, Any]:
    """What two fits must have in common for one to go on where the other stopped."""
    random_state = estimator.random_state
    if not (random_state is None or isinstance(random_state, (int, np.integer))):
        raise ValueError(f"checkpoint needs random_state to be None or an integer; got {random_state!r}")
    params = {name: encode(v) for name, v in estimator.get_params(deep=False).items() if name not in FREE}
    return {
        "estimator": type(estimator).__name__,
        "params": params,
        "data": fingerprint(X, y, weight, *(validation or ())),
    }


def resume(path: str | os.PathLike[str], wanted: dict[str, Any]) -> Resumed | None:
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
    found = document["identity"]
    differences = list(_differences(found, wanted))
    if differences:
        raise CheckpointMismatch(
            f"checkpoint {path} belongs to another fit: {'; '.join(differences)}. Go back to what it was begun with, "
            "delete the file, or choose another path"
        )
    return Resumed(network, state_from(arrays, document["state"]), found["seed"])


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    if found["estimator"] != wanted["estimator"]:
        return [f"it is of a {found['estimator']}, not of a {wanted['estimator']}"]
    names = sorted({*found["params"], *wanted["params"]})
    pairs = [(name, found["params"].get(name), wanted["params"].get(name)) for name in names]
    different = [f"{name} was {was!r} and is {now!r} now" for name, was, now in pairs if was != now]
    if found["data"] != wanted["data"]:
        different.append("the examples, targets or weights are not the same")
    return different
