"""How a parameter is written where a message is read: in Python, or as an option of the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Value = str | float | None
Writer = Callable[[str, Value], str]


def _in_python(name: str, value: Value) -> str:
    if value is None:
        return name
    return f'{name}="{value}"' if isinstance(value, str) else f"{name}={value:g}"


_writer: ContextVar[Writer] = ContextVar("writer", default=_in_python)
_names: ContextVar[Mapping[str, str]] = ContextVar("names", default={})  # noqa: B039 (never changed)


def setting(name: str, value: Value = None) -> str:
    """A parameter, or what it is to be set to: scaling="standard" in Python, --scaling standard in a shell."""
    return _writer.get()(_names.get().get(name, name), value)


def only_in_python(sentence: str) -> str:
    """What helps nobody at a command line."""
    return sentence if _writer.get() is _in_python else ""


@contextmanager
def written_by(writer: Writer) -> Iterator[None]:
    """Another way to write parameters."""
    token = _writer.set(writer)
    try:
        yield
    finally:
        _writer.reset(token)


@contextmanager
def under_names(names: Mapping[str, str]) -> Iterator[None]:
    """Parameters that go by other names: those of pre-training, in a stack of auto-encoders."""
    token = _names.set(names)
    try:
        yield
    finally:
        _names.reset(token)
