"""NISTP or P07 written to idx files, the format of MNIST, for programs that want files."""

from __future__ import annotations

import os
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rectinet.datasets.nistp._sampling import SIDE
from rectinet.datasets.nistp.generator import NISTP, Kind
from rectinet.datasets.nistp.sources.fonts import Fonts

_BYTE = 0x08  # the idx code of unsigned bytes
_CHUNK = 1024  # images between two steps of the progress bar


def write_idx(
    kind: Kind, n: int, out: str | os.PathLike[str], seed: int = 0, fonts: Fonts = None, progress: bool = True
) -> tuple[Path, Path]:
    """Write items 0, ..., n - 1 of the training stream as two idx files.

    The files take their names when they are complete and on the disk: there is never half a file under those names.

    Parameters
    ----------
    kind : {"nistp", "p07"}
    n : int
        Images, from 1 to 2**32 - 1, the most an idx header can say. Each takes 1,025 bytes.
    out : path
        Folder, made if it does not exist. Files of the same name in it are replaced.
    seed, fonts
        As for `NISTP`.
    progress : bool, default True
        Whether to show a progress bar on the terminal.

    Returns
    -------
    tuple of Path
        `KIND-images-idx3-ubyte` of shape (n, 32, 32) and `KIND-labels-idx1-ubyte` of shape (n,).

    Raises
    ------
    ValueError
        If n or an argument of `NISTP` is not one of those said here.
    """
    if not 1 <= n < 2**32:
        raise ValueError(f"n, the number of images, must lie in [1, 2**32); got {n}")
    dataset = NISTP(seed=seed, modules=kind, fonts=fonts)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    targets = _names(kind, folder)
    partial = [target.with_name(f".{target.name}.{os.getpid()}.part") for target in targets]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with ExitStack() as stack:
            images_file, labels_file = (stack.enter_context(path.open("wb")) for path in partial)
            bar = stack.enter_context(Progress(*columns, disable=not progress))
            images_file.write(_header(n, SIDE, SIDE))
            labels_file.write(_header(n))
            task = bar.add_task(f"{kind}, seed {seed}", total=n)
            for start in range(0, n, _CHUNK):
                images, labels = dataset.images(start, min(_CHUNK, n - start))
                images_file.write(images.tobytes())
                labels_file.write(labels.astype("u1").tobytes())
                bar.advance(task, len(labels))
            for file in (images_file, labels_file):
                _flush(file)
        for path, target in zip(partial, targets, strict=True):
            path.replace(target)
    finally:
        for path in partial:
            path.unlink(missing_ok=True)
    return targets


def written(kind: Kind, n: int, out: str | os.PathLike[str], seed: int = 0) -> tuple[Path, Path]:
    """As `write_idx`, unless the files are there already."""
    there = _names(kind, Path(out))
    return there if all(path.exists() for path in there) else write_idx(kind, n, out, seed)


def _names(kind: Kind, folder: Path) -> tuple[Path, Path]:
    return folder / f"{kind}-images-idx3-ubyte", folder / f"{kind}-labels-idx1-ubyte"


def _header(*sizes: int) -> bytes:
    """Magic number and dimensions of an idx file of bytes, big-endian."""
    return struct.pack(f">{1 + len(sizes)}I", _BYTE << 8 | len(sizes), *sizes)


def _flush(file: IO[bytes]) -> None:
    """Everything written so far is on the disk when this returns."""
    file.flush()
    os.fsync(file.fileno())
