"""IMDB film reviews with 1 to 10 stars: the folder of the original distribution, or its parts as .jsonl."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from rectinet.datasets._base import Dataset
from rectinet.datasets._files import Home, find, is_hidden, locate, read_small
from rectinet.datasets.errors import (
    BadRecordError,
    BadValueError,
    EmptyFileError,
    EncodingError,
    LabelOutOfRangeError,
    MissingFileError,
)
from rectinet.datasets.reviews import Reviews, bag_dataset, read_reviews, split_by_content, without
from rectinet.datasets.text import read_texts

STARS = (1, 2, 3, 4, 7, 8, 9, 10)  # reviews of 5 and 6 stars were left out by the authors
N_TRAIN, N_TEST = 10_000, 10_000
HINT = "Run `rectinet data fetch imdb`, or put there the folder aclImdb of the original distribution."
FILE_NAME = re.compile(r"(\d+)_(\d+)\.txt")


def load_imdb(*, data_home: Home = None, n_train: int = N_TRAIN, n_test: int = N_TEST) -> Dataset:
    """IMDB in the form of OpenTable: few labelled reviews, many unlabelled ones, stars to predict.

    The original labelled training part without duplicate texts is split into 10,000 for training, 10,000 for the test
    and the rest, nearly 5,000, for validation. `unlabeled` is the original unlabelled part, about 50,000, without texts
    of the other parts; pre-training may use `train.X` as well. Binary bags of 5,000 words, chosen on `train` and
    `unlabeled`. y is 1-4 or 7-10, float64. The original test part is not needed for the comparison and not used.

    Read from `aclImdb/train/{pos,neg,unsup}/ID_STARS.txt`, else from `imdb/{train,unlabeled}.jsonl` (also .xz) with the
    fields text and stars. Both give the same split.
    Source: A. Maas et al. 2011, "Learning Word Vectors for Sentiment Analysis". Licence: none stated; research use.
    """
    labelled, unlabeled = _read(data_home)
    labelled = labelled.distinct()
    parts = split_by_content(labelled, max(1, len(labelled) - n_train - n_test), n_test)
    return bag_dataset("imdb", parts, without(unlabeled, parts))


def _read(home: Home) -> tuple[Reviews, list[str]]:
    if folder := locate("aclImdb/train", home):
        return read_folder(folder), read_folder_texts(folder / "unsup")
    path = find("imdb/train.jsonl", home, hint=HINT)
    reviews = read_reviews(path)
    _check_stars(reviews, path)
    return reviews, read_texts(find("imdb/unlabeled.jsonl", home, hint=HINT), "text").texts


def read_folder(folder: Path) -> Reviews:
    """The reviews of `folder`/pos and `folder`/neg; file names contain the stars."""
    texts: list[str] = []
    stars: list[int] = []
    for path in (path for part in ("neg", "pos") for path in _text_files(folder / part)):
        texts.append(_read_text(path))
        stars.append(_stars_of(path))
    reviews = Reviews(texts, np.array(stars, np.float64))
    _check_stars(reviews, folder)
    return reviews


def read_folder_texts(folder: Path) -> list[str]:
    """The texts of all the files of a folder, whatever their stars."""
    return [_read_text(path) for path in _text_files(folder)]


def _text_files(folder: Path) -> list[Path]:
    """The files in numerical order; the order of a folder's listing differs between file systems."""
    if not folder.is_dir():
        raise MissingFileError(f"{folder} is not there. {HINT}")
    paths = [path for path in folder.glob("*.txt") if not is_hidden(path)]
    if not paths:
        raise EmptyFileError(f"{folder}: there is no .txt file in it. {HINT}")
    return sorted(paths, key=_number_of)


def _matched(path: Path) -> re.Match[str]:
    if match := FILE_NAME.fullmatch(path.name):
        return match
    raise BadRecordError(f"{path}: the name must be NUMBER_STARS.txt, for example 12_8.txt; move the file elsewhere")


def _number_of(path: Path) -> int:
    return int(_matched(path)[1])


def _stars_of(path: Path) -> int:
    return int(_matched(path)[2])


def _read_text(path: Path) -> str:
    try:
        text = read_small(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError(f"{path}: byte {error.start + 1} is not UTF-8; unpack the original again") from error
    if not text.strip():
        raise BadValueError(f"{path}: the review is empty; unpack the original again")
    return text


def _check_stars(reviews: Reviews, path: Path) -> None:
    wrong = np.flatnonzero(~np.isin(reviews.targets, STARS))
    if wrong.size:
        raise LabelOutOfRangeError(
            f"{path}: review {wrong[0]} has {reviews.targets[wrong[0]]:g} stars; the original has 1-4 and 7-10"
        )
