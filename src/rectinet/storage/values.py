"""Python values as JSON and back, type for type: what JSON lacks (tuples, dicts with any keys, arrays) is tagged."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray


def encode(value: Any) -> Any:
    """A JSON value that `decode` turns back into an equal value of the same type.

    Raises
    ------
    TypeError
        For a type that has no exact form in a model file.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, np.ndarray):
        return {"array": encode_array(value)}
    raise TypeError(f"a model file cannot hold {value!r} of type {type(value).__name__}")


def decode(value: Any) -> Any:
    """The value that `encode` was given."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if "tuple" in value:
            return tuple(decode(item) for item in value["tuple"])
        if "dict" in value:
            return {decode(key): decode(item) for key, item in value["dict"]}
        return decode_array(value["array"])
    return value


def encode_array(values: NDArray[Any]) -> dict[str, Any]:
    """A small one-dimensional array (labels, names) with its dtype, exact for strings, numbers, booleans and objects.

    Raises
    ------
    TypeError
        For other dtypes, and for objects that are not strings, numbers, booleans or None.
    """
    if values.ndim != 1 or values.dtype.kind not in "OUiufb":
        raise TypeError(
            f"labels in a model file must be strings, integers, floats or booleans in one dimension; got dtype "
            f"{values.dtype}, shape {values.shape}"
        )
    items = values.tolist()
    for item in items:
        if not (item is None or isinstance(item, (str, bool, int, float))):
            raise TypeError(f"a model file cannot hold the label {item!r} of type {type(item).__name__}; use strings")
    return {"dtype": values.dtype.str, "values": items}


def decode_array(document: dict[str, Any]) -> NDArray[Any]:
    """The array that `encode_array` was given."""
    return np.array(document["values"], dtype=np.dtype(document["dtype"]))
