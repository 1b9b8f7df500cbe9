"""`rectinet data` as a user meets it."""

import gzip
import hashlib

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from rectinet.cli.data import app
from rectinet.datasets import errors
from rectinet.datasets.fetch import DOWNLOADS, Download
from rectinet.datasets.registry import BY_NAME


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("RECTINET_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("RECTINET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_list_names_every_data_set(run):
    output = run("list").output
    for name in BY_NAME:
        assert name in output
    assert "by hand" in output
    assert "CC BY-SA 3.0" in output


def test_path_says_where_files_are_and_where_to_put_the_others(run, tmp_path):
    assert "needs no file" in run("path", "digits").output
    (tmp_path / "cache/mnist").mkdir(parents=True)
    there = tmp_path / "cache/mnist/t10k-labels-idx1-ubyte.gz"
    there.touch()
    result = run("path", "mnist")
    assert result.exit_code == 1
    assert str(there) in result.output.splitlines()
    assert f"missing: {tmp_path / 'own/mnist/train-images-idx3-ubyte'}" in result.output.splitlines()
    (tmp_path / "other/by_class").mkdir(parents=True)
    assert run("path", "nist-sd19", "--data-home", tmp_path / "other").exit_code == 0


def test_verify(run, tmp_path):
    assert "digits: every file reads well; 1,000 / 297 / 500, 64 inputs" in run("verify", "digits").output
    (tmp_path / "own/mnist").mkdir(parents=True)
    (tmp_path / "own/mnist/train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"damaged"))
    with pytest.raises(errors.ChecksumError, match=r"train-images.*rectinet data fetch mnist --again"):
        run("verify", "mnist")


def test_show_writes_a_picture(run, tmp_path):
    assert "digits.png" in run("show", "digits").output
    run("show", "digits", "--out", tmp_path / "sheet.png")
    for name in ("digits.png", "sheet.png"):
        with Image.open(tmp_path / name) as image:
            assert np.asarray(image).std() > 10


def test_fetch_puts_files_into_the_cache(run, tmp_path, monkeypatch):
    target = tmp_path / "cache/fashion-mnist/train-images-idx3-ubyte.gz"
    target.parent.mkdir(parents=True)
    for file in BY_NAME["fashion-mnist"].files[0]:
        (tmp_path / "cache" / f"{file}.gz").touch()  # there already, so that nothing is asked of a network
    assert str(target) in run("fetch", "fashion-mnist").output
    with pytest.raises(errors.UnknownDatasetError, match="no-such"):
        run("fetch", "fashion-mnist", "no-such")


def test_verify_checks_the_content_against_the_table(run, tmp_path, monkeypatch):
    content = b"0 1\n1 1\n"
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    monkeypatch.setitem(DOWNLOADS, "digits", (Download("x/file.gz", ("http://127.0.0.1:9",), md5, "content"),))
    (tmp_path / "own/x").mkdir(parents=True)
    (tmp_path / "own/x/file").write_bytes(content)
    assert "checksum right" in run("verify", "digits").output


def test_every_command_explains_itself(run):
    for command in ("list", "fetch", "verify", "show", "path", "make"):
        result = run(command, "--help")
        assert result.exit_code == 0
        assert len(result.output) > 200
