"""Idx files: the bytes of the set, whole or not at all."""

import pytest

from rectinet.datasets.idx import read_idx
from rectinet.datasets.nistp import NISTP, writer


@pytest.fixture(autouse=True)
def no_data(monkeypatch, tmp_path_factory):
    """Let no data of this computer in: the files hold fonts and captchas of the made-up fonts alone."""
    empty = str(tmp_path_factory.mktemp("empty"))
    monkeypatch.setenv("RECTINET_DATA", empty)
    monkeypatch.setenv("RECTINET_CACHE", empty)


@pytest.mark.parametrize("kind", ["nistp", "p07"])
def test_the_files_hold_the_items_of_the_set(tmp_path, font_folder, kind):
    out = tmp_path / "new" / "folder"
    paths = writer.write_idx(kind, 1100, out, seed=4, fonts=font_folder, progress=False)
    assert [path.name for path in paths] == [f"{kind}-images-idx3-ubyte", f"{kind}-labels-idx1-ubyte"]
    assert sorted(out.iterdir()) == sorted(paths)
    images, labels = NISTP(seed=4, modules=kind, fonts=font_folder).images(0, 1100)
    assert (read_idx(paths[0], shape=(1100, 32, 32)) == images).all()
    assert (read_idx(paths[1], shape=(1100,)) == labels).all()


def test_progress_is_shown_when_asked_for(tmp_path, font_folder, capsys):
    writer.write_idx("nistp", 10, tmp_path, fonts=font_folder, progress=False)
    assert capsys.readouterr().out == ""
    writer.write_idx("nistp", 10, tmp_path, fonts=font_folder, progress=True)
    assert "10/10" in capsys.readouterr().out


def test_an_interrupted_run_leaves_the_old_files(tmp_path, font_folder, monkeypatch):
    old = [path.read_bytes() for path in writer.write_idx("nistp", 5, tmp_path, fonts=font_folder, progress=False)]
    images = NISTP.images

    def interrupted(self, start, n):
        if start:
            raise KeyboardInterrupt
        return images(self, start, n)

    monkeypatch.setattr(NISTP, "images", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.write_idx("nistp", 3000, tmp_path, fonts=font_folder, progress=False)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == old


@pytest.mark.parametrize("n", [0, -1, 2**32])
def test_a_number_an_idx_file_cannot_hold_is_refused(tmp_path, n):
    with pytest.raises(ValueError, match=f"got {n}"):
        writer.write_idx("nistp", n, tmp_path)
    assert not list(tmp_path.iterdir())
