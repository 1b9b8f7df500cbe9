"""Handwriting, captchas, collections, and their shares."""

import gzip
import json
import shutil
import struct

import numpy as np
import pytest
from PIL import Image

from rectinet.datasets import MissingFileError, errors
from rectinet.datasets.nistp._stream import uniforms
from rectinet.datasets.nistp.modules import apply_modules
from rectinet.datasets.nistp.sources import CHARACTERS, CaptchaSource, GlyphSource, collections, handwriting, mixture
from rectinet.datasets.nistp.sources.captcha import CaptchaWarp
from tests.datasets.nistp.conftest import N_WRITERS

STROKE = [[[0.0, 0.0], [10.0, 20.0]]]


def glyphs(n_hands=3):
    """Class k of hand j is an image with the grey 4 k + j everywhere."""
    grey = 4 * np.arange(62)[None, :, None, None] + np.arange(n_hands)[:, None, None, None]
    return GlyphSource("glyphs", np.broadcast_to(grey, (n_hands, 62, 32, 32)).astype(np.uint8))


def test_every_writer_and_class_is_drawn(data_home):
    images = handwriting.load(data_home / "handwriting" / "strokes.json.gz")
    assert images.shape == (N_WRITERS, 62, 32, 32)
    assert images.max(axis=(2, 3)).min() > 200
    assert len({image.tobytes() for image in images.reshape(-1, 1024)}) == N_WRITERS * 62
    assert not images[:, :, [0, -1]].any(), "ink must not touch the edge"
    assert not images[:, :, :, [0, -1]].any()


def strokes_file(tmp_path, content):
    path = tmp_path / "strokes.json"
    path.write_text(json.dumps(content))
    return path


def test_a_writer_keeps_the_relation_of_sizes(tmp_path):
    strokes = {c: [[[[0, 0], [50, 100]]]] for c in CHARACTERS}
    strokes["c"] = [[[[0, 0], [25, 50]]]]
    strokes["i"] = [[[[7, 7]]]]  # a dot
    images = handwriting.load(strokes_file(tmp_path, strokes))[0]
    heights = {c: np.ptp(np.nonzero(images[CHARACTERS.index(c)] > 127)[0]) + 1 for c in "Cci"}
    assert heights["C"] - heights["c"] == pytest.approx(heights["C"] / 2, abs=2)
    assert 1 <= heights["i"] <= 4


GOOD = {character: [STROKE] for character in CHARACTERS}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1, 2], "it holds a list"),
        ({c: [STROKE] for c in CHARACTERS[1:]}, "it lacks 0"),
        (GOOD | {"A": [STROKE, STROKE]}, "same number of writers"),
        ({key: [] for key in CHARACTERS}, "same number of writers"),
        (GOOD | {"A": [[]]}, "'A' of writer 0"),
        (GOOD | {"A": [[[]]]}, "'A' of writer 0"),
        (GOOD | {"A": [[[[1, 2, 3]]]]}, "'A' of writer 0"),
        (GOOD | {"A": [[[[1, "x"]]]]}, "'A' of writer 0"),
        (GOOD | {"A": [[[[1, 2], [3]]]]}, "'A' of writer 0"),
        (GOOD | {"A": [[[[1, float("nan")]]]]}, "'A' of writer 0"),
        (GOOD | {"A": ["text"]}, "'A' of writer 0"),
    ],
)
def test_a_file_of_other_content_is_refused_by_name(tmp_path, content, message):
    with pytest.raises(errors.BadRecordError, match=message) as caught:
        handwriting.load(strokes_file(tmp_path, content))
    assert "strokes.json" in str(caught.value)


def test_a_file_that_is_not_json_is_refused(tmp_path):
    path = tmp_path / "strokes.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(errors.BadRecordError, match="is not JSON"):
        handwriting.load(path)


def test_a_cut_file_is_refused(tmp_path):
    path = tmp_path / "strokes.json.gz"
    path.write_bytes(gzip.compress(json.dumps(GOOD).encode())[:-20])
    with pytest.raises(errors.CorruptGzipError):
        handwriting.load(path)


def test_a_glyph_source_picks_class_and_hand_evenly():
    u = np.stack(np.meshgrid((np.arange(62) + 0.5) / 62, (np.arange(3) + 0.5) / 3), axis=-1).reshape(-1, 2)
    images, labels = glyphs().draw(u.astype(np.float32))
    assert np.bincount(labels).tolist() == [3] * 62
    assert np.array_equal(images[:, 0, 0], 4 * labels + np.repeat(np.arange(3), 62))


