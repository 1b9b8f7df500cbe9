"""The file of a checkpoint: which one a run has, and that no other run is writing it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from rectinet.runs.config import Configuration
from rectinet.runs.data import Data
from rectinet.storage import ModelFileError
from rectinet.storage.atomic import remove_leftovers


class CheckpointInUse(ModelFileError):
    """Another run is writing the checkpoint."""


def checkpoint_file(checkpoint: str | os.PathLike[str] | None, configuration: Configuration, data: Data) -> Path | None:
    """The file itself, or in a folder the one of this run: named by what it may be taken up with, so not its length."""
    if checkpoint is None or not Path(checkpoint).is_dir():
        return None if checkpoint is None else Path(checkpoint)
    alike = replace(configuration, max_epochs=1) if configuration.may_go_longer else configuration
    return Path(checkpoint) / f"{alike.key(data.checksum())[:32]}.checkpoint"


@contextmanager
def reserved(path: Path | None) -> Iterator[None]:
    """Keep other runs from the file for the length of a run, and remove what killed ones left beside it.

    Raises
    ------
    CheckpointInUse
    OSError
        When there is no such folder, or nothing can be written there.
    """
    if path is None:
        yield
        return
    beside = path.with_name(f".{path.name[:200]}.lock")
    with open(beside, "w") as lock:
        try:
            with suppress(PermissionError):  # some network disks know no locks
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise CheckpointInUse(
                f"checkpoint {path} is being written by another run; wait for it, or choose another path. A folder as "
                "checkpoint gives every run a file of its own"
            ) from problem
        try:
            remove_leftovers(path)
            yield
        finally:
            with suppress(OSError):
                beside.unlink()
