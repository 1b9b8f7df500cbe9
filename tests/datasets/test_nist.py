"""EMNIST in idx files and SD19 in by_class folders, small."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rectinet.datasets import errors
from rectinet.datasets.nist import list_nist, load_emnist, load_nist, read_emnist


def idx(values: np.ndarray) -> bytes:
    return bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes() + values.astype("u1").tobytes()


@pytest.fixture
def emnist(tmp_path: Path) -> Path:
    (tmp_path / "emnist").mkdir()
    for part, n in (("train", 7), ("test", 2)):
        upright = np.zeros((n, 28, 28), np.uint8)
        upright[:, 3, 20] = 255  # row 3, column 20
        start = tmp_path / f"emnist/emnist-byclass-{part}"
        Path(f"{start}-images-idx3-ubyte").write_bytes(idx(upright.transpose(0, 2, 1)))
        Path(f"{start}-labels-idx1-ubyte").write_bytes(idx(np.arange(n) + 55))
    return tmp_path


def test_emnist_stands_upright(emnist):
    data = load_emnist(data_home=emnist)
    assert (len(data.train), len(data.valid), len(data.test)) == (5, 2, 2)
    picture = data.train.X[0].reshape(28, 28)
    assert np.argwhere(picture == 1).tolist() == [[3, 20]]
    assert data.valid.y.tolist() == [60, 61]
    assert data.class_names[10] == "A"
    assert data.class_names[61] == "z"
    images, labels = read_emnist("test", data_home=emnist)
    assert (images.shape, labels.tolist()) == ((2, 28, 28), [55, 56])


def test_emnist_wrong_files(emnist):
    labels = emnist / "emnist/emnist-byclass-test-labels-idx1-ubyte"
    labels.write_bytes(idx(np.array([0, 62])))
    with pytest.raises(errors.LabelOutOfRangeError, match=r"test-labels.*example 1 has the label 62"):
        load_emnist(data_home=emnist)
    labels.write_bytes(idx(np.zeros(3)))
    with pytest.raises(errors.CountMismatchError, match=r"test-images.*2 characters.*3 labels"):
        load_emnist(data_home=emnist)
    labels.unlink()
    with pytest.raises(errors.MissingFileError, match=r"test-labels.*nist\.gov"):
        load_emnist(data_home=emnist)


def test_emnist_parts_exchanged(emnist):
    folder = emnist / "emnist"
    for kind in ("images-idx3", "labels-idx1"):
        train, test = (folder / f"emnist-byclass-{part}-{kind}-ubyte" for part in ("train", "test"))
        content = train.read_bytes()
        train.write_bytes(test.read_bytes())
        test.write_bytes(content)
    with pytest.raises(errors.CountMismatchError, match="exchanged"):
        load_emnist(data_home=emnist)


@pytest.fixture
def by_class(tmp_path: Path) -> Path:
    for character in "0Az":
        for partition in ("hsf_0", "hsf_4", "hsf_7", f"train_{ord(character):02x}"):
            folder = tmp_path / f"by_class/{ord(character):02x}/{partition}"
            folder.mkdir(parents=True)
            pixels = np.full((128, 128), 255, np.uint8)
            pixels[4:8, 0:2] = 0  # half of the small pixel (1, 0)
            Image.fromarray(pixels).save(folder / "hsf_x_00000.png")
    return tmp_path


def test_nist_by_writers_white_on_black(by_class):
    data = load_nist(data_home=by_class)
    for split in (data.train, data.valid, data.test):
        assert split.y.tolist() == [0, 10, 61]
    picture = data.test.X[2].reshape(32, 32)
    assert picture[1, 0] == 0.5
    assert picture.sum() == 0.5
    assert {character.partition for character in list_nist(data_home=by_class)} == {"hsf_0", "hsf_4", "hsf_7"}


def test_hidden_files_of_a_desktop_are_no_characters(by_class):
    for name in (".DS_Store", "._hsf_x_00000.png"):
        (by_class / "by_class/41/hsf_0" / name).write_bytes(b"\0\5\26\7")
    assert len(list_nist(data_home=by_class)) == 9
    assert load_nist(data_home=by_class).train.y.tolist() == [0, 10, 61]


def test_nist_wrong_files(by_class):
    path = by_class / "by_class/41/hsf_0/hsf_x_00000.png"
    good = path.read_bytes()
    gif = io.BytesIO()
    Image.new("L", (128, 128)).save(gif, "GIF")
    no_frames = good[:8] + bytes(4) + b"acTL" + bytes(4) + good[8:]  # Pillow only warns of these
    for content in (b"", b"not a png", good[:60], no_frames, gif.getvalue()):
        path.write_bytes(content)
        with pytest.raises(errors.BadRecordError, match=r"41/hsf_0/hsf_x_00000\.png"):
            load_nist(data_home=by_class)
    Image.new("L", (64, 64)).save(path)
    with pytest.raises(errors.BadShapeError, match=r"64, 64.*128 x 128"):
        load_nist(data_home=by_class)


def test_nist_missing_parts(tmp_path, by_class):
    for path in by_class.glob("by_class/*/hsf_4/*.png"):
        path.unlink()
    with pytest.raises(errors.EmptyFileError, match=r"hsf_4 is there, for test.*nist\.gov"):
        load_nist(data_home=by_class)
    for path in by_class.glob("by_class/*/*/*.png"):
        path.unlink()
    with pytest.raises(errors.EmptyFileError, match="no HEX/hsf_N"):
        load_nist(data_home=by_class)
    with pytest.raises(errors.MissingFileError, match=r"by_class.*nist\.gov"):
        load_nist(data_home=tmp_path / "elsewhere")
