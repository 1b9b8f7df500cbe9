"""Lines of text from a file that may be compressed, with the line number in every error."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from rectinet.datasets._files import opened
from rectinet.datasets.errors import EncodingError


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, line with its ending) of a UTF-8 file, a byte order mark left out.

    Raises
    ------
    EncodingError
        Naming the line and the byte.
    """
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise EncodingError(
                    f"{path}, line {number}: byte 0x{line[error.start]:02x} at position {error.start + 1} is not "
                    "UTF-8; convert the file, for example with iconv"
                ) from error
