"""Stored results: JSON, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def read_results(path: Path) -> dict[str, Any]:
    """What `write_results` stored, or nothing yet."""
    if not path.exists():
        return {}
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored


def read_all(folder: Path) -> dict[str, Any]:
    """The timings of a folder, and under "scripts" what each script stored there; {} where nothing was timed yet."""
    results = read_results(folder / "bench.json")
    return results | {"scripts": read_scripts(folder)} if results else {}


def read_scripts(folder: Path) -> dict[str, Any]:
    """What the scripts stored in a folder, by name; `Figure` bars are judged on it."""
    return {path.stem: read_results(path) for path in sorted(folder.glob("*.json")) if path.stem != "bench"}


def write_results(path: Path, results: dict[str, Any]) -> None:
    """Replace the file in one move, so that it is never half-written."""
    write_text(path, json.dumps(results, indent=1, sort_keys=False) + "\n")


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
