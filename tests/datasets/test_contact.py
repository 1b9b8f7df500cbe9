"""Contact sheets: where each picture lands, and what cannot be drawn."""

import numpy as np
import pytest
from PIL import Image
from scipy.sparse import csr_array

from rectinet.datasets import Dataset, Split, errors, load_digits_dataset
from rectinet.datasets.contact import contact_sheet, write_contact_sheet


def data_set(X: np.ndarray, shape: tuple[int, ...] | None, n_classes: int = 2) -> Dataset:
    split = Split(X.astype(np.float32), np.arange(len(X)) % n_classes)
    names = tuple(f"c{k}" for k in range(n_classes))
    return Dataset("some", split, split, split, image_shape=shape, class_names=names)


def colours(sheet: Image.Image, row: int, height: int) -> set[tuple[int, ...]]:
    """Colours of the pixels in the middle of a row of tiles, right of the names."""
    y = 2 + row * height + height // 2
    return {sheet.getpixel((x, y)) for x in range(30, sheet.width)}


def test_each_class_has_its_row():
    X = np.zeros((4, 28 * 28))
    X[1::2] = 1
    sheet = contact_sheet(data_set(X, (28, 28)))
    assert colours(sheet, 0, 30) == {(0, 0, 0), (255, 255, 255)}  # black tiles on white paper
    assert colours(sheet, 1, 30) == {(255, 255, 255)}


def test_colour_planes_and_stereo_pairs():
    red = np.zeros((2, 3, 32, 32))
    red[:, 0] = 1
    assert (255, 0, 0) in colours(contact_sheet(data_set(red.reshape(2, -1), (3, 32, 32))), 0, 34)
    stereo = np.full((2, 2, 32, 32), -1.0)
    stereo[:, 1] = 0
    seen = colours(contact_sheet(data_set(stereo.reshape(2, -1), (2, 32, 32))), 0, 34)
    assert {(0, 0, 0), (127, 127, 127)} <= seen


def test_many_classes_take_several_columns():
    sheet = contact_sheet(data_set(np.ones((62, 32 * 32)), (32, 32), n_classes=62))
    assert sheet.height == 21 * 34 + 2
    assert sheet.width > sheet.height / 2


def test_small_pictures_are_enlarged_and_a_class_may_be_empty():
    digits = load_digits_dataset()
    assert contact_sheet(digits).height == 10 * 34 + 2
    none_of_9 = digits.train.y != 9
    part = Split(digits.train.X[none_of_9], digits.train.y[none_of_9])
    lacking = Dataset("some", part, part, part, image_shape=(8, 8), class_names=digits.class_names)
    assert colours(contact_sheet(lacking), 9, 34) == {(255, 255, 255)}


def test_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = write_contact_sheet(load_digits_dataset(), tmp_path / "deep" / "sheet.png")
    with Image.open(path) as image:
        image.load()
    before = path.read_bytes()

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        write_contact_sheet(load_digits_dataset(), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_words_cannot_be_drawn():
    split = Split(csr_array(np.eye(2, dtype=np.float32)), np.arange(2))
    with pytest.raises(errors.FormatError, match="some holds bags of words"):
        contact_sheet(Dataset("some", split, split, split))