def test_the_captcha_warp_at_rest_is_the_identity(clean):
    n = len(clean)
    none, pair = np.zeros(n, np.float32), np.zeros((n, 2), np.float32)
    warp = CaptchaWarp(none, none, none + 1, pair, pair, pair + 20, pair)
    assert np.abs(apply_modules([warp], clean) - clean).max() < 1e-5


def test_the_captcha_warp_turns_moves_and_waves():
    n, pair = 3, np.zeros((3, 2), np.float32)
    image = np.zeros((n, 32, 32), np.float32)
    image[:, 8, 15] = image[:, 8, 16] = 1  # 7.5 above the centre
    angle = np.float32([np.pi / 2, 0, 0])
    shift, amplitude = pair.copy(), pair.copy()
    shift[1] = [3, -2]
    amplitude[2, 1] = 2
    phase = pair + np.float32(np.pi / 2)
    warp = CaptchaWarp(angle, pair[:, 0], pair[:, 0] + 1, shift, amplitude, pair + 1e6, phase)
    out = apply_modules([warp], image)
    ink = [np.argwhere(one > 0.5).mean(axis=0) for one in out]
    assert abs(ink[0][1] - 15.5) == pytest.approx(7.5, abs=0.3)
    assert ink[0][0] == pytest.approx(15.5, abs=0.3)
    assert ink[1].tolist() == pytest.approx([11, 13.5], abs=0.01)
    assert ink[2].tolist() == pytest.approx([8, 13.5], abs=0.01)


def test_a_captcha_keeps_class_and_legibility():
    source = CaptchaSource(glyphs())
    u = uniforms(0, "train", "test", 0, 500, source.uniforms)
    images, labels = source.draw(u)
    plain, plain_labels = glyphs().draw(u[:, :2])
    assert np.array_equal(labels, plain_labels)
    assert np.abs(images[:, 14:18, 14:18].astype(int) - plain[:, 14:18, 14:18]).max() <= 1


def idx(values):
    header = struct.pack(f">{1 + values.ndim}I", 0x800 | values.ndim, *values.shape)
    return header + values.astype("u1").tobytes()


