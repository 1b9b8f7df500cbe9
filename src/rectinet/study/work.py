"""One run, executed: what a worker does, in this process, in another one or on another machine."""

from __future__ import annotations

import errno
import platform
import socket
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from rectinet.errors import DivergenceError
from rectinet.inside import sparsity
from rectinet.network import Network
from rectinet.runs import Configuration, Data, Outcome, run
from rectinet.runs.reserved import CheckpointInUse
from rectinet.storage import Model, ModelFileError, load_model, save_model
from rectinet.storage.models import library_version
from rectinet.study import rival
from rectinet.study.arrays import packed
from rectinet.study.errors import StudyError
from rectinet.study.planned import DataSource, Planned
from rectinet.study.result import Result
from rectinet.study.rival import Rival

WAIT_SECONDS: Final = 1.0  # between two looks at a checkpoint that another process is writing
NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
LIBRARIES: Final = ("numpy", "scipy", "scikit-learn")

Stop = Callable[[], bool]


@dataclass(frozen=True)
class Task:
    """All that a worker needs to know; small, so that it can be sent anywhere.

    Attributes
    ----------
    checksum : str
        Of the data as the sender sees them; the worker loads its own copy and must find the same.
    numerics : str
        Of the sender's engine.
    start : str or None
        Key of the run it starts from, whose network is in the folder.
    pause : int or None
        The epoch after which it ends for now, to go on from its checkpoint; see `rungs`.
    keep : bool
        Whether its network is kept for other runs.
    folder : Path
        Of the study: networks and checkpoints are there. All workers must see it.
    """

    planned: Planned
    key: str
    checksum: str
    numerics: str
    start: str | None
    keep: bool
    folder: Path
    pause: int | None = None

    @property
    def checkpoint(self) -> Path:
        """Of one engine: another one would go on with other numbers."""
        return self.folder / "checkpoints" / f"{self.key}-{self.numerics or 'rival'}"


def network_file(folder: Path, key: str) -> Path:
    """Where the network of a run is kept that others start from."""
    return folder / "networks" / f"{key}.safetensors"


def never() -> bool:
    return False


def execute(task: Task, stop: Stop = never) -> Result:
    """Execute a run, or go on with it from its checkpoint; whatever goes wrong becomes its result.

    Parameters
    ----------
    stop : callable
        Asked several times a second; when it answers True the run ends as "interrupted".
    """
    began = datetime.now(UTC)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = _executed(task, stop)
        except DivergenceError as error:
            result = _diverged(task, error)
        except KeyboardInterrupt:
            result = Result(task.key, "interrupted")
        except Exception as error:  # the others go on, where there is room for what they write
            full = isinstance(error, OSError) and error.errno in NO_ROOM
            result = Result(task.key, "interrupted" if full else "failed", error=_sentence(error))
    moment = {
        "started": began.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": socket.gethostname(),
        "notes": list(dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning))),
    }
    return replace(result, moment=moment | result.moment, versions=_versions(), numerics=task.numerics)


def _executed(task: Task, stop: Stop) -> Result:
    data, configuration = _data(task), task.planned.configuration
    if task.planned.numerics != task.numerics:
        raise StudyError("the worker's engine computes other numbers than this one: install the same rectinet there")
    if isinstance(configuration, Rival):
        predictions, seconds = rival.fit(configuration, data)
        return Result(task.key, "done", ending="finished", predictions=packed(predictions), moment={"seconds": seconds})
    if task.start is not None:
        data = replace(data, start=load_model(network_file(task.folder, task.start)).network)
    if task.pause is not None:  # a shorter run, whose checkpoint the longer one goes on from
        configuration = replace(configuration, max_epochs=min(task.pause, int(configuration.max_epochs)))
    outcome = _run(configuration, data, task, stop)
    if outcome.ending == "interrupted":
        return Result(task.key, "interrupted")
    if task.keep:
        save_model(network_file(task.folder, task.key), Model("network", {}, outcome.network))
    history, epochs = _apart(outcome.history)
    pretrain_history, pretrain_epochs = _apart(outcome.pretrain_history)
    return Result(
        task.key,
        "done",
        history=history,
        pretrain_history=pretrain_history,
        n_epochs=outcome.n_epochs,
        best_epoch=outcome.best_epoch,
        ending=outcome.ending,
        zeros=_zeros(configuration, outcome.network, data) if outcome.predictions else None,
        predictions=packed(outcome.predictions) if outcome.predictions else None,
        moment=_seconds(epochs, pretrain_epochs),
    )


def _run(configuration: Configuration, data: Data, task: Task, stop: Stop) -> Outcome:
    """From its checkpoint; from the beginning where that cannot be read."""
    while True:
        try:
            return run(configuration, data, checkpoint=task.checkpoint, watch=lambda moment: stop())
        except CheckpointInUse:  # by a worker that has lost its scheduler and not noticed yet: go on where it ends
            if stop():
                raise KeyboardInterrupt from None
            time.sleep(WAIT_SECONDS)
        except ModelFileError:
            if not task.checkpoint.exists():
                raise
            task.checkpoint.unlink()


def _diverged(task: Task, error: DivergenceError) -> Result:
    history, epochs = _apart(error.history)
    sentence = str(error).split(". ")[0]  # the rest of it speaks of an estimator's attributes
    found = Result(task.key, "diverged", error=sentence, moment=_seconds(epochs))
    if history and "layer" in history[0]:
        return replace(found, pretrain_history=history)
    return replace(found, history=history, n_epochs=len(history))


def _data(task: Task) -> Data:
    data, checksum = _loaded(task.planned.source)
    if checksum != task.checksum:
        raise StudyError(
            f"the data of {task.planned.source!r} on {socket.gethostname()} are not those the study was begun with: "
            f"their checksum is {checksum[:12]} and not {task.checksum[:12]}"
        )
    return data


@lru_cache(maxsize=1)
def _loaded(source: DataSource) -> tuple[Data, str]:
    """Kept for the next run, which often learns from the same."""
    data = source.load()
    return data, data.checksum()


def _zeros(configuration: Configuration, network: Network, data: Data) -> list[float] | None:
    if data.test is None:
        return None
    shares: list[float] = np.asarray(sparsity.zeros(configuration.computed_by(), network, data.test.matrix)).tolist()
    return shares


def _apart(history: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[float]]:
    """A history without its seconds, and these."""
    without = [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]
    return without, [float(entry.get("seconds", 0.0)) for entry in history]


def _seconds(epochs: list[float], pretrain_epochs: list[float] | None = None) -> dict[str, Any]:
    """Of training, whatever interrupted it; not of loading data."""
    before = pretrain_epochs or []
    return {"seconds": sum(epochs) + sum(before), "epoch_seconds": epochs, "pretrain_epoch_seconds": before}


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _versions() -> dict[str, str]:
    from rectinet._native._kernels import isa

    found = {name: version(name) for name in LIBRARIES}
    ours = {"rectinet": library_version(), "instruction_set": isa()}
    return found | ours | {"python": platform.python_version()}
