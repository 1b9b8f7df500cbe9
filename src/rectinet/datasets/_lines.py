"""Lines of text from a possibly compressed file, with the line number in every error."""

from __future__ import annotations

import codecs
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from rectinet.datasets._files import opened
from rectinet.datasets._memory import MOST_AT_ONCE
from rectinet.datasets.errors import BadRecordError, EncodingError

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def byte_lines(file: IO[bytes], path: Path) -> Iterator[tuple[int, bytes]]:
    """(line number from 1, line with its ending) of an open file.

    Raises
    ------
    BadRecordError
        For a line of more than `MOST_AT_ONCE` bytes; no more of it is read.
    """
    for number, line in enumerate(iter(partial(file.readline, MOST_AT_ONCE + 1), b""), 1):
        if len(line) > MOST_AT_ONCE:
            raise BadRecordError(
                f"{path}, line {number}: longer than {MOST_AT_ONCE >> 20} MiB; are the line ends missing?"
            )
        yield number, line


def text_lines(path: Path) -> Generator[tuple[int, str], None, None]:
    """(line number from 1, line with its ending) of a UTF-8 file, without a byte order mark.

    Close it (`contextlib.closing`) if you may stop before its end, so that the file is closed at once.

    Raises
    ------
    EncodingError
        Naming the line and the byte.
    BadRecordError
        For a line that is far too long.
    """
    with opened(path) as file:
        for number, line in byte_lines(file, path):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError as error:
                found = "UTF-16, not UTF-8" if number == 1 and line.startswith(UTF_16) else "not UTF-8"
                raise EncodingError(
                    f"{path}, line {number}: byte 0x{line[error.start]:02x} at position {error.start + 1} is "
                    f"{found}; convert the file, for example with iconv, or save it as UTF-8"
                ) from error
