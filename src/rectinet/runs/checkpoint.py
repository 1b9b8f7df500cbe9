"""Where a run stands, as a file: only the same run may go on from it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.engine import Totals
from rectinet.losses import Score
from rectinet.network import Network
from rectinet.runs.config import BY_LAYER, Configuration, Task
from rectinet.runs.data import Data
from rectinet.runs.greedy import PretrainingState
from rectinet.runs.loop import State
from rectinet.runs.plan import Plan
from rectinet.storage import DamagedModelFile, ModelFileError, load_checkpoint, save_checkpoint
from rectinet.storage.decoders import decoder_arrays, decoder_document, decoders_from
from rectinet.storage.values import decode
from rectinet.wording import setting

CHECKPOINT_SECONDS: Final = 30.0  # between two checkpoints within an epoch
BEST: Final = "best."
TASKS_OF_0_1: Final[dict[str, Task]] = {  # by the estimators that wrote a checkpoint in 0.1
    "RectifierClassifier": "classify",
    "SemiSupervisedClassifier": "classify",
    "RatingRegressor": "rate",
    "RectifierRegressor": "regress",
    "StackedDenoisingAutoencoder": "encode",
}


class CheckpointMismatch(ModelFileError):
    """The checkpoint belongs to another run."""


@dataclass(frozen=True)
class Start:
    """Where a run begins, or where an earlier one stood.

    Attributes
    ----------
    pretraining : PretrainingState or None
        None when pre-training is over or not wanted.
    pretrain_history : list of dict
        Of a pre-training that is over.
    plan : Plan or None
        Rate and length of supervised training, once they are decided.
    """

    network: Network
    seed: int
    state: State = field(default_factory=State)
    pretraining: PretrainingState | None = None
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)
    plan: Plan | None = None


@dataclass
class Checkpointer:
    """Writes a checkpoint at the end of every epoch, every half minute within one, and when training is interrupted.

    Attributes
    ----------
    identity : dict
        What a run must have in common with the checkpoint to go on from it; see `identity`.
    pretrain_history : list of dict
        Of the pre-training that came before, once it is over.
    plan : Plan or None
        Rate and length of supervised training, once they are decided.
    """

    path: str | os.PathLike[str]
    network: Network
    identity: dict[str, Any]
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)
    plan: Plan | None = None
    written: float = field(default_factory=time.monotonic)

    def __call__(self, state: State | PretrainingState, interrupted: bool) -> None:
        run = state.run if isinstance(state, PretrainingState) else state
        due = (run.step == 0 and run.epoch > 0) or time.monotonic() - self.written >= CHECKPOINT_SECONDS
        if due or interrupted:
            self.write(state)

    def write(self, state: State | PretrainingState) -> None:
        """Write it now."""
        arrays, document = _contents(state, self.pretrain_history)
        if self.plan is not None:
            document["plan"] = self.plan.document()
        save_checkpoint(self.path, self.network, arrays, {"identity": self.identity, **document})
        self.written = time.monotonic()


def identity(configuration: Configuration, data: Data, seed: int) -> dict[str, Any]:
    """What two runs have in common when they are the same run, one perhaps longer than the other."""
    return {"configuration": configuration.document(), "data": data.checksum(), "seed": seed}


def resume(path: str | os.PathLike[str] | None, configuration: Configuration, data: Data) -> Start | None:
    """The state in a checkpoint file, or None where there is no such file.

    Raises
    ------
    CheckpointMismatch
        When task, parameters or data differ; says which.
    ModelFileError
        When the file is damaged or no checkpoint.
    """
    if path is None or not Path(path).exists():
        return None
    network, arrays, document = load_checkpoint(path)
    try:
        differences = _differences(document["identity"], configuration, data)
        if not differences:
            return _start(network, arrays, document)
    except (KeyError, TypeError) as problem:
        raise DamagedModelFile(f"{path}: the checkpoint in it is incomplete ({problem!r}); delete it") from problem
    raise CheckpointMismatch(
        f"checkpoint {path} belongs to another fit: {'; '.join(differences)}. Go back to what it was begun with, "
        "delete the file, or choose another path"
    )


def _differences(found: dict[str, Any], configuration: Configuration, data: Data) -> list[str]:
    begun = _configuration_in(found)
    was, now = begun.document(), configuration.document()
    if begun.task != configuration.task:
        return [f"its task is to {begun.task}, not to {configuration.task}"]
    free = {"random_state", "max_epochs"} if begun.may_go_longer else {"random_state"}  # a drawn seed is in the file
    different = [
        f"{setting(name)} was {_shown(name, begun)!r} and is {_shown(name, configuration)!r} now"
        for name in sorted(was.keys() | now.keys())  # a neutral value stands in neither
        if name not in free and was.get(name) != now.get(name)
    ]
    if configuration.random_state not in (None, found["seed"]):
        different.append(f"{setting('random_state')} was {found['seed']!r} and is {configuration.random_state!r} now")
    if found["data"] != data.checksum():
        different.append("the examples, targets or weights are not the same")
    return different


def _shown(name: str, configuration: Configuration) -> Any:
    """A value as a person would give it: once, where it is the same for all layers."""
    value = getattr(configuration, name)
    return value[0] if name in BY_LAYER and value and len(set(value)) == 1 else value


def _configuration_in(found: dict[str, Any]) -> Configuration:
    """The configuration a checkpoint was begun with; 0.1 kept the estimator's parameters instead."""
    if "configuration" in found:
        return Configuration.from_document(found["configuration"])
    params, task = {name: decode(value) for name, value in found["params"].items()}, TASKS_OF_0_1[found["estimator"]]
    return Configuration.from_parameters(params, task, stack=task == "encode")


