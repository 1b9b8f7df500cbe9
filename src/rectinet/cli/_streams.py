"""Standard output and error that tolerate a closed pipe and a terminal limited to ASCII."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Unread(io.FileIO):
    """A file descriptor for output that is no longer read."""

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
    """Make sys.stdout and sys.stderr tolerant. `rectinet train ... | head` still saves its model.

    A character that the terminal's encoding lacks is replaced instead of raising an error.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        try:
            descriptor = os.dup(stream.fileno())
        except (AttributeError, OSError, ValueError):  # closed, or not a file
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
    """Write data to standard output in UTF-8, whatever the terminal's encoding, as in files."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(text)
