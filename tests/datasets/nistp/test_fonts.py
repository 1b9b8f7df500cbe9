"""Faces found, measured and left out."""

from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import MissingFileError
from rectinet.datasets.nistp import CHARACTERS, NoFontsError
from rectinet.datasets.nistp.sources import fonts
from rectinet.datasets.nistp.sources._glyphs import LARGEST, USUAL_HEIGHT, fitted, held_out
from tests.datasets.nistp.conftest import write_font


def test_a_folder_is_searched_to_the_bottom(font_folder):
    assert [path.name for path in fonts.find(font_folder)] == ["a.ttf", "b.ttf", "c.ttf", "d.ttf"]


def test_hidden_files_of_a_desktop_are_no_fonts(tmp_path):
    for name in ("a.ttf", "._a.ttf", ".DS_Store"):
        (tmp_path / name).touch()
    assert [path.name for path in fonts.find(tmp_path)] == ["a.ttf"]


def test_a_list_of_files_is_taken_in_one_order(font_folder):
    files = [str(font_folder / "b.ttf"), str(font_folder / "a.ttf")]
    assert [path.name for path in fonts.find(files)] == ["a.ttf", "b.ttf"]


def test_no_font_says_what_to_install_or_to_give(tmp_path):
    (tmp_path / "readme.txt").write_text("not a font")
    with pytest.raises(
        NoFontsError, match=r"(?s)no font file.*apt-get install.*fonts-dejavu.*fonts='FOLDER'"
    ) as caught:
        fonts.find(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert isinstance(caught.value, MissingFileError)


def test_a_computer_without_fontconfig_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoFontsError, match=r"fc-list.*not installed.*apt-get install fontconfig"):
        fonts.find()


def test_the_system_s_fonts_are_those_fontconfig_names(monkeypatch, tmp_path, font_folder):
    """Stand in for fc-list: it names a font twice, as for a family of two styles, and a file of another kind."""
    script = tmp_path / "fc-list"
    script.write_text(f"#!/bin/sh\necho {font_folder}/a.ttf\necho {font_folder}/a.ttf\necho /fonts/old.pfb\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fonts.find() == (font_folder / "a.ttf",)


def test_usable_faces_are_drawn_in_white_on_black_in_the_middle(font_folder):
    faces = fonts.load(fonts.find(font_folder))
    assert faces.files == ("a.ttf", "b.ttf", "c.ttf", "d.ttf")
    assert faces.families == ("First", "Second", "Third", "Third")
    assert not faces.left_out
    assert faces.images.shape == (4, 62, 32, 32)
    assert faces.images.dtype == np.uint8
    assert faces.images.max() == 255
    for image in faces.images[0]:
        rows, columns = np.nonzero(image)
        assert abs(rows.min() + rows.max() - 31) <= 1
        assert abs(columns.min() + columns.max() - 31) <= 1
        assert USUAL_HEIGHT - 1 <= rows.max() - rows.min() + 1 <= USUAL_HEIGHT + 1


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("lacks", {"characters": CHARACTERS.replace("Q", "")}, "has no 'Q'"),
        ("blank", {"shapes": [0 if c == "7" else k + 1 for k, c in enumerate(CHARACTERS)]}, "draws nothing for '7'"),
        ("alike", {"shapes": [1 + k % 40 for k in range(62)]}, "22 of its 62 characters look like another one"),
    ],
)
def test_an_unusable_face_is_left_out_with_its_reason(tmp_path, name, arguments, reason):
    write_font(tmp_path / "good.ttf")
    write_font(tmp_path / f"{name}.ttf", **arguments)
    faces = fonts.load(fonts.find(tmp_path))
    assert faces.files == ("good.ttf",)
    assert faces.left_out == {f"{name}.ttf": reason}


def test_a_file_that_is_no_font_is_left_out(tmp_path):
    write_font(tmp_path / "good.ttf")
    (tmp_path / "broken.otf").write_bytes(b"no font at all")
    faces = fonts.load(fonts.find(tmp_path))
    assert list(faces.left_out) == ["broken.otf"]


def test_no_usable_face_names_one_and_its_reason(tmp_path):
    write_font(tmp_path / "lacks.ttf", characters=CHARACTERS[:-1])
    with pytest.raises(NoFontsError, match=r"none of 1 fonts can be used \(lacks.ttf: has no 'z'\)"):
        fonts.load(fonts.find(tmp_path))


def test_a_face_of_other_signs_is_noticed_among_many(tmp_path):
    """Twenty faces agree on what the characters look like; one has them all in other places."""
    for k in range(20):
        write_font(tmp_path / f"good{k:02}.ttf", width=200 + 5 * k)
    write_font(tmp_path / "signs.ttf", shapes=[*range(40, 63), *range(1, 40)])
    faces = fonts.load(fonts.find(tmp_path))
    assert len(faces.files) == 20
    assert list(faces.left_out) == ["signs.ttf"]
    assert faces.left_out["signs.ttf"].endswith("of its characters resemble their class")


def test_two_files_of_one_name_are_judged_apart(tmp_path):
    for k in range(20):
        write_font(tmp_path / f"good{k:02}.ttf", width=200 + 5 * k)
    (tmp_path / "more").mkdir()
    write_font(tmp_path / "more" / "good00.ttf", shapes=[*range(40, 63), *range(1, 40)])
    faces = fonts.load(fonts.find(tmp_path))
    assert faces.files == tuple(f"good{k:02}.ttf" for k in range(20))
    assert list(faces.left_out) == ["good00.ttf"]


def test_one_scale_for_a_face_but_none_larger_than_the_image():
    extents = np.array([[10, 5]] * 18 + [[5, 5], [10, 100]], float)
    scales = fitted(extents)
    assert scales[:19] == pytest.approx(USUAL_HEIGHT / 10)
    assert scales[19] == pytest.approx(LARGEST / 100)


def test_held_out_families_are_apart_and_nobody_is_lost():
    names = [f"family {k // 2}" for k in range(60)]
    parts = [held_out(names, split) for split in ("train", "valid", "test")]
    assert sorted(np.concatenate(parts)) == list(range(60))
    assert [len(part) for part in parts] == [48, 6, 6]
    families = [{names[i] for i in part} for part in parts]
    assert not families[0] & families[1]
    assert not families[0] & families[2]
    assert not families[1] & families[2]


def test_held_out_families_do_not_depend_on_their_order():
    names = ["Garamond", "Futura", "Optima", "Bodoni"]
    test = {names[i] for i in held_out(names, "test")}
    assert test == {names[::-1][i] for i in held_out(names[::-1], "test")}


def test_two_families_cannot_be_held_out():
    with pytest.raises(ValueError, match=r"three different families.*found 2.*holdout=None"):
        held_out(["one", "two", "two"], "train")


def test_without_pillow_the_message_says_what_to_install(monkeypatch):
    import importlib
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delitem(sys.modules, "rectinet.datasets.nistp.sources._pillow")
    with pytest.raises(ImportError, match="NISTP needs Pillow: pip install"):
        importlib.import_module("rectinet.datasets.nistp.sources._pillow")


def test_a_face_is_drawn_once(font_folder):
    files = fonts.find(font_folder)
    assert fonts.load(files) is fonts.load(tuple(Path(file) for file in files))
