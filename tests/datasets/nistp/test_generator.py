"""Item i of seed s is always the same image and label."""

import hashlib
import itertools
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rectinet.datasets.nistp import CHARACTERS, NISTP
from rectinet.datasets.nistp.modules import Pinch
from rectinet.datasets.nistp.sources import handwriting


@pytest.mark.parametrize("modules", ["nistp", "p07"])
def test_an_item_is_the_same_in_any_order_and_batch(handwritten, modules, global_random_seed):
    ds = handwritten(seed=global_random_seed, modules=modules)
    images, labels = ds.images(100, 300)
    for i in np.random.default_rng(global_random_seed).permutation(300)[:40]:
        image, label = ds[100 + int(i)]
        assert np.array_equal(image, images[i])
        assert label == labels[i]
    pieces = [ds.images(start, n)[0] for start, n in ((100, 7), (107, 130), (237, 163))]
    assert np.array_equal(np.concatenate(pieces), images)


def test_an_item_is_the_same_in_eight_threads(handwritten):
    ds = handwritten(modules="p07")
    images, _ = ds.images(0, 80)
    with ThreadPoolExecutor(8) as pool:
        alone = list(pool.map(lambda i: ds[i][0], range(80)))
    assert np.array_equal(np.stack(alone), images)


def test_an_item_is_the_same_in_another_process(handwritten, data_home):
    digest = hashlib.sha256(handwritten(seed=5).images(0, 50)[0].tobytes()).hexdigest()
    program = (
        "import hashlib; from rectinet.datasets.nistp import NISTP;"
        f"ds = NISTP(seed=5, sources={{'handwriting': 1}}, data_home={str(data_home)!r});"
        "print(hashlib.sha256(ds.images(0, 50)[0].tobytes()).hexdigest())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest


def test_a_pickled_set_goes_on_with_the_same_items(handwritten):
    ds = handwritten(modules="p07")
    assert np.array_equal(pickle.loads(pickle.dumps(ds)).images(3, 5)[0], ds.images(3, 5)[0])


def test_shapes_types_and_classes(handwritten):
    ds = handwritten()
    image, label = ds[np.int64(3)]
    assert (image.shape, image.dtype, type(label)) == ((32, 32), np.uint8, int)
    X, y = ds.batch(3, 20)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((20, 1024), np.float32, (20,), np.int64)
    assert X.flags.c_contiguous
    assert np.array_equal(X[0], image.ravel() / np.float32(255))
    assert "".join(ds.class_names) == CHARACTERS == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    assert ds.batch(0, 0)[0].shape == (0, 1024)


def test_labels_are_spread_over_all_classes(handwritten):
    counts = np.bincount(handwritten(complexity=0).batch(0, 6200)[1], minlength=62)
    assert counts.min() > 60
    assert counts.max() < 140


def test_iteration_starts_at_item_0_and_does_not_end(handwritten):
    ds = handwritten()
    first = list(itertools.islice(ds, 150))
    assert np.array_equal(np.stack([image for image, _ in first]), ds.images(0, 150)[0])
    assert [label for _, label in first] == ds.images(0, 150)[1].tolist()


def test_the_label_is_the_class_of_the_character(handwritten, data_home):
    drawn = handwriting.load(data_home / "handwriting" / "strokes.json.gz")
    images, labels = handwritten(complexity=0).images(0, 100)
    for image, label in zip(images, labels, strict=True):
        assert (drawn[:, label] == image).all(axis=(1, 2)).any()


def test_seeds_and_splits_give_different_items(handwritten):
    sets = [handwritten(seed=seed, split=split) for seed in (0, 1, 2**64 - 1) for split in ("train", "valid", "test")]
    assert len({ds.images(0, 4)[0].tobytes() for ds in sets}) == 9


def test_complexity_makes_the_images_differ_more_from_the_characters(handwritten):
    clean, _ = handwritten(complexity=0).images(0, 200)
    change = [
        np.abs(handwritten(complexity=c).images(0, 200)[0].astype(int) - clean).mean() for c in (0.1, 0.4, 0.7, 1)
    ]
    assert 0 < change[0] < change[1] < change[2] < change[3]


def test_p07_is_the_same_character_with_more_done_to_it(handwritten):
    nistp, p07 = handwritten(), handwritten(modules="p07")
    assert np.array_equal(nistp.images(0, 50)[1], p07.images(0, 50)[1])
    assert np.array_equal(nistp.characters(0, 50), p07.characters(0, 50))
    assert len(p07.modules) == 14


def test_pinch_is_a_switch(handwritten):
    with_pinch, without = handwritten(), handwritten(pinch=False)
    assert [m for m in with_pinch.modules if m is not Pinch] == list(without.modules)
    assert Pinch in with_pinch.modules
    assert not np.array_equal(with_pinch.images(0, 20)[0], without.images(0, 20)[0])


def test_nistp_is_white_on_black_and_p07_either_way(handwritten):
    border = np.ones((32, 32), bool)
    border[2:-2, 2:-2] = False
    assert np.median(handwritten().images(0, 100)[0][:, border]) == 0
    bright = np.median(handwritten(modules="p07").images(0, 200)[0][:, border], axis=1) > 127
    assert 60 < bright.sum() < 140


def test_held_out_writers_and_families_share_no_character(data_home, font_folder):
    def characters(split):
        ds = NISTP(
            split=split, sources={"handwriting": 1, "fonts": 1}, complexity=0, holdout="writers-and-fonts",
            data_home=data_home, fonts=font_folder,
        )  # fmt: skip
        return {image.tobytes() for image in ds.images(0, 1500)[0]}

    train, valid, test = (characters(split) for split in ("train", "valid", "test"))
    assert not train & valid
    assert not train & test
    assert not valid & test
    shared = [set(map(bytes, NISTP(split=split, sources={"handwriting": 1}, complexity=0, data_home=data_home)
                  .images(0, 1500)[0])) for split in ("train", "test")]  # fmt: skip
    assert shared[0] & shared[1], "without holdout the splits share their writers"


def test_backgrounds_may_be_the_user_s(handwritten):
    stripes = np.zeros((3, 40, 50), np.uint8)
    stripes[:, ::2] = 200
    clouds, striped = handwritten(modules="p07"), handwritten(modules="p07", backgrounds=stripes)
    u = np.random.default_rng(0).random((10, 1024), np.float32)
    patches = striped.supply.backgrounds(u)
    assert set(np.unique(patches)) == {0, 1}
    assert (patches[:, 0] != patches[:, 1]).all()
    assert not np.array_equal(clouds.images(0, 30)[0], striped.images(0, 30)[0])


def test_clouds_are_smooth_and_reach_one(handwritten):
    clouds = handwritten().supply.backgrounds(np.random.default_rng(0).random((50, 1024), np.float32))
    assert np.allclose(clouds.max(axis=(1, 2)), 1)
    assert (clouds.min(axis=(1, 2)) >= 0).all()
    assert np.abs(np.diff(clouds, axis=1)).mean() < 0.1 < clouds.std(axis=(1, 2)).mean()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1}, r"seed must lie in \[0, 2\*\*64\); got -1"),
        ({"seed": 2**64}, "seed must lie"),
        ({"split": "dev"}, "split must be one of train, valid, test; got 'dev'"),
        ({"modules": "P07"}, "modules must be one of nistp, p07; got 'P07'"),
        ({"complexity": 1.5}, r"complexity must lie in \[0, 1\]; got 1.5"),
        ({"complexity": float("nan")}, "complexity must lie"),
        ({"holdout": "fonts"}, "holdout must be None or 'writers-and-fonts'; got 'fonts'"),
        ({"backgrounds": np.zeros((2, 31, 40), np.uint8)}, r"at least 32 x 32; got uint8 of shape \(2, 31, 40\)"),
        ({"backgrounds": np.zeros((2, 32, 32))}, "got float64"),
        ({"backgrounds": np.zeros((0, 32, 32), np.uint8)}, "at least one"),
    ],
)
def test_bad_arguments_are_named(handwritten, arguments, message):
    with pytest.raises(ValueError, match=message):
        handwritten(**arguments)


@pytest.mark.parametrize(("start", "n"), [(-1, 1), (0, -1), (2**40, 1)])
def test_items_outside_the_set_are_refused(handwritten, start, n):
    with pytest.raises(IndexError, match=r"items must lie in \[0, 2\*\*40\)"):
        handwritten().batch(start, n)


@pytest.mark.parametrize("i", [slice(3), 1.0, "1"])
def test_an_item_has_a_whole_number(handwritten, i):
    with pytest.raises(TypeError, match="integer"):
        handwritten()[i]
    with pytest.raises(TypeError, match="integer"):
        handwritten(seed=i)


def test_the_last_item_is_an_item(handwritten):
    assert handwritten()[2**40 - 1][0].shape == (32, 32)


def test_it_says_what_it_is_made_of(data_home, font_folder):
    ds = NISTP(seed=3, data_home=data_home, fonts=font_folder)
    assert repr(ds) == "NISTP(seed=3, split='train', 5 modules; fonts 13%, captcha 33%, handwriting 53%)"
    assert sum(ds.shares.values()) == pytest.approx(1)
