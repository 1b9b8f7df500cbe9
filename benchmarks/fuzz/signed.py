"""Model files that are signed correctly and wrong inside: what is in them changed, then written as rectinet writes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

import rectinet
from rectinet import StackedDenoisingAutoencoder, TextModel
from rectinet.storage import ModelFileError
from rectinet.storage.container import Contents, read_container, write_container

GOLDEN = Path(__file__).parents[2] / "tests" / "golden" / "files-0.1.0"
JSON = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["rectifier", "tanh", "float64", "native", "reference", "auto", "filename", "char"])
)
VALUES = st.recursive(JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


@cache
def _models() -> tuple[Contents, ...]:
    return tuple(read_container(path) for path in sorted(GOLDEN.glob("*.rectinet")))


@st.composite
def signed_models(draw: st.DrawFn) -> Contents:
    """A model with up to three changes inside."""
    found = copy.deepcopy(draw(st.sampled_from(_models())))
    found.arrays.update({name: np.array(values) for name, values in found.arrays.items()})
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            _change_document(draw, found.document)
        else:
            _change_array(draw, found.arrays)
    return found


def check_signed(number: int, found: Contents, folder: Path) -> str:
    """How loading it, and asking it something, ended; anything but an answer or a named error is a finding."""
    path = folder / "model.rectinet"
    write_container(path, found)
    try:
        model = rectinet.load(path)
    except ModelFileError as error:
        return _named(type(error).__name__, str(path) in str(error), error)
    if not model.__sklearn_is_fitted__():
        return "pre-trained"
    asked: Any = ["a fine film"] if isinstance(model, TextModel) else np.zeros((2, model.n_features_in_))
    try:
        answer = model.transform(asked) if isinstance(model, StackedDenoisingAutoencoder) else model.predict(asked)
    except ValueError as error:
        return _named("not finite", "not finite" in str(error), error)  # parameters too large to compute with
    assert answer.shape[0] == len(asked)
    return "answers"


def _named(outcome: str, named: bool, error: Exception) -> str:
    """The outcome, where the error says what it must."""
    assert named, f"{type(error).__name__}: {error}"
    return outcome


def _places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from _places(value, (*path, key))


def _change_document(draw: st.DrawFn, document: dict[str, Any]) -> None:
    """Put another value in some place, or take away what is there."""
    places = list(_places(document))
    if not places:
        return
    *to, key = draw(st.sampled_from(places))
    holder: Any = document
    for step in to:
        holder = holder[step]
    if draw(st.booleans()):
        holder[key] = draw(VALUES)
    else:
        del holder[key]


def _change_array(draw: st.DrawFn, arrays: dict[str, Any]) -> None:
    """Spoil, cut, retype, rename or remove an array."""
    if not arrays:
        return
    name = draw(st.sampled_from(sorted(arrays)))
    values, kind = arrays[name], draw(st.sampled_from(("spoil", "cut", "flat", "type", "rename", "remove", "empty")))
    if kind == "spoil" and values.size and values.dtype.kind == "f":
        values.flat[draw(st.integers(0, values.size - 1))] = draw(st.sampled_from([np.nan, np.inf, 1e30, 7.5, -0.0]))
    elif kind == "cut" and values.ndim:
        arrays[name] = values[: draw(st.integers(0, max(len(values) - 1, 0)))]
    elif kind == "flat":
        arrays[name] = values.ravel()
    elif kind == "type":
        with np.errstate(all="ignore"):
            arrays[name] = values.astype(draw(st.sampled_from(["float32", "float64", "int64", "uint8", "bool"])))
    elif kind == "rename":
        other = draw(st.sampled_from(sorted(arrays)))
        arrays[other] = arrays.pop(name)
    elif kind == "empty":
        arrays[name] = np.empty((10**9, 0), values.dtype)
    elif kind == "remove":
        del arrays[name]
