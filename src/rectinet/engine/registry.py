"""Engines by name; nothing is imported until it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from rectinet.engine.protocol import Engine

ENGINES: Final = {  # name: module and class
    "native": "rectinet.engine.native:NativeEngine",
    "reference": "rectinet.engine.reference:ReferenceEngine",
}
DEFAULT: Final = "native"  # what "auto" is
NAMES: Final = ("auto", *ENGINES)


def get_engine(name: str = "auto", *, n_threads: int | None = None, skip_zeros: bool = True) -> Engine:
    """An engine by name.

    Parameters
    ----------
    name : {"auto", "native", "reference"}
        "auto" is the native engine.
    n_threads : int or None
        None means 1: a step of a small net is too short to share. Results do not depend on it.
    skip_zeros : bool
        False computes with every unit as if it were active: the control of the benchmarks, same numbers, no zeros
        skipped.
    """
    name = DEFAULT if name == "auto" else name
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(NAMES)}; got {name!r}")
    module, kind = ENGINES[name].split(":")
    found = getattr(import_module(module), kind)
    return cast(Engine, found(n_threads=1 if n_threads is None else n_threads, skip_zeros=skip_zeros))
