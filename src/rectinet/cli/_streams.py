"""Standard output and error that end nothing: a reader that went away, and a terminal that knows only ASCII."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Unread(io.FileIO):
    """A file descriptor that takes what nobody reads any more."""

    reader_left = False

    def write(self, data: Any) -> int:
        if self.reader_left:
            return len(data)
        try:
            return super().write(data)
        except BrokenPipeError:
            type(self).reader_left = True
            return len(data)


def make_tolerant() -> None:
    """Make sys.stdout and sys.stderr so. `rectinet train ... | head` still saves its model.

    A character that the terminal's encoding does not have is replaced, not an error.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            descriptor = os.dup(stream.fileno())
        except (AttributeError, OSError, ValueError):  # not open, or no file
            continue
        stream.flush()
        raw = _Unread(descriptor, "w")
        errors = "backslashreplace" if name == "stderr" else "replace"
        tolerant = io.TextIOWrapper(
            io.BufferedWriter(raw), stream.encoding, errors, line_buffering=stream.isatty() or name == "stderr"
        )
        setattr(sys, name, tolerant)


def nobody_reads() -> bool:
    """Whether the reader of standard output has gone, as `head` does."""
    return _Unread.reader_left


def write_utf8(text: str) -> None:
    """Write data, not words, to standard output: in UTF-8 whatever the terminal's encoding, as files have it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
