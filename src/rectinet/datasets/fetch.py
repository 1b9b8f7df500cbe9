"""Downloads: several mirrors, resumed transfers, checked contents, no partial files, safe with two processes.

Files go into the cache or a given folder, and only on request: by `rectinet data fetch` or `fetch`. A transfer goes to
a hidden `.part` file beside its target, one for each mirror; only a complete file with the right checksum gets its
final name. A lock on the folder makes a second process wait and then find the file complete.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from rectinet.datasets._files import Home, cache_folder, locate, opened
from rectinet.datasets.errors import ChecksumError, CorruptGzipError, DataError, DownloadError
from rectinet.datasets.registry import entry
from rectinet.shown import shown

Progress = Callable[[str, int, int | None], None]  # file name, bytes so far, total bytes if the server reports them
TIMEOUT_SECONDS = 30
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
MOST_FOLDERS = 100  # most nested folders in an archive; a thousand could not be removed again
BLOCK_BYTES = 1 << 14  # the most that an interruption can lose: an incomplete block is discarded


@dataclass(frozen=True)
class Download:
    """One file on the public hosts.

    Parameters
    ----------
    target : str
        Path relative to the data folder: of the file, or of the folder that an archive unpacks to.
    urls : tuple of str
        Mirrors, in the order in which they are tried.
    md5 : str
        MD5 of the uncompressed content if `checked` is "content", so that any recompression passes; else of the file as
        sent.
    archive : bool
        Whether it is a .tar.gz whose members begin with the target's name.
    """

    target: str
    urls: tuple[str, ...]
    md5: str
    checked: Literal["content", "file"] = "file"
    archive: bool = False


def _mirrored(target: str, hosts: tuple[str, ...], md5: str, checked: Literal["content", "file"]) -> Download:
    file = target.rpartition("/")[2]
    return Download(target, tuple(f"{host}/{file}" for host in hosts), md5, checked)


MNIST_HOSTS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "http://yann.lecun.com/exdb/mnist",
)
FASHION_HOSTS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)
CIFAR10 = Download(
    "cifar-10-batches-bin",
    (
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
    ),
    "c32a1d4ab5d03f1284b67883e8d87530",
    archive=True,
)
DOWNLOADS: dict[str, tuple[Download, ...]] = {
    "mnist": tuple(
        _mirrored(f"mnist/{name}-ubyte.gz", MNIST_HOSTS, md5, "content")
        for name, md5 in (
            ("train-images-idx3", "6bbc9ace898e44ae57da46a324031adb"),
            ("train-labels-idx1", "a25bea736e30d166cdddb491f175f624"),
            ("t10k-images-idx3", "2646ac647ad5339dbf082846283269ea"),
            ("t10k-labels-idx1", "27ae3e4e09519cfbb04c329615203637"),
        )
    ),
    "fashion-mnist": tuple(
        _mirrored(f"fashion-mnist/{name}-ubyte.gz", FASHION_HOSTS, md5, "file")
        for name, md5 in (
            ("train-images-idx3", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            ("train-labels-idx1", "25c81989df183df01b3e8a0aad5dffbe"),
            ("t10k-images-idx3", "bef4ecab320f06d8554ea6380940ec79"),
            ("t10k-labels-idx1", "bb300cfdad3c16e7a12a480ee83cd310"),
        )
    ),
    "cifar10": (CIFAR10,),
    "cifar10-train-only": (CIFAR10,),
    "imdb": (
        Download(
            "aclImdb",
            ("https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",),
            "7c2ac02c03563afcf9b574c7e56c153a",
            archive=True,
        ),
    ),
}


def fetch(name: str, *, data_home: Home = None, again: bool = False, progress: Progress | None = None) -> list[Path]:
    """Download the missing files of a data set; return the paths of all its files or folders.

    A data set in one of the folders that `load` searches is not downloaded.

    Parameters
    ----------
    name : str
        A data set with public mirrors: see `DOWNLOADS`.
    data_home : path, optional
        Folder to download to; default: the cache.
    again : bool
        Download existing files again, and replace each once the new one is complete.
    progress : callable, optional
        Called with (file name, bytes so far, total bytes or None) during a transfer.

    Raises
    ------
    DownloadError
        When no mirror delivers a file; the message says why each failed and which file to put where by hand.
    """
    if name not in DOWNLOADS:
        raise DownloadError(f"{name} has no public host to fetch from; `rectinet data list` says where it comes from")
    found = entry(name)
    if not again and found.files and not found.missing(data_home):
        return [path for file in found.wanted(data_home) if (path := locate(file, data_home))]
    home = Path(data_home).expanduser() if data_home else cache_folder()
    paths = [fetch_file(download, home, again=again, progress=progress) for download in DOWNLOADS[name]]
    if missing := found.missing(home):
        raise DownloadError(
            f"{home}: {', '.join(missing)} still missing; `rectinet data fetch {name} --again` replaces all"
        )
    return paths


def fetch_file(download: Download, home: Path, *, again: bool = False, progress: Progress | None = None) -> Path:
    """Download one file unless its target exists; returns the target's path."""
    target = home / download.target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent):
            if again or not target.exists():
                _from_any_mirror(download, target, progress, again)
    except DataError:
        raise
    except OSError as error:
        raise DownloadError(f"{target} cannot be written: {error.strerror or error}; name a folder that can") from error
    return target


