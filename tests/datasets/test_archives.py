"""Archives that are downloaded: a folder in one step or none, and nothing outside it."""

import io
import tarfile

import pytest

from rectinet.datasets import errors
from rectinet.datasets.fetch import fetch_file

from .served import CONTENT, download, names, tar_gz


def test_an_archive_becomes_a_folder_in_one_step(host, tmp_path):
    packed = host.files["/a"] = tar_gz({"set/one": b"1", "set/deep/two": b"2", "readme": b"r"})
    one = download(host, "/a", content=packed, target="set", archive=True)
    (tmp_path / ".unpacking-set-old").mkdir()  # of a killed process
    path = fetch_file(one, tmp_path)
    assert (path / "deep/two").read_bytes() == b"2"
    assert names(tmp_path) == ["set"]
    (path / "one").write_bytes(b"damaged")
    (path / "extra").touch()
    assert (fetch_file(one, tmp_path, again=True) / "one").read_bytes() == b"1"
    assert names(path) == ["deep", "one"]
    assert names(tmp_path) == ["set"]


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (tar_gz({"other/one": b"1"}), "no folder set in it"),
        (tar_gz({"set/one": CONTENT})[:100_000], "cannot be unpacked"),
        (b"not a tar", "cannot be unpacked"),
        (tar_gz({"../escaped": b"1"}), "cannot be unpacked"),
    ],
)
def test_a_wrong_archive_leaves_no_folder(host, tmp_path, packed, message):
    host.files["/a"] = packed
    home = tmp_path / "home"
    with pytest.raises(errors.DownloadError, match=message):
        fetch_file(download(host, "/a", content=packed, target="set", archive=True), home)
    assert not (home / "set").exists()
    assert not (tmp_path / "escaped").exists()


def special(kind: bytes, name: str = "set/special") -> bytes:
    """An archive with a good folder and one member of another kind."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("set/one"))
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "../../escaped"
        tar.addfile(info)
    return file.getvalue()


@pytest.mark.parametrize(
    ("packed", "message"),
    [
        (special(tarfile.SYMTYPE), "'set/special' is neither a plain file nor a folder"),
        (special(tarfile.LNKTYPE), "'set/special' is neither a plain file nor a folder"),
        (special(tarfile.FIFOTYPE), "'set/special' is neither a plain file nor a folder"),
        (special(tarfile.CHRTYPE), "'set/special' is neither a plain file nor a folder"),
        (special(tarfile.DIRTYPE, "/outside"), "'/outside' would lie outside of the folder"),
        (special(tarfile.DIRTYPE, "set/../../outside"), "would lie outside of the folder"),
        (special(tarfile.REGTYPE, "set/one/below"), "'set/one/below': "),  # a file is in the folder's place
        (special(tarfile.DIRTYPE, "set" + "/d" * 2000), "more than 100 folders in each other"),
    ],
)
def test_an_archive_of_more_than_files_and_folders_is_refused(host, tmp_path, packed, message):
    host.files["/a"] = packed
    home = tmp_path / "deeper/home"
    with pytest.raises(errors.DownloadError, match=message):
        fetch_file(download(host, "/a", content=packed, target="set", archive=True), home)
    assert names(home) == []  # neither a folder nor an archive that fails again next time
    assert [path.name for path in tmp_path.rglob("*outside*")] == []


def test_archives_need_no_more_of_tarfile_than_python_3_11_0_has(host, tmp_path, monkeypatch):
    def of_3_11_0(self: tarfile.TarFile, path: str = ".", members: object = None, *, numeric_owner: bool = False):
        raise AssertionError("without filter= it writes wherever a member says")

    monkeypatch.setattr(tarfile.TarFile, "extractall", of_3_11_0)
    monkeypatch.delattr(tarfile, "data_filter")
    packed = host.files["/a"] = tar_gz({"set/one": b"1"})
    path = fetch_file(download(host, "/a", content=packed, target="set", archive=True), tmp_path)
    assert (path / "one").read_bytes() == b"1"
