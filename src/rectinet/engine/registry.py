"""Engines by name; nothing is imported until it is asked for."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Final, cast

from rectinet.engine.protocol import Engine

ENGINES: Final = {  # name: module and class
    "native": "rectinet.engine.native:NativeEngine",
    "reference": "rectinet.engine.reference:ReferenceEngine",
    "torch": "rectinet.engine.torch:TorchEngine",
    "torchrun": "rectinet.engine.torchrun:torchrun_engine",
}
DEFAULT: Final = "native"  # what "auto" is
NAMES: Final = ("auto", *ENGINES)
ON_DEVICES: Final = ("torch", "torchrun")  # their names may go on with ":" and a device of PyTorch
_DEVICE: Final = re.compile(r"[a-z]+(:[0-9]+)?")


def is_engine(name: object) -> bool:
    """Whether a name is one of an engine, with a device or without."""
    if not isinstance(name, str):
        return False
    kind, colon, device = name.partition(":")
    return name in NAMES or (kind in ON_DEVICES and bool(colon) and _DEVICE.fullmatch(device) is not None)


def get_engine(name: str = "auto", *, n_threads: int | None = None, skip_zeros: bool = True) -> Engine:
    """An engine by name.

    Parameters
    ----------
    name : {"auto", "native", "reference", "torch", "torchrun"}, or "torch:cuda" and the like
        "auto" is the native engine; what follows a colon is a device of PyTorch.
    n_threads : int or None
        None means 1: a step of a small net is too short to share. Results do not depend on it, but for PyTorch's last
        bits.
    skip_zeros : bool
        False computes with every unit as if it were active: the control of the benchmarks, same numbers, no zeros
        skipped.

    Raises
    ------
    ValueError
        For an unknown name or device.
    ImportError
        When PyTorch is asked for and not installed.
    """
    name = DEFAULT if name == "auto" else name
    if not is_engine(name):
        raise ValueError(f"engine must be one of {', '.join(NAMES)}, or such as torch:cuda; got {name!r}")
    kind, _, device = name.partition(":")
    module, maker = ENGINES[kind].split(":")
    try:
        found = getattr(import_module(module), maker)
    except ModuleNotFoundError as problem:
        if problem.name != "torch":
            raise
        raise ImportError(
            f'engine={name!r} needs PyTorch, which is not installed: pip install "rectinet[torch]", or take '
            'engine="auto"'
        ) from problem
    on = {"device": device} if device else {}
    return cast(Engine, found(n_threads=1 if n_threads is None else n_threads, skip_zeros=skip_zeros, **on))