@pytest.fixture
def collected(tmp_path):
    """EMNIST and MNIST with images that say their number in the file: 12 for training, 4 for testing."""
    for folder, prefix, parts, n_classes in (
        ("emnist", "emnist-byclass-", ("train", "test"), 62),
        ("mnist", "", ("train", "t10k"), 10),
    ):
        (tmp_path / folder).mkdir()
        for part, n in zip(parts, (12, 4), strict=True):
            images = np.zeros((n, 28, 28), int)
            images[:, 3, 20] = 10 * np.arange(n) + (1 if part == "train" else 2)
            labels = (7 * np.arange(n)) % n_classes
            (tmp_path / folder / f"{prefix}{part}-images-idx3-ubyte").write_bytes(idx(images))
            (tmp_path / folder / f"{prefix}{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return tmp_path


@pytest.mark.parametrize(
    ("load", "place"), [(collections.load_emnist, (20, 3)), (collections.load_mnist, (3, 20))], ids=["emnist", "mnist"]
)
def test_collections_are_upright_and_split_by_their_files(collected, load, place):
    greys = {split: load(split, collected).images[:, *place].tolist() for split in ("train", "valid", "test")}
    assert greys == {"train": list(range(1, 101, 10)), "valid": [101, 111], "test": [2, 12, 22, 32]}


def test_a_collection_is_centred_in_the_larger_image(collected):
    source = collections.load_mnist("test", collected)
    images, labels = source.draw(np.float32([[0.6]]))
    assert images.shape == (1, 32, 32)
    assert images[0, 5, 22] == 22
    assert images.sum() == 22
    assert labels.tolist() == [4]


def test_a_label_that_is_no_class_is_refused(collected):
    path = collected / "emnist" / "emnist-byclass-test-labels-idx1-ubyte.gz"
    path.write_bytes(idx(np.array([0, 61, 62, 1])))
    with pytest.raises(errors.LabelOutOfRangeError, match="emnist-byclass-test-labels"):
        collections.load_emnist("test", collected)


def test_shares_are_divided_by_their_sum(data_home, font_folder):
    mixed = mixture(
        {"fonts": 1, "handwriting": 3, "mnist": 0}, split="train", font_files=font_folder, data_home=data_home
    )
    assert [source.name for source in mixed.sources] == ["fonts", "handwriting"]
    assert mixed.shares == (0.25, 0.75)


def test_a_mixture_draws_its_sources_by_their_shares(collected, font_folder):
    shares = {"captcha": 0.5, "mnist": 0.3, "fonts": 0.2}
    mixed = mixture(shares, split="train", font_files=font_folder, data_home=collected)
    images, labels = mixed.draw(uniforms(0, "train", "test", 0, 4000, mixed.uniforms))
    from_mnist = (images > 0).sum(axis=(1, 2)) == 1  # the made-up MNIST has one lit pixel an image
    assert from_mnist.mean() == pytest.approx(0.3, abs=0.03)
    assert set(labels[~from_mnist]) == set(range(62))


def test_undistorted_captchas_are_plain_characters(font_folder, data_home):
    mixed = mixture({"captcha": 1}, split="train", font_files=font_folder, data_home=data_home)
    plain = mixed.undistorted()
    assert plain.uniforms == 3
    fonts_only = mixture({"fonts": 1}, split="train", font_files=font_folder, data_home=data_home)
    u = uniforms(0, "train", "test", 0, 50, 3)
    assert np.array_equal(plain.draw(u)[0], fonts_only.draw(u)[0])


def test_the_default_mixture_takes_what_is_there(tmp_path, font_folder, data_home, special_database, request):
    def shares(home):
        mixed = mixture(None, split="train", font_files=font_folder, data_home=home)
        return {source.name: round(share, 6) for source, share in zip(mixed.sources, mixed.shares, strict=True)}

    (tmp_path / "empty").mkdir()
    assert shares(tmp_path / "empty") == {"fonts": 0.285714, "captcha": 0.714286}
    assert shares(data_home) == {"fonts": 0.133333, "captcha": 0.333333, "handwriting": 0.533333}
    assert shares(special_database) == {"fonts": 0.133333, "captcha": 0.333333, "nist": 0.533333}
    assert shares(request.getfixturevalue("collected")) == {"fonts": 0.133333, "captcha": 0.333333, "emnist": 0.533333}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"ocr": 1}, "no source 'ocr'; the names are fonts, captcha, handwriting, nist, emnist, mnist"),
        ({"fonts": -0.1}, "'fonts' must be a number from 0 on; got -0.1"),
        ({"fonts": float("nan")}, "'fonts' must be a number"),
        ({"fonts": 0}, "greater than 0"),
        ({}, "greater than 0"),
    ],
)
def test_shares_that_make_no_sense_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        mixture(shares, split="train")


@pytest.fixture
def special_database(tmp_path):
    """SD19 with one character "b" in each of four partitions; the wider the bar, the later the partition."""
    for k, partition in enumerate(("hsf_0", "hsf_3", "hsf_4", "hsf_7")):
        folder = tmp_path / "by_class" / "62" / partition
        folder.mkdir(parents=True)
        page = np.full((128, 128), 255, np.uint8)
        page[:, : 4 * (k + 1)] = 0
        Image.fromarray(page).save(folder / f"{partition}_00000.png")
    return tmp_path


@pytest.mark.parametrize(("split", "widths"), [("train", [1, 2]), ("test", [3]), ("valid", [4])])
def test_nist_is_split_by_its_partitions(special_database, split, widths):
    source = collections.load_nist(split, special_database)
    assert (source.images[:, 0] == 255).sum(axis=1).tolist() == widths
    assert {CHARACTERS[label] for label in source.labels} == {"b"}


def test_a_split_without_a_partition_is_named(special_database):
    shutil.rmtree(special_database / "by_class" / "62" / "hsf_4")
    with pytest.raises(errors.EmptyFileError, match="no character for test; the partitions are"):
        collections.load_nist("test", special_database)


@pytest.mark.parametrize("name", ["handwriting", "mnist"])
def test_a_source_that_is_asked_for_and_not_there_is_named(tmp_path, name):
    with pytest.raises(MissingFileError, match=f"{name}/.*or leave this source out"):
        mixture({name: 1}, split="train", data_home=tmp_path)


@pytest.mark.parametrize(("name", "file"), [("emnist", "emnist-byclass-train"), ("nist", "by_class")])
def test_nist_s_collections_that_are_not_there_are_named(tmp_path, name, file):
    with pytest.raises(MissingFileError, match=file):
        mixture({name: 1}, split="train", data_home=tmp_path)
