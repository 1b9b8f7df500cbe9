"""How a parameter is written where a message is read: in Python, or as an option of the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Writer = Callable[[str, Any], str]


def _in_python(name: str, value: Any) -> str:
    if value is None:
        return name
    if isinstance(value, float):
        return f"{name}={value:g}"
    return f'{name}="{value}"' if isinstance(value, (str, os.PathLike)) else f"{name}={value!r}"


_writer: ContextVar[Writer] = ContextVar("writer", default=_in_python)
_value: ContextVar[Callable[[Any], str]] = ContextVar("value", default=repr)
_names: ContextVar[Mapping[str, str]] = ContextVar("names", default={})  # noqa: B039 (never changed)


def setting(name: str, value: Any = None) -> str:
    """A parameter, or what it is set to: scaling="standard" in Python, --scaling standard in a shell."""
    return _writer.get()(_names.get().get(name, name), value)


def shown(value: Any) -> str:
    """A value alone: (500, 500) in Python, 500,500 in a shell."""
    return _value.get()(value)


def only_in_python(sentence: str) -> str:
    """What helps nobody at a command line."""
    return sentence if _writer.get() is _in_python else ""


@contextmanager
def written_by(writer: Writer, value: Callable[[Any], str] = repr) -> Iterator[None]:
    """Another way to write parameters and their values."""
    tokens = _writer.set(writer), _value.set(value)
    try:
        yield
    finally:
        _writer.reset(tokens[0])
        _value.reset(tokens[1])


@contextmanager
def under_names(names: Mapping[str, str]) -> Iterator[None]:
    """Parameters that go by other names: those of pre-training, in a stack of auto-encoders."""
    token = _names.set(names)
    try:
        yield
    finally:
        _names.reset(token)
