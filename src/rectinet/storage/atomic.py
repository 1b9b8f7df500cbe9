"""Files that are complete or not there at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], chunks: Iterable[bytes | memoryview]) -> None:
    """Write a file beside its place, flush it to the disk, then rename it: readers see the old file or the new one.

    Raises
    ------
    OSError
        When the file cannot be written (no such folder, no permission, disk full). What stood at `path` is untouched.
    """
    target = Path(path).resolve()  # through a symbolic link, so that the link survives
    beside = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with open(beside, "xb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException as problem:
        beside.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            why = problem.strerror or str(problem)
            raise type(problem)(problem.errno, f"could not write, nothing was changed: {why}", str(path)) from problem
        raise
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
