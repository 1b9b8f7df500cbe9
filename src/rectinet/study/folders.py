"""The folders beside the store: networks that other runs start from, checkpoints of unfinished runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rectinet.study.errors import StoreNotWritable


def prepared(folder: Path) -> None:
    """Make them where they are not there; what a killed process left half-written is removed."""
    for name in ("networks", "checkpoints"):
        try:
            (folder / name).mkdir(exist_ok=True)
            for left in (folder / name).glob(".*.tmp"):
                left.unlink(missing_ok=True)
        except OSError as problem:
            raise StoreNotWritable(f"{folder / name} cannot be written: {problem.strerror}") from problem


def swept(folder: Path, finished: Iterable[str]) -> None:
    """Remove the checkpoints of finished runs, which are stored by now."""
    keys = set(finished)
    for file in (folder / "checkpoints").iterdir():
        if file.name.lstrip(".").partition("-")[0] in keys:
            file.unlink(missing_ok=True)
