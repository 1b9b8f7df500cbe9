"""Files that are complete or not there at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_PERMISSIONS: Final = 0o777
_LONGEST_NAME: Final = 200  # bytes of a name that its temporary file repeats: most file systems allow 255 in all
_MOST_LINKS: Final = 40  # as Linux follows


def write_atomically(
    path: str | os.PathLike[str], chunks: Iterable[bytes | memoryview], *, into_special: bool = False
) -> None:
    """Write a file beside its place, flush it to the disk, then rename it: readers see the old file or the new one.

    The new file has the permissions of the old one. A symbolic link is followed and stays; another hard link to the old
    file keeps the old content.

    Parameters
    ----------
    path : path
    chunks : iterable of bytes-like
        The content.
    into_special : bool
        What to do where something stands at `path` that is no file to be replaced: a named pipe, a device, or an open
        descriptor such as /dev/stdout, whatever it leads to. By default that is an error; with True the content is
        written into it, as a shell's `>` would, and what has been written by the time of an error stays.

    Raises
    ------
    OSError
        When the file cannot be written (no such folder, no permission, disk full, not a regular file). What stood at
        `path` is untouched, except in the case of `into_special`.
    """
    try:
        descriptor = _descriptor(path)
        old = _status(path)
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        special = descriptor is not None or (old is not None and not stat.S_ISREG(old.st_mode))
        if not special:
            _replace(Path(os.path.realpath(path)), None if old is None else old.st_mode & _PERMISSIONS, chunks)
            return
        if not into_special:
            what = "a named pipe, a device or a socket" if descriptor is None else "an open descriptor"
            raise OSError(errno.EINVAL, f"it is not a regular file but {what}; name another file")
    except OSError as problem:
        if problem.errno is None:  # whoever makes the chunks has said what is wrong
            raise
        why = f"could not write, nothing was changed: {problem.strerror}"
        raise OSError(problem.errno, why, os.fspath(path)) from problem
    _write_into(path if descriptor is None else descriptor, chunks)


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether something stands at `path` that is written into, not replaced: see `into_special`."""
    old = _status(path)
    return _descriptor(path) is not None or (
        old is not None and not stat.S_ISREG(old.st_mode) and not stat.S_ISDIR(old.st_mode)
    )


def remove_leftovers(path: str | os.PathLike[str]) -> list[Path]:
    """Remove the temporary files that killed processes left beside `path`; return those that were removed.

    A file stays when its process still runs, or when another machine or container that shares the disk is writing it.
    What cannot be removed stays, too, without an error.
    """
    target = Path(os.path.realpath(path))
    of_target = re.compile(re.escape(f".{_shortened(target.name)}.") + r"([1-9]\d*)\.[0-9a-f]{8}\.tmp")
    removed: list[Path] = []
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            match = of_target.fullmatch(entry.name)
            if match is None or _runs(int(match[1])):
                continue
            with suppress(OSError):
                _remove_unless_locked(entry.path)
                removed.append(Path(entry.path))
    return removed


def _replace(target: Path, permissions: int | None, chunks: Iterable[bytes | memoryview]) -> None:
    beside = target.with_name(f".{_shortened(target.name)}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        # Created with the old file's permissions, so that a private one is not open to others for a moment.
        created = os.open(
            beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if permissions is None else permissions
        )
        with open(created, "wb") as file:
            with suppress(OSError):  # some network disks know no locks
                fcntl.flock(created, fcntl.LOCK_EX | fcntl.LOCK_NB)  # tells `remove_leftovers` that it is being written
            if permissions is not None and os.fstat(created).st_mode & _PERMISSIONS != permissions:
                os.fchmod(created, permissions)  # what the umask took away
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(created)
            os.replace(beside, target)
    except BaseException:
        with suppress(OSError):  # on a read-only disk, say: the problem to be told is the first one
            beside.unlink()
        raise
    _flush_folder(target.parent)


def _write_into(place: str | os.PathLike[str] | int, chunks: Iterable[bytes | memoryview]) -> None:
    with open(place, "wb", closefd=not isinstance(place, int)) as file:
        for chunk in chunks:
            file.write(chunk)


def _status(path: str | os.PathLike[str]) -> os.stat_result | None:
    """Of what `path` leads to, or None where there is nothing yet."""
    try:
        return os.stat(Path(path))
    except FileNotFoundError:
        return None


def _descriptor(path: str | os.PathLike[str]) -> int | None:
    """The descriptor of this process that /dev/stdout, /dev/fd/1 or a link to one of them stands for, or None.

    The file behind it must not be replaced, even if it is a regular one: `> log` has more to come.
    """
    link = Path(path)
    for _ in range(_MOST_LINKS):
        folder = os.path.realpath(link.parent)
        if folder == f"/proc/{os.getpid()}/fd" and link.name.isdecimal():
            return int(link.name)
        if not link.is_symlink():
            return None
        link = Path(folder, os.readlink(link))
    return None


def _shortened(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:_LONGEST_NAME])


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _remove_unless_locked(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError when somebody is writing it
        os.unlink(path)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the folder can be opened: the file is in its place already."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
