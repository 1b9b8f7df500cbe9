"""Reviews with stars, in the form of OpenTable: deduplicated, split by content, and encoded as bags of words.

A hash of a review's text decides its part: the split is the same for the same reviews in any file format and order, and
duplicate texts cannot be in two parts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.datasets._base import Dataset, Split
from rectinet.datasets._files import Home, find, locate
from rectinet.datasets.errors import BadValueError, SplitSizeError
from rectinet.datasets.text import N_WORDS, fit_bag_of_words, read_texts, vectorize
from rectinet.shown import shown

OPENTABLE_HINT = (
    "Put your own reviews there: opentable/train.jsonl with the fields text and stars, opentable/test.jsonl, and "
    "opentable/unlabeled.jsonl with the field text, one review a line. The reviews of the paper were never published."
)


@dataclass(frozen=True)
class Reviews:
    """Texts and their targets.

    Parameters
    ----------
    texts : list of str, n of them
    targets : ndarray of shape (n,)
        Stars as float64, or classes as int64.
    """

    texts: list[str]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Iterable[int]) -> Reviews:
        """The reviews in the given rows, in that order."""
        rows = list(rows)
        return Reviews([self.texts[row] for row in rows], self.targets[rows])

    def joined(self, other: Reviews) -> Reviews:
        """These reviews followed by the others."""
        return Reviews(self.texts + other.texts, np.concatenate([self.targets, other.targets]))

    def distinct(self) -> Reviews:
        """The first review of every text."""
        first: dict[bytes, int] = {}
        for row, text in enumerate(self.texts):
            first.setdefault(content_key(text), row)
        return self.take(first.values())


def content_key(text: str) -> bytes:
    """SHA-256 of the words of a text, so that texts that differ in blanks, case or punctuation count as equal."""
    return hashlib.sha256((" ".join(re.findall(r"[^\W_]+", text.lower())) or text).encode()).digest()


def without(texts: Iterable[str], others: Iterable[Reviews]) -> list[str]:
    """The distinct texts that occur in none of the `others`."""
    seen = {content_key(text) for reviews in others for text in reviews.texts}
    kept: dict[bytes, str] = {}
    for text in texts:
        if (key := content_key(text)) not in seen:
            kept.setdefault(key, text)
    return list(kept.values())


def split_by_content(reviews: Reviews, n_valid: int, n_test: int) -> tuple[Reviews, Reviews, Reviews]:
    """Split distinct reviews into (train, valid, test), ordered by the texts' hashes: test first, then valid."""
    if len(reviews) <= n_valid + n_test:
        raise SplitSizeError(
            f"{len(reviews)} distinct reviews are too few to keep {n_valid} for validation and {n_test} for the test"
        )
    order = sorted(range(len(reviews)), key=lambda row: content_key(reviews.texts[row]))
    test, valid, train = order[:n_test], order[n_test : n_test + n_valid], order[n_test + n_valid :]
    return reviews.take(train), reviews.take(valid), reviews.take(test)


def bag_dataset(
    name: str,
    parts: tuple[Reviews, Reviews, Reviews],
    unlabeled: list[str],
    *,
    class_names: tuple[str, ...] = (),
    n_words: int = N_WORDS,
    features_given: bool = False,
) -> Dataset:
    """A data set of binary bags of words, with the vocabulary of `train` and `unlabeled` only."""
    train, valid, test = parts
    vectorizer, X = fit_bag_of_words([*train.texts, *unlabeled], n_words, features_given=features_given)
    return Dataset(
        name,
        Split(X[: len(train)], train.targets),
        Split(vectorize(vectorizer, valid.texts), valid.targets),
        Split(vectorize(vectorizer, test.texts), test.targets),
        unlabeled=X[len(train) :] if unlabeled else None,
        class_names=class_names,
    )


def read_reviews(path: Path, *, text: str = "text", target: str = "stars") -> Reviews:
    """The labelled rows of a .jsonl or .csv file, stars as float64; see `rectinet.datasets.text.read_texts`."""
    read = read_texts(path, text, target)
    rows = [(words, stars) for words, stars in zip(read.texts, read.targets or [], strict=True) if stars is not None]
    for _, stars in rows:
        if isinstance(stars, str | bool):
            raise BadValueError(f"{path}: {target!r} must be a number of stars and is {shown(stars)}")
    return Reviews([words for words, _ in rows], np.array([float(stars) for _, stars in rows], np.float64))


def load_reviews(
    name: str,
    train: Path,
    *,
    test: Path | None = None,
    unlabeled: Path | None = None,
    text: str = "text",
    target: str = "stars",
    n_valid: int | None = None,
    n_test: int | None = None,
    n_words: int = N_WORDS,
) -> Dataset:
    """A data set from files of reviews with stars.

    Parameters
    ----------
    name : str
    train, test, unlabeled : path
        .jsonl or .csv, optionally with .gz or .xz. Rows of `train` without stars are added to the unlabelled ones.
    text, target : str
        Names of the two fields.
    n_valid, n_test : int, optional
        Number of reviews held out from `train`; default: a tenth each, and none for the test if `test` is given.
    n_words : int
        Size of the vocabulary.

    Raises
    ------
    DataError
        As `read_texts`; SplitSizeError when there are too few reviews.
    """
    labelled = read_reviews(train, text=text, target=target).distinct()
    given = read_reviews(test, text=text, target=target).distinct() if test else None
    if given is not None:
        held_out = {content_key(words) for words in given.texts}
        labelled = labelled.take(row for row, words in enumerate(labelled.texts) if content_key(words) not in held_out)
    tenth = max(1, len(labelled) // 10)
    n_valid = tenth if n_valid is None else n_valid
    n_test = 0 if given is not None else tenth if n_test is None else n_test
    train_part, valid_part, test_part = split_by_content(labelled, n_valid, n_test)
    parts = train_part, valid_part, test_part if given is None else given
    without_stars = read_texts(train, text).texts + (read_texts(unlabeled, text).texts if unlabeled else [])
    return bag_dataset(name, parts, without(without_stars, parts), n_words=n_words)


def load_opentable(*, data_home: Home = None) -> Dataset:
    """Restaurant reviews with stars in the form of OpenTable: your own, as those of the paper are not public.

    Files are `opentable/train.jsonl` (labelled), `unlabeled.jsonl` and `test.jsonl`; .csv and .xz are accepted too. A
    tenth of the labelled reviews is held out for validation. Glorot et al. 2011, section 4.2: 10,000 labelled, 300,000
    unlabelled, 10,000 test.
    """
    train, unlabeled, test = (_opentable_file(part, data_home) for part in ("train", "unlabeled", "test"))
    return load_reviews("opentable", train, unlabeled=unlabeled, test=test)


def _opentable_file(part: str, home: Home) -> Path:
    names = (f"opentable/{part}{suffix}" for suffix in (".jsonl", ".csv"))
    there = (path for name in names if (path := locate(name, home)))
    return next(there, None) or find(f"opentable/{part}.jsonl", home, hint=OPENTABLE_HINT)
