"""Amazon reviews of four products (Blitzer et al. 2007) in the three forms in which they are distributed.

`sorted_data_acl` is the original pseudo-XML with full texts, `processed_acl` has lines of `feature:count`, and
`svmlight5000` lines of 5,000 term counts. All give the same task: is the review positive (4 or 5 stars) or negative (1
or 2)? Duplicate texts are removed before the split.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from rectinet.datasets._base import Dataset
from rectinet.datasets._files import Home, find, locate, opened
from rectinet.datasets._lines import byte_lines, text_lines
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets.errors import (
    BadRecordError,
    BadShapeError,
    EmptyFileError,
    EmptyTextError,
    LabelOutOfRangeError,
    UnknownDatasetError,
)
from rectinet.datasets.reviews import Reviews, bag_dataset, content_key, split_by_content, without
from rectinet.datasets.tables import read_table
from rectinet.shown import reason, shown

FOLDERS = {"books": "books", "dvd": "dvd", "electronics": "electronics", "kitchen": "kitchen_&_housewares"}
CLASS_NAMES = ("negative", "positive")
N_VALID = N_TEST = 200  # a tenth of the 2,000 reviews each, half of them positive
N_TERMS = 5000
HINT = (
    "Put the files there: domain_sentiment_data.tar.gz and processed_acl.tar.gz, to be unpacked in the folder amazon, "
    "are at https://www.cs.jhu.edu/~mdredze/datasets/sentiment/"
)


def load_amazon(product: str, *, data_home: Home = None, n_valid: int = N_VALID, n_test: int = N_TEST) -> Dataset:
    """Reviews of one product from their texts: positive or negative; about 1,600 / 200 / 200, the last two balanced.

    Parameters
    ----------
    product : {"books", "dvd", "electronics", "kitchen"}
        Read from `amazon/sorted_data_acl/PRODUCT/{negative,positive}.review`; the folder of kitchen is
        `kitchen_&_housewares`.
    n_valid, n_test : int
        Number of held-out reviews, half of them of each class.

    `unlabeled` holds the texts of `unlabeled.review` or `amazon/text6000/PRODUCT`, if there is one, minus those in
    another part. Binary bags of 5,000 words chosen on `train` and `unlabeled`. Source: J. Blitzer, M. Dredze, F.
    Pereira 2007, "Biographies, Bollywood, Boom-boxes and Blenders". Research use.
    """
    parts = _split(read_product(product, data_home=data_home), n_valid, n_test)
    return bag_dataset(
        f"amazon-{product}", parts, without(_unlabeled_texts(product, data_home), parts), class_names=CLASS_NAMES
    )


def load_amazon_processed(
    product: str, *, data_home: Home = None, n_valid: int = N_VALID, n_test: int = N_TEST
) -> Dataset:
    """As `load_amazon`, but from `amazon/processed_acl`, whose features are words and pairs of words."""
    parts = _split(_both_classes(f"processed_acl/{product}", feature_texts, data_home), n_valid, n_test)
    path = locate(f"amazon/processed_acl/{product}/unlabeled.review", data_home)
    unlabeled = without(feature_texts(path) if path else [], parts)
    return bag_dataset(f"amazon-{product}-processed", parts, unlabeled, class_names=CLASS_NAMES, features_given=True)


def load_amazon_svmlight(product: str, *, data_home: Home = None, n_valid: int = N_VALID) -> Dataset:
    """The same task from 5,000 term counts, made binary; the test part is the one in the files.

    Read from `amazon/svmlight5000/PRODUCT_{train,test}.svmlight`. About 1,600 / 200 / 3,500 to 6,000: a tenth of the
    training rows also occur in the test part, or twice in the training part, and are removed.
    """
    train_and_valid, test = (_term_texts(product, part, data_home) for part in ("train", "test"))
    parts = _split(train_and_valid, n_valid, 0, apart_from=test)
    return bag_dataset(
        f"amazon-{product}-svmlight", (parts[0], parts[1], test), [], class_names=CLASS_NAMES, features_given=True
    )


def read_product(product: str, *, data_home: Home = None) -> Reviews:
    """The distinct labelled reviews of one product, texts and classes 0 (negative), 1 (positive); for own protocols."""
    if product not in FOLDERS:
        raise UnknownDatasetError(f"there are no reviews of {product!r}; the products are {', '.join(FOLDERS)}")
    return _both_classes(f"sorted_data_acl/{FOLDERS[product]}", _marked_texts, data_home)


def read_markup(path: Path) -> Iterator[tuple[str, float]]:
    """(text, stars) of every <review> of a pseudo-XML file: tags on lines of their own, no root needed, & for &amp;.

    Raises
    ------
    BadRecordError, EmptyTextError, LabelOutOfRangeError, and those of opening a file.
    """
    with memory_errors_named(path), closing(_lenient_lines(path)) as lines:
        yield from _marked_reviews(lines, path)


def _marked_reviews(lines: Iterable[tuple[int, str]], path: Path) -> Iterator[tuple[str, float]]:
    fields: dict[str, str] | None = None
    tag, content = "", [""]
    for number, line in lines:
        where = f"{path}, line {number}"
        word = line.strip()
        if fields is None:
            if word == "<review>":
                fields = {}
            elif word and word not in ("<data>", "</data>") and not word.startswith("<?xml"):
                raise BadRecordError(f"{where}: <review> is expected here, not {shown(word)}")
        elif tag:
            if word == f"</{tag}>":
                fields.setdefault(tag, "".join(content).strip())  # some originals contain the unique_id twice
                tag = ""
            elif word == "</review>":
                raise BadRecordError(f"{where}: the review ends before </{tag}>")
            else:
                content.append(line)
        elif word == "</review>":
            yield _text_and_stars(fields, where)
            fields = None
        elif word.startswith("<") and word.endswith(">") and not word.startswith("</"):
            tag, content = word[1:-1], []
        elif word:
            raise BadRecordError(f"{where}: a tag is expected here, not {shown(word)}")
    if fields is not None:
        raise BadRecordError(f"{path}: the last review has no </review>; fetch or copy the file again")


def _text_and_stars(fields: dict[str, str], where: str) -> tuple[str, float]:
    for tag in ("review_text", "rating"):
        if tag not in fields:
            raise BadRecordError(f"{where}: the review that ends here has no <{tag}>")
    if not fields["review_text"]:
        raise EmptyTextError(f"{where}: the review that ends here has an empty <review_text>")
    if fields["rating"] not in ("1.0", "2.0", "3.0", "4.0", "5.0"):
        raise LabelOutOfRangeError(f"{where}: the rating is {shown(fields['rating'])} and must be 1.0 to 5.0")
    try:
        return html.unescape(fields["review_text"]), float(fields["rating"])
    except ValueError as error:  # &# and thousands of digits
        raise BadRecordError(
            f"{where}: a character reference in the review that ends here cannot be: {reason(error)}"
        ) from error


def _lenient_lines(path: Path) -> Generator[tuple[int, str], None, None]:
    """Lines as UTF-8, or as Latin-1 if that fails: the originals were gathered from the web and contain both."""
    with opened(path) as file:
        for number, line in byte_lines(file, path):
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError:
                yield number, line.decode("latin-1")


def feature_texts(path: Path) -> Iterator[str]:
    """One text of features for each `feature:count ... #label#:class` line."""
    with memory_errors_named(path), closing(text_lines(path)) as lines:
        for number, line in lines:
            yield _feature_text(line, f"{path}, line {number}")


def _feature_text(line: str, where: str) -> str:
    features = []
    for field in line.split():
        feature, colon, count = field.rpartition(":")
        if feature == "#label#":
            continue
        if not colon or not feature or not (count.isascii() and count.isdigit()):
            raise BadRecordError(f"{where}: {shown(field)} is not feature:count")
        features.append(feature)
    if not features:
        raise EmptyTextError(f"{where}: there is not one feature:count in it")
    return " ".join(features)


def _term_texts(product: str, part: str, home: Home) -> Reviews:
    """Term k as the word `k`, so that term counts are processed like all other reviews."""
    path = find(f"amazon/svmlight5000/{product}_{part}.svmlight", home, hint=HINT)
    X, y = read_table(path, n_features=N_TERMS, zero_based=True)  # as distributed, whether or not term 0 occurs
    if isinstance(X, np.ndarray) or y is None:
        raise BadShapeError(f"{path}: is not sparse")
    wrong = np.flatnonzero(~np.isin(y, (-1, 1)))
    if wrong.size:
        raise LabelOutOfRangeError(f"{path}: row {wrong[0]} has the label {y[wrong[0]]:g}; -1 and 1 are expected")
    texts = [" ".join(map(str, X.indices[a:b])) for a, b in zip(X.indptr[:-1], X.indptr[1:], strict=True)]
    return Reviews(texts, (y > 0).astype(np.int64))


def _both_classes(folder: str, texts_of: Callable[[Path], Iterable[str]], home: Home) -> Reviews:
    """The distinct reviews of `folder`/negative.review and `folder`/positive.review."""
    texts: list[str] = []
    classes: list[int] = []
    for label, name in enumerate(CLASS_NAMES):
        path = find(f"amazon/{folder}/{name}.review", home, hint=HINT)
        with memory_errors_named(path):
            found = list(texts_of(path))
        if not found:
            raise EmptyFileError(f"{path}: there is no review in it; fetch or copy it again")
        texts += found
        classes += [label] * len(found)
    return Reviews(texts, np.array(classes, np.int64)).distinct()


def _marked_texts(path: Path) -> Iterator[str]:
    """The texts of a pseudo-XML file whose stars must agree with its name."""
    negative = path.name.startswith("negative")
    for number, (text, stars) in enumerate(read_markup(path), 1):
        if (stars < 3) != negative or stars == 3:
            raise LabelOutOfRangeError(
                f"{path}: review {number} has {stars:g} stars; {'1 or 2' if negative else '4 or 5'} are expected here"
            )
        yield text


def _unlabeled_texts(product: str, home: Home) -> list[str]:
    if path := locate(f"amazon/sorted_data_acl/{FOLDERS[product]}/unlabeled.review", home):
        return [text for text, _ in read_markup(path)]
    paths = [locate(f"amazon/text6000/{product}/review_{name}", home) for name in CLASS_NAMES]
    return [line.strip() for path in paths if path for _, line in _lenient_lines(path) if line.strip()]


def _split(
    reviews: Reviews, n_valid: int, n_test: int, *, apart_from: Reviews | None = None
) -> tuple[Reviews, Reviews, Reviews]:
    """Distinct reviews split by content within each class, so that `valid` and `test` are balanced."""
    held_out = {content_key(text) for text in apart_from.texts} if apart_from else set()
    reviews = reviews.distinct()
    reviews = reviews.take(row for row, text in enumerate(reviews.texts) if content_key(text) not in held_out)
    of_class = [reviews.take(np.flatnonzero(reviews.targets == label)) for label in range(len(CLASS_NAMES))]
    halves = [split_by_content(part, n_valid // 2, n_test // 2) for part in of_class]
    train, valid, test = (negative.joined(positive) for negative, positive in zip(*halves, strict=True))
    return train, valid, test
