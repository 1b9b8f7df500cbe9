"""Limits on reading, and a named error for data that need more memory than there is."""

from __future__ import annotations

import os
import resource
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from rectinet.datasets.errors import TooLargeError

MOST_AT_ONCE: Final = 64 << 20  # bytes of one line, field or small file; 2 MB of .gz can hold a line of 2 GB
CONTAINER_LIMITS: Final = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes() -> int:
    """Memory available to this process: the machine's, or less if the process or its container has a limit."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    of_process = resource.getrlimit(resource.RLIMIT_AS)[0]
    if of_process != resource.RLIM_INFINITY:
        limits.append(of_process)
    for file in CONTAINER_LIMITS:
        with suppress(OSError, ValueError):  # "max" means no limit
            limits.append(int(Path(file).read_text()))
    return min(limits)


def check_fits(size: int, where: str, what: str) -> None:
    """Raise TooLargeError if `what` needs more than the memory there is; called before allocation."""
    if size > (there := memory_bytes()):
        raise TooLargeError(
            f"{where}: {what} needs {size / 1e9:,.1f} GB of memory and there are {there / 1e9:,.1f} GB; "
            "take fewer rows or columns"
        )


@contextmanager
def memory_errors_named(where: Path | str) -> Iterator[None]:
    """Context manager around the reading of a file: turns a MemoryError into a TooLargeError that names the file."""
    try:
        yield
    except MemoryError as error:
        traceback.clear_frames(error.__traceback__)  # free what has been read so far: the message needs memory
        raise too_large(where) from None


def too_large(where: Path | str) -> TooLargeError:
    return TooLargeError(
        f"{where}: what is in it needs more memory than there is ({memory_bytes() / 1e9:,.1f} GB in all); "
        "take fewer rows or columns"
    )
