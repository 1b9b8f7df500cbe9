"""Writing files whole or not at all: what stands at the place before, what is left behind, what the errors say."""

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rectinet.storage.atomic import remove_leftovers, write_atomically

NOTHING_CHANGED = "could not write, nothing was changed: "


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def dead_process() -> int:
    """The number of a process that has ended and been waited for."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o664, 0o777, 0o444])
def test_the_permissions_of_the_old_file_are_kept(tmp_path, permissions):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(permissions)
    write_atomically(path, [b"new"])
    assert path.read_bytes() == b"new"
    assert mode(path) == permissions


def test_a_private_file_is_never_open_to_others(tmp_path):
    path = tmp_path / "file"
    path.touch(0o600)

    def chunks() -> Iterator[bytes]:
        (beside,) = set(tmp_path.iterdir()) - {path}
        assert mode(beside) == 0o600
        yield b"new"

    write_atomically(path, chunks())


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    write_atomically(tmp_path / "file", [b"new"])
    (tmp_path / "usual").touch()
    assert mode(tmp_path / "file") == mode(tmp_path / "usual")


@pytest.mark.parametrize("old", [b"old", None])
def test_a_link_stays_and_leads_to_the_new_content(tmp_path, old):
    if old is not None:
        (tmp_path / "file").write_bytes(old)
    (tmp_path / "link").symlink_to("file")
    write_atomically(tmp_path / "link", [b"new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_links_in_a_circle(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OSError, match=NOTHING_CHANGED) as caught:
        write_atomically(tmp_path / "one", [b"new"])
    assert caught.value.errno == errno.ELOOP
    assert names(tmp_path) == ["one", "two"]


def test_a_name_as_long_as_the_disk_allows(tmp_path):
    path = tmp_path / ("n" * 255)
    write_atomically(path, [b"new"])
    assert names(tmp_path) == [path.name]


def test_a_named_pipe_is_refused_and_stays(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match=NOTHING_CHANGED + "it is not a regular file but a named pipe.*pipe'"):
        write_atomically(path, [b"new"])
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_into_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_atomically(path, [b"one", b"two"], into_special=True)
    reader.join()
    assert read == [b"onetwo"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_into_a_regular_file_is_a_replacement_all_the_same(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    kept = tmp_path / "kept"
    os.link(path, kept)
    write_atomically(path, [b"new"], into_special=True)
    assert path.read_bytes() == b"new"
    assert kept.read_bytes() == b"old"


WRITE_TO_STDOUT = """
import sys
from rectinet.storage.atomic import write_atomically
write_atomically(sys.argv[1], [b"new\\n"], into_special=len(sys.argv) > 2)
"""


def write_to(path: str, *options: str, stdout: int) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITE_TO_STDOUT, path, *options]
    return subprocess.Popen(command, env=environment, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_the_standard_output_is_written_into_wherever_it_leads(tmp_path, path):
    with write_to(path, "into special", stdout=subprocess.PIPE) as process:
        assert process.communicate() == ("new\n", "")
    with (tmp_path / "redirected").open("w") as file:
        file.write("kept\n")
        file.flush()
        with write_to(path, "into special", stdout=file.fileno()) as process:
            assert process.communicate()[1] == ""
    assert (tmp_path / "redirected").read_text() == "kept\nnew\n"
    assert names(tmp_path) == ["redirected"]


def test_the_standard_output_is_refused_by_default(tmp_path):
    with (tmp_path / "redirected").open("w") as file, write_to("/dev/stdout", stdout=file.fileno()) as process:
        assert "it is not a regular file but an open descriptor" in process.communicate()[1]
        assert process.returncode == 1
    assert (tmp_path / "redirected").read_text() == ""


def test_a_folder_is_refused_before_anything_is_made(tmp_path):
    def chunks() -> Iterator[bytes]:
        raise AssertionError("asked for")
        yield b""

    with pytest.raises(IsADirectoryError, match=NOTHING_CHANGED):
        write_atomically(tmp_path, chunks())


def wrong_places(folder: Path) -> dict[str, tuple[Path, int]]:
    (folder / "file").write_bytes(b"a file where a folder should be")
    return {
        "a file for a folder": (folder / "file/new", errno.ENOTDIR),
        "no such folder": (folder / "none/new", errno.ENOENT),
        "too long": (folder / ("n" * 256), errno.ENAMETOOLONG),
    }


@pytest.mark.parametrize("case", ["a file for a folder", "no such folder", "too long"])
def test_the_first_problem_is_the_one_that_is_told(tmp_path, case):
    path, number = wrong_places(tmp_path)[case]
    with pytest.raises(OSError, match=NOTHING_CHANGED) as caught:
        write_atomically(path, [b"new"])
    assert caught.value.errno == number
    assert caught.value.filename == str(path)
    assert names(tmp_path) == ["file"]


def test_a_disk_that_turns_read_only_meanwhile(tmp_path, monkeypatch):
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "the temporary name")

    monkeypatch.setattr(os, "replace", read_only)
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(OSError, match=NOTHING_CHANGED + "Read-only file system") as caught:
        write_atomically(tmp_path / "file", [b"new"])
    assert caught.value.filename == str(tmp_path / "file")


def test_the_old_file_stays_when_the_content_fails(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyError("content")

    with pytest.raises(KeyError, match="content"):
        write_atomically(path, chunks())
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_leftovers_of_dead_processes_go_and_nothing_else(tmp_path):
    path = tmp_path / "run.ckpt"
    path.write_bytes(b"kept")
    dead, name = dead_process(), path.name
    left = [tmp_path / f".{name}.{dead}.0123abcd.tmp", tmp_path / f".{name}.{dead}.ffffffff.tmp"]
    kept = [
        tmp_path / f".{name}.{os.getpid()}.0123abcd.tmp",  # of a process that runs: this one
        tmp_path / f".other.{dead}.0123abcd.tmp",
        tmp_path / f".{name}.{dead}.0123abcd.tmp.txt",
        tmp_path / f".{name}.{dead}.xyz.tmp",
        tmp_path / f"{name}.{dead}.0123abcd.tmp",
        tmp_path / ".run-ckpt.1.0123abcd.tmp",
    ]
    for each in left + kept:
        each.touch()
    assert sorted(remove_leftovers(path)) == sorted(left)
    assert names(tmp_path) == sorted([name, *(each.name for each in kept)])
    assert remove_leftovers(path) == []
    assert remove_leftovers(tmp_path / "no/such/folder") == []


def test_what_a_killed_process_leaves_is_found(tmp_path):
    long = tmp_path / ("n" * 250)
    killed = """
import os, sys
from rectinet.storage.atomic import write_atomically
def chunks():
    yield b"half"
    os.kill(os.getpid(), 9)
write_atomically(sys.argv[1], chunks())
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for path in (long, tmp_path / "file"):
        assert subprocess.run([sys.executable, "-c", killed, str(path)], env=environment).returncode == -9
    (tmp_path / "link").symlink_to("file")
    assert len(names(tmp_path)) == 3
    assert len(remove_leftovers(tmp_path / "link")) == 1  # beside what the link leads to
    assert len(remove_leftovers(long)) == 1
    assert names(tmp_path) == ["link"]


def test_a_file_that_another_machine_is_writing_stays(tmp_path, monkeypatch):
    path = tmp_path / "file"

    def chunks() -> Iterator[bytes]:
        yield b"half"
        with monkeypatch.context() as elsewhere:  # where the number of this process means nothing
            elsewhere.setattr(os, "kill", lambda process, number: (_ for _ in ()).throw(ProcessLookupError()))
            assert remove_leftovers(path) == []

    write_atomically(path, chunks())
    assert path.read_bytes() == b"half"
