"""Downloads, against a server inside the test: mirrors, resume, checksums, two processes, no half-written file."""

import errno
import gzip
import os
import shutil
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rectinet.cli.data import app
from rectinet.datasets import errors, fetch
from rectinet.datasets.fetch import BLOCK_BYTES, DOWNLOADS, Download, check_md5, fetch_file
from rectinet.datasets.registry import BY_NAME

from .served import CONTENT, Host, download, md5, names, tar_gz


def test_a_file_arrives_whole_and_is_not_asked_for_twice(host, tmp_path):
    host.files["/a"] = CONTENT
    seen = []
    one = download(host, "/a")
    path = fetch_file(one, tmp_path, progress=lambda *step: seen.append(step))
    assert path == tmp_path / "set/file"
    assert path.read_bytes() == CONTENT
    assert names(tmp_path / "set") == ["file"]
    assert seen[-1] == ("file", len(CONTENT), len(CONTENT))
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)
    fetch_file(one, tmp_path)
    assert host.asked == [("/a", None)]


def test_again_replaces_what_is_there(host, tmp_path):
    host.files["/a"] = CONTENT
    (tmp_path / "set").mkdir()
    (tmp_path / "set/file").write_bytes(b"damaged")
    assert fetch_file(download(host, "/a"), tmp_path, again=True).read_bytes() == CONTENT


def test_mirrors_are_tried_in_turn(host, tmp_path):
    host.files |= {"/wrong": CONTENT[::-1], "/good": CONTENT, "/never": CONTENT}
    path = fetch_file(download(host, "/none", "/wrong", "/good", "/never"), tmp_path)
    assert path.read_bytes() == CONTENT
    assert [asked for asked, _ in host.asked] == ["/none", "/wrong", "/good"]
    assert names(tmp_path / "set") == ["file"]


def test_a_broken_transfer_goes_on_where_it_stopped(host, tmp_path):
    host.files["/a"] = CONTENT
    host.cuts = [1_500_000, 700_000]
    assert fetch_file(download(host, "/a"), tmp_path).read_bytes() == CONTENT
    starts = [int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0 for _, asked in host.asked]
    assert starts[0] == 0
    assert 1_500_000 - BLOCK_BYTES < starts[1] <= 1_500_000
    assert starts[1] + 700_000 - BLOCK_BYTES < starts[2] <= starts[1] + 700_000


def test_a_server_that_knows_no_ranges_starts_over(host, tmp_path):
    host.files["/a"] = CONTENT
    host.cuts, host.knows_ranges = [1_500_000], False
    assert fetch_file(download(host, "/a"), tmp_path).read_bytes() == CONTENT


def test_a_mirror_that_gives_nothing_more_is_left(host, tmp_path):
    host.files["/a"] = host.files["/b"] = CONTENT
    host.cuts = [100_000, 0]
    assert fetch_file(download(host, "/a", "/b"), tmp_path).read_bytes() == CONTENT
    assert [asked for asked, _ in host.asked] == ["/a", "/a", "/b"]


CHILD = """
import fcntl
import sys
from pathlib import Path
from rectinet.datasets.fetch import Download, fetch_file
flock = fcntl.flock
fcntl.flock = lambda *lock: print("locking", flush=True) or flock(*lock)
url, md5, home = sys.argv[1:]
fetch_file(Download("set/file", (url,), md5), Path(home), progress=lambda *step: print(step[1], flush=True))
"""


