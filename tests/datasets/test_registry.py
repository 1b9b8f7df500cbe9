"""The registry, the search path of data folders, and the bundled digits."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import Split, errors, load, load_digits_dataset
from rectinet.datasets._files import cache_folder, data_homes, find, locate
from rectinet.datasets.registry import BY_NAME, ENTRIES, entry


def test_names_are_unique_and_every_loader_exists():
    assert len(BY_NAME) == len(ENTRIES)
    for each in ENTRIES:
        module, function = each.loader.split(":")
        assert callable(getattr(import_module(module), function)), each.name
        assert all((each.what, each.size, each.licence, each.source))


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(errors.UnknownDatasetError, match=r"no data set 'minst'.*digits, mnist"):
        load("minst")


def test_digits_need_nothing_and_are_always_the_same():
    data = load("digits")
    assert (len(data.train), len(data.valid), len(data.test)) == (1000, 297, 500)
    assert data.train.X.shape == (1000, 64)
    assert (data.train.X.min(), data.train.X.max()) == (0, 1)
    assert np.bincount(data.test.y).min() >= 48  # stratified
    again = load_digits_dataset()
    assert np.array_equal(data.train.X, again.train.X)
    whole = np.concatenate([data.train.X, data.valid.X, data.test.X])
    from sklearn.datasets import load_digits

    assert sorted(map(tuple, whole * 16)) == sorted(map(tuple, load_digits().data.astype(np.float32)))


def test_own_folder_comes_before_the_cache(tmp_path, monkeypatch):
    own, cache = tmp_path / "own", tmp_path / "cache"
    monkeypatch.setenv("RECTINET_DATA", str(own))
    monkeypatch.setenv("RECTINET_CACHE", str(cache))
    assert data_homes() == (own, cache)
    assert data_homes(tmp_path) == (tmp_path,)
    for home in (cache, own):
        assert locate("x") is None or home is own
        home.mkdir()
        (home / "x.gz").touch()
        assert locate("x") == home / "x.gz"
    (own / "x").touch()
    assert find("x", hint="") == own / "x"
    monkeypatch.delenv("RECTINET_DATA")
    assert data_homes() == (cache,)
    with pytest.raises(errors.MissingFileError, match=r"nothing.*RECTINET_DATA.*is not set\). Do this"):
        find("nothing", hint="Do this")


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "c/rectinet"),
        ("linux", "", "h/.cache/rectinet"),
        ("darwin", "", "h/Library/Caches/rectinet"),
        ("win32", "LOCALAPPDATA", "c/rectinet"),
    ],
)
def test_the_platforms_cache_folder(tmp_path, monkeypatch, platform, variable, expected):
    for name in ("RECTINET_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "c"))
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "h")
    assert cache_folder() == tmp_path / expected


def test_missing_counts_the_form_that_lacks_least(tmp_path):
    assert entry("digits").missing(tmp_path) == ()
    assert len(entry("mnist").missing(tmp_path)) == 4
    (tmp_path / "imdb").mkdir()
    (tmp_path / "imdb/train.jsonl.xz").touch()
    assert entry("imdb").missing(tmp_path) == ("imdb/unlabeled.jsonl",)
    (tmp_path / "imdb/unlabeled.jsonl").touch()
    assert entry("imdb").missing(tmp_path) == ()


def test_nothing_heavy_is_imported_before_it_is_needed():
    script = "import sys, rectinet.datasets, rectinet.cli.data; print([m for m in sys.argv[1:] if m in sys.modules])"
    heavy = ["PIL", "pooch", "requests", "torch", "matplotlib"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", script, *heavy], env=environment, capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr


def test_a_split_checks_itself():
    X = np.zeros((3, 2), np.float32)
    with pytest.raises(ValueError, match="3 examples and y is of shape"):
        Split(X, np.zeros(2))
    with pytest.raises(TypeError, match="float32; got float64"):
        Split(X.astype(float), np.zeros(3))
    with pytest.raises(TypeError, match="C-contiguous"):
        Split(np.asfortranarray(X), np.zeros(3))


def test_every_error_is_a_data_error_and_says_what_it_is_for():
    named = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(named) > 20
    for error in named:
        assert issubclass(error, errors.DataError)
        assert error.__doc__