def _contents(
    state: State | PretrainingState, pretrain_history: list[dict[str, Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Arrays and document of a checkpoint, beside the network and the identity."""
    if isinstance(state, State):
        return _state_arrays(state), {
            "phase": "supervised",
            "state": _state_document(state),
            "pretrain_history": pretrain_history,
        }
    begun = [*state.finished, *([] if state.autoencoder is None else [state.autoencoder])]
    first = state.layer + (state.autoencoder is not None) - len(begun)  # layers whose decoders were not kept
    return _state_arrays(state.run) | decoder_arrays(begun, first), {
        "phase": "pretraining",
        "state": {
            "layer": state.layer,
            "rate": state.rate,
            "run": _state_document(state.run),
            "earlier": state.earlier,
            "first": first,
            "decoders": decoder_document(begun),
        },
    }


def _start(network: Network, arrays: dict[str, NDArray[Any]], document: dict[str, Any]) -> Start:
    seed, facts = document["identity"]["seed"], document["state"]
    if document["phase"] == "supervised":
        history, plan = document["pretrain_history"], Plan.from_document(document.get("plan"))
        return Start(network, seed, _state_from(arrays, facts), pretrain_history=history, plan=plan)
    begun = decoders_from(arrays, facts["decoders"], network, facts["first"])
    n_finished = min(len(begun), facts["layer"] - facts["first"])
    pretraining = PretrainingState(
        layer=facts["layer"],
        autoencoder=begun[-1] if len(begun) > n_finished else None,
        rate=facts["rate"],
        run=_state_from(arrays, facts["run"]),
        earlier=facts["earlier"],
        finished=begun[:n_finished],
    )
    return Start(network, seed, pretraining=pretraining)


def _state_arrays(state: State) -> dict[str, NDArray[Any]]:
    """The arrays of a training state: "best.0.W", ..."""
    return {BEST + name: values for name, values in state.best_parameters.items()}


def _state_document(state: State) -> dict[str, Any]:
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
            **vars(totals),
            "loss": float(totals.loss),
            "penalty": float(totals.penalty),
            "error": float(totals.error),
            "active": totals.active.tolist(),
            "union": totals.union.tolist(),
        },
    }


def _state_from(arrays: dict[str, NDArray[Any]], document: dict[str, Any]) -> State:
    """The training state of which `_state_arrays` and `_state_document` were taken."""
    numbers = dict(document["totals"])
    if "errors" in numbers:  # 0.1 counted misclassified examples and reconstructed entries under one name
        numbers["error"] = numbers["reconstructed"] = numbers.pop("errors")
    totals = Totals(**numbers)
    totals.reconstructed = int(totals.reconstructed)
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
