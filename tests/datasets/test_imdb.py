"""IMDB in both forms, small."""

import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.imdb import STARS, load_imdb

TEXTS = [f"scene{k} of film{k % 5}" for k in range(40)]
RATED = [STARS[k % 8] for k in range(40)]
FREE = ["nobody rated this", "Scene3 of FILM3.", "nor this"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    train = tmp_path / "folder/aclImdb/train"
    for part in ("pos", "neg", "unsup"):
        (train / part).mkdir(parents=True)
    for k, (text, stars) in enumerate(zip(TEXTS, RATED, strict=True)):
        (train / ("pos" if stars > 5 else "neg") / f"{k}_{stars}.txt").write_text(text)
    for k, text in enumerate(FREE):
        (train / "unsup" / f"{k}_0.txt").write_text(text)
    return tmp_path / "folder"


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    home = tmp_path / "jsonl"
    (home / "imdb").mkdir(parents=True)
    rows = [{"id": k, "stars": stars, "text": text} for k, (text, stars) in enumerate(zip(TEXTS, RATED, strict=True))]
    free = [{"id": k, "stars": 0, "text": text} for k, text in enumerate(FREE)]
    for name, part in (("train", rows), ("unlabeled", free)):
        content = "".join(json.dumps(row) + "\n" for row in part).encode()
        (home / f"imdb/{name}.jsonl.xz").write_bytes(lzma.compress(content))
    return home


def test_both_forms_give_the_same_split(folder, jsonl):
    one, other = (load_imdb(data_home=home, n_train=20, n_test=15) for home in (folder, jsonl))
    assert (len(one.train), len(one.valid), len(one.test)) == (20, 5, 15)
    assert one.unlabeled.shape[0] == 2  # the third is a labelled one in other clothes
    for part in ("train", "valid", "test"):
        assert np.array_equal(getattr(one, part).X.toarray(), getattr(other, part).X.toarray())
        assert np.array_equal(getattr(one, part).y, getattr(other, part).y)
    assert set(one.train.y) <= set(STARS)
    assert one.train.y.dtype == np.float64


def test_hidden_files_of_a_desktop_are_no_reviews(folder, jsonl):
    for part in ("pos", "unsup"):
        for name in (".DS_Store", "._1_7.txt", ".12_8.txt"):
            (folder / "aclImdb/train" / part / name).write_bytes(b"\0\5\26\7\xff")
    assert len(load_imdb(data_home=folder, n_train=20, n_test=15).train) == 20


def test_a_review_is_not_read_without_a_limit(folder):
    path = folder / "aclImdb/train/pos/99_8.txt"
    path.write_bytes(gzip.compress(b"word " * (14 << 20), 1))  # told by content, whatever the name says
    with pytest.raises(errors.BadRecordError, match=r"99_8\.txt: holds more than 64 MiB"):
        load_imdb(data_home=folder)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("notes.txt", b"x", errors.BadRecordError, r"notes\.txt.*NUMBER_STARS"),
        ("99_5.txt", b"x", errors.LabelOutOfRangeError, "5 stars; the original has 1-4 and 7-10"),
        ("99_1.txt", b"caf\xe9", errors.EncodingError, r"99_1\.txt: byte 4"),
        ("99_1.txt", b" ", errors.BadValueError, r"99_1\.txt.*empty"),
    ],
)
def test_wrong_files_in_the_folder(folder, name, content, error, message):
    (folder / "aclImdb/train/neg" / name).write_bytes(content)
    with pytest.raises(error, match=message):
        load_imdb(data_home=folder, n_train=20, n_test=15)


def test_a_folder_that_lacks_a_part_or_is_empty(folder):
    for path in (folder / "aclImdb/train/unsup").iterdir():
        path.unlink()
    with pytest.raises(errors.EmptyFileError, match=r"unsup.*no .txt file"):
        load_imdb(data_home=folder)
    (folder / "aclImdb/train/unsup").rmdir()
    with pytest.raises(errors.MissingFileError, match=r"unsup.*rectinet data fetch imdb"):
        load_imdb(data_home=folder)


def test_stars_in_the_jsonl_are_checked(jsonl):
    (jsonl / "imdb/train.jsonl.xz").write_bytes(b'{"text": "a word", "stars": 6}\n')
    with pytest.raises(errors.LabelOutOfRangeError, match=r"train\.jsonl\.xz: review 0 has 6 stars"):
        load_imdb(data_home=jsonl)


def test_nothing_there(tmp_path):
    with pytest.raises(errors.MissingFileError, match=r"imdb/train\.jsonl.*rectinet data fetch imdb"):
        load_imdb(data_home=tmp_path)