def child(host: Host, home: Path) -> subprocess.Popen:
    arguments = [sys.executable, "-c", CHILD, f"{host.url}/a", md5(CONTENT), str(home)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_leaves_what_the_next_one_goes_on_from(host, tmp_path):
    host.files["/a"] = CONTENT
    host.stall_at = 2_000_000
    with child(host, tmp_path) as process:
        assert process.stdout.readline() == "locking\n"
        assert int(process.stdout.readline()) > 0
        process.send_signal(signal.SIGKILL)
    host.released.set()
    assert not (tmp_path / "set/file").exists()
    (part,) = (tmp_path / "set").glob(".file.*.part")
    have = part.stat().st_size
    assert 0 < have < len(CONTENT)
    assert fetch_file(download(host, "/a"), tmp_path).read_bytes() == CONTENT
    assert host.asked[1:] == [("/a", f"bytes={have}-")]


def test_two_processes_at_once_download_once(host, tmp_path):
    host.files["/a"] = CONTENT
    host.stall_at = 2_000_000
    with child(host, tmp_path) as first:
        assert first.stdout.readline() == "locking\n"
        assert int(first.stdout.readline()) > 0  # it holds the lock and is in the middle
        with child(host, tmp_path) as second:
            assert second.stdout.readline() == "locking\n"
            host.released.set()
            assert second.stdout.read() == ""  # it had nothing left to download
            first.stdout.read()
            assert second.wait() == first.wait() == 0
    assert (tmp_path / "set/file").read_bytes() == CONTENT
    assert host.asked == [("/a", None)]
    assert names(tmp_path / "set") == ["file"]


@pytest.mark.parametrize("left", [CONTENT, CONTENT + b"x", b"another file", CONTENT[::-1]])
def test_whatever_an_older_process_left_the_file_is_right(host, tmp_path, left):
    host.files["/a"] = CONTENT
    host.files["/cut"] = CONTENT
    host.cuts = [10]
    with pytest.raises(errors.DownloadError):
        fetch_file(download(host, "/cut"), tmp_path)
    (part,) = (tmp_path / "set").glob("*.part")
    part.write_bytes(left)
    assert fetch_file(download(host, "/cut"), tmp_path).read_bytes() == CONTENT
    assert names(tmp_path / "set") == ["file"]


def test_content_checksum_lets_any_regzip_pass(host, tmp_path):
    for level, path in ((1, "/one"), (9, "/nine")):
        host.files[path] = gzip.compress(CONTENT, level, mtime=level)
        one = download(host, path, target=f"set{level}/file.gz", checked="content")
        assert gzip.decompress(fetch_file(one, tmp_path).read_bytes()) == CONTENT
    host.files["/cut"] = host.files["/one"][:-4]
    with pytest.raises(errors.DownloadError, match=r"(?s)/cut: .*cut or damaged"):
        fetch_file(download(host, "/cut", target="set3/file.gz", checked="content"), tmp_path)
    assert names(tmp_path / "set3") == []


def test_when_no_mirror_gives_it_the_message_says_why_and_what_to_do(host, tmp_path):
    host.files["/wrong"] = b"something else"
    one = download(host, "/none", "/wrong")
    one = Download(one.target, (*one.urls, "http://127.0.0.1:9/closed", "gopher://127.0.0.1/x"), one.md5)
    with pytest.raises(errors.DownloadError) as caught:
        fetch_file(one, tmp_path)
    message = str(caught.value)
    assert "404" in message
    assert f"must have {md5(CONTENT)}" in message
    assert "closed: the host cannot be reached" in message
    assert "gopher" in message
    assert f"download {host.url}/none elsewhere and put it at {tmp_path / 'set/file'}" in message
    assert names(tmp_path / "set") == []


def left_complete(one: Download, home: Path, content: bytes) -> Path:
    """What a process leaves that was killed, or had no space, between the transfer and the end."""
    target = home / one.target
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.parent / f".{target.name}.{zlib.crc32(one.urls[0].encode()):08x}.complete"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("archive", [False, True])
def test_what_was_left_as_complete_is_checked_before_it_is_used(host, tmp_path, archive):
    content = tar_gz({"set/one": b"1"}) if archive else CONTENT
    host.files["/a"] = content
    one = download(host, "/a", content=content, target="set" if archive else "set/file", archive=archive)
    left_complete(one, tmp_path / "damaged", b"damaged")
    fetch_file(one, tmp_path / "damaged")
    assert len(host.asked) == 1
    left_complete(one, tmp_path / "right", content)
    path = fetch_file(one, tmp_path / "right")
    assert len(host.asked) == 1  # nothing was lacking
    assert names(path.parent) == [path.name]
    left_complete(one, tmp_path / "right", content)
    fetch_file(one, tmp_path / "right", again=True)
    assert len(host.asked) == 2  # again means again
    assert names(path.parent) == [path.name]


def test_an_archive_stays_when_only_space_is_lacking(host, tmp_path, monkeypatch):
    packed = host.files["/a"] = host.files["/b"] = tar_gz({"set/one": b"1"})
    one = download(host, "/a", "/b", content=packed, target="set", archive=True)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(shutil, "copyfileobj", full)
        with pytest.raises(errors.DownloadError, match="No space left"):
            fetch_file(one, tmp_path)
    (left,) = names(tmp_path)
    assert left.endswith(".complete")
    fetch_file(one, tmp_path)
    assert host.asked == [("/a", None)]  # neither the other mirror nor the same file once more
    assert names(tmp_path) == ["set"]


def test_a_folder_that_cannot_be_written(host, tmp_path):
    (tmp_path / "set").write_bytes(b"a file in the folder's place")
    with pytest.raises(errors.DownloadError, match="cannot be written"):
        fetch_file(download(host, "/a"), tmp_path)


def test_fetch_by_name(host, tmp_path, monkeypatch):
    content = gzip.compress(b"labels")
    files = [name.removeprefix("mnist/") for name in BY_NAME["mnist"].files[0]]
    host.files |= {f"/{name}.gz": content for name in files}
    served = tuple(download(host, f"/{name}.gz", content=content, target=f"mnist/{name}.gz") for name in files)
    monkeypatch.setitem(DOWNLOADS, "mnist", served)
    monkeypatch.setenv("RECTINET_CACHE", str(tmp_path))
    paths = fetch.fetch("mnist")
    assert [path.name for path in paths] == [f"{name}.gz" for name in files]
    assert BY_NAME["mnist"].missing() == ()


def test_what_load_finds_is_not_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("RECTINET_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("RECTINET_CACHE", str(tmp_path / "cache"))
    (tmp_path / "own/imdb").mkdir(parents=True)
    for name in ("train.jsonl.xz", "unlabeled.jsonl"):
        (tmp_path / "own/imdb" / name).touch()
    assert fetch.fetch("imdb") == [tmp_path / "own/imdb/train.jsonl.xz", tmp_path / "own/imdb/unlabeled.jsonl"]
    assert not (tmp_path / "cache").exists()


def test_the_command_downloads_with_a_progress_bar(host, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    host.files["/a"] = CONTENT
    monkeypatch.setitem(DOWNLOADS, "digits", (download(host, "/a"),))
    result = CliRunner().invoke(app, ["fetch", "digits", "--data-home", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "3.1/3.1 MB" in result.output
    assert f"digits: {tmp_path / 'set/file'}" in result.output
    assert (tmp_path / "set/file").read_bytes() == CONTENT


def test_fetch_notices_a_folder_that_is_there_but_incomplete(tmp_path):
    (tmp_path / "cifar-10-batches-bin").mkdir()
    with pytest.raises(errors.DownloadError, match=r"test_batch\.bin still missing; .*--again"):
        fetch.fetch("cifar10", data_home=tmp_path)


def test_what_has_no_public_host(tmp_path):
    with pytest.raises(errors.DownloadError, match="norb has no public host"):
        fetch.fetch("norb", data_home=tmp_path)


def test_the_table_of_downloads_is_sound():
    for name, downloads in DOWNLOADS.items():
        assert name in BY_NAME
        for each in downloads:
            assert len(each.md5) == 32
            int(each.md5, 16)
            assert each.urls
            assert all(url.startswith("http") for url in each.urls)


def test_check_md5(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"content"))
    check_md5(tmp_path / "x.gz", md5(b"content"), "content")
    with pytest.raises(errors.ChecksumError, match=r"x\.gz: the file has MD5"):
        check_md5(tmp_path / "x.gz", md5(b"content"), "file")