def check_md5(path: Path, md5: str, checked: Literal["content", "file"], again: str = "fetch it again") -> None:
    """Raise ChecksumError unless the file, or its uncompressed content, has the MD5 given."""
    found = hashlib.md5(usedforsecurity=False)
    if checked == "content":
        with opened(path) as file:
            _feed(file, found.update)
    else:
        with path.open("rb") as file:
            _feed(file, found.update)
    if found.hexdigest() != md5:
        raise ChecksumError(f"{path}: the {checked} has MD5 {found.hexdigest()} and must have {md5}; {again}")


def _feed(file: IO[bytes], take: Callable[[bytes], object]) -> None:
    while block := file.read(BLOCK_BYTES):
        take(block)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A lock for one process at a time; it ends with the process, so that a killed one leaves no lock behind."""
    try:
        import fcntl
    except ImportError as error:
        raise DownloadError("fetching needs a POSIX system (file locks); download the files in a browser") from error
    with (folder / ".fetch.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _from_any_mirror(download: Download, target: Path, progress: Progress | None, again: bool) -> None:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    reasons = []
    for url in download.urls:
        part = target.parent / f".{target.name}.{zlib.crc32(url.encode()):08x}.part"
        complete = part.with_suffix(".complete")
        try:
            _keep_if_right(complete, download, again)
            saved = pooch.retrieve(
                url,
                known_hash=None,  # already checked by `_keep_if_right` or `_transfer`
                fname=complete.name,
                path=target.parent,
                downloader=partial(_transfer, part=part, download=download, progress=progress),
            )
            if download.archive:
                _unpack_once(Path(saved), target)
            else:
                os.replace(saved, target)
            return
        except (DataError, OSError, ValueError) as error:  # requests' errors are OSErrors; ValueError: no such protocol
            if getattr(error, "errno", None) in NO_SPACE:
                raise  # a file from another mirror would not fit either
            reasons.append(f"{url}: {_reason(error)}")
    raise DownloadError(
        f"no mirror gave {target.name}:\n  " + "\n  ".join(reasons) + "\nWithout a network, download "
        f"{download.urls[0]} elsewhere and {'unpack it as the folder' if download.archive else 'put it at'} {target}"
    )


def _keep_if_right(complete: Path, download: Download, again: bool) -> None:
    """Remove a complete file of an earlier process, unless it is wanted and its checksum is still right."""
    if not complete.exists():
        return
    try:
        if not again:
            check_md5(complete, download.md5, download.checked)
            return
    except DataError:
        pass
    complete.unlink()


def _reason(error: Exception) -> str:
    """Why a mirror failed, in a few words instead of the five lines of requests."""
    import requests

    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} seconds"
    if isinstance(error, requests.ConnectionError) and not str(error).startswith("the connection broke"):
        return "the host cannot be reached"
    return str(error)


def _transfer(
    url: str, output_file: str, pooch: object, *, part: Path, download: Download, progress: Progress | None
) -> None:
    """Downloader for pooch: `url` into `output_file`, by way of `part`, which survives an interrupted transfer."""
    resumed = part.exists()
    _append_until_complete(url, part, progress)
    try:
        check_md5(part, download.md5, download.checked)
    except (ChecksumError, CorruptGzipError):
        part.unlink()
        if not resumed:
            raise
        _append_until_complete(url, part, progress)  # `part` was from an older file: start again
        check_md5(part, download.md5, download.checked)
    os.replace(part, output_file)


def _append_until_complete(url: str, part: Path, progress: Progress | None) -> None:
    """Repeat `_append` after every interruption, as long as each attempt transfers something."""
    import requests

    while True:
        before = _size(part)
        try:
            _append(url, part, progress)
            return
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            if _size(part) <= before:
                raise


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _append(url: str, part: Path, progress: Progress | None) -> None:
    """Request the bytes missing from `part` and append them; start over if the server does not support ranges."""
    import requests

    have = _size(part)
    # identity: a host that decompresses in transit would change the number of bytes and their checksum
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # nothing is missing: the process stopped between the last byte and the check
        response.raise_for_status()
        if response.status_code != requests.codes.partial_content:
            have = 0
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        with part.open("ab" if have else "wb") as file:
            for block in response.iter_content(BLOCK_BYTES):
                file.write(block)
                have += len(block)
                if progress:
                    progress(part.name[1:].removesuffix(".part").rpartition(".")[0], have, total)
            file.flush()
            os.fsync(file.fileno())
        if total is not None and have < total:
            raise requests.ConnectionError(f"the connection broke after {have} of {total} bytes")


def _unpack_once(archive: Path, target: Path) -> None:
    """Call `_unpack`, then remove the archive, unless unpacking failed for lack of disk space."""
    try:
        _unpack(archive, target)
    except Exception as error:
        if getattr(error, "errno", None) not in NO_SPACE:
            archive.unlink(missing_ok=True)
        raise
    archive.unlink()


def _unpack(archive: Path, target: Path) -> None:
    """Unpack the archive's folder with the target's name: under a hidden name, then renamed as a whole."""
    for left_over in target.parent.glob(f".unpacking-{target.name}-*"):  # from a killed process: we hold the lock now
        try:
            shutil.rmtree(left_over)
        except RecursionError as error:
            raise DownloadError(f"{left_over} holds too many folders in each other; remove it by hand") from error
    with tempfile.TemporaryDirectory(prefix=f".unpacking-{target.name}-", dir=target.parent) as folder:
        try:
            with tarfile.open(archive) as tar:
                for member in tar:
                    _extract(tar, member, Path(folder))
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            raise DownloadError(f"{archive} cannot be unpacked ({error})") from error
        unpacked = Path(folder) / target.name
        if not unpacked.is_dir():
            raise DownloadError(f"{archive}: there is no folder {target.name} in it")
        os.sync()
        if target.exists():
            os.rename(target, Path(folder) / "old")  # goes with the temporary folder
        os.rename(unpacked, target)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Extract one member if it is a plain file or a folder inside `folder`; refuse all others.

    Data sets need nothing else. tarfile's own `filter="data"` is missing from Python 3.11.0 to 3.11.3.
    """
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise tarfile.TarError(f"{shown(member.name)} would lie outside of the folder")
    if len(name.parts) > MOST_FOLDERS:
        raise tarfile.TarError(f"{shown(member.name)} has more than {MOST_FOLDERS} folders in each other")
    path = folder / name
    try:
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.isreg() and (content := tar.extractfile(member)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with content, path.open("wb") as file:
                shutil.copyfileobj(content, file)
        else:
            raise tarfile.TarError(f"{shown(member.name)} is neither a plain file nor a folder")
    except OSError as error:
        if error.errno in NO_SPACE:
            raise
        raise tarfile.TarError(f"{shown(member.name)}: {error.strerror or error}") from error
