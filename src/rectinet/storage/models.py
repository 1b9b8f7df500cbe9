"""Model files: a network, how it was made, and what its outputs mean."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from numpy.typing import NDArray

from rectinet.network import Network
from rectinet.storage.container import Contents, read_container, write_container
from rectinet.storage.errors import DamagedModelFile, WrongKind
from rectinet.storage.networks import PREFIX, network_arrays, network_document, network_from
from rectinet.storage.values import decode, encode

CHECKPOINT: Final = "checkpoint"


# What contents that do not fit together end in, when they are used: all of it is the file's fault.
WRONG_INSIDE: Final = (
    KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError, MemoryError
)  # fmt: skip


def wrong_inside(path: str | os.PathLike[str], problem: BaseException) -> DamagedModelFile:
    """The error of a file that is signed correctly and wrong inside."""
    what = str(problem) if isinstance(problem, ValueError) else repr(problem)
    return DamagedModelFile(f"{path}: the model in it does not fit together ({what:.300}); save it again")


def library_version() -> str:
    """Of the installed library; "unknown" where it runs without being installed."""
    try:
        return version("rectinet")
    except PackageNotFoundError:
        return "unknown"


@dataclass(frozen=True)
class Model:
    """What a model file holds.

    Attributes
    ----------
    kind : str
        Name of the estimator's class.
    params : dict
        All its constructor parameters.
    network : Network
    facts : dict
        Fitted facts: numbers, strings, lists, tuples, dicts and one-dimensional arrays of labels (dtypes are kept).
    history : list of dict
        One entry per epoch, without wall-clock seconds: two equal runs make two byte-equal files.
    arrays : dict of str to ndarray
        Further arrays of any shape.
    """

    kind: str
    params: dict[str, Any]
    network: Network
    facts: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


def save_model(path: str | os.PathLike[str], model: Model) -> None:
    """Write a model file, whole or not at all.

    Raises
    ------
    TypeError
        When a parameter or fact has no exact form in a file; nothing is written.
    OSError
        When the file cannot be written; what stood at `path` is untouched.
    """
    document = {
        "params": {name: encode(value) for name, value in model.params.items()},
        "facts": {name: encode(value) for name, value in model.facts.items()},
        "history": [{k: v for k, v in entry.items() if k != "seconds"} for entry in model.history],
        "network": network_document(model.network),
    }
    arrays = network_arrays(model.network) | model.arrays
    write_container(path, Contents(model.kind, library_version(), document, arrays))


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a model file.

    Raises
    ------
    FileNotFoundError
    NotAModelFile, DamagedModelFile, NewerFormat, WrongKind
    """
    contents = read_container(path)
    if contents.kind == CHECKPOINT:
        raise WrongKind(f"{path} is a checkpoint, not a model; resume it with fit(..) of an estimator with checkpoint=")
    document = contents.document
    try:
        return Model(
            kind=contents.kind,
            params={name: decode(value) for name, value in document["params"].items()},
            network=network_from(contents.arrays, document["network"]),
            facts={name: decode(value) for name, value in document["facts"].items()},
            history=document["history"],
            arrays={name: values for name, values in contents.arrays.items() if not name.startswith(PREFIX)},
        )
    except WRONG_INSIDE as problem:
        raise wrong_inside(path, problem) from problem
