"""Amazon reviews in their three forms, small files in the exact formats."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.amazon import (
    load_amazon,
    load_amazon_processed,
    load_amazon_svmlight,
    read_markup,
    read_product,
)

N = 10  # reviews of a class


def markup(text: str, stars: str) -> str:
    return (
        f"<review>\n<unique_id>\n1\n</unique_id>\n<unique_id>\n1:again\n</unique_id>\n<rating>\n{stars}\n</rating>\n"
        f"<title>\n\n</title>\n<review_text>\n{text}\n</review_text>\n</review>\n"
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for product, folder in (("books", "books"), ("kitchen", "kitchen_&_housewares")):
        originals = tmp_path / "amazon/sorted_data_acl" / folder
        processed = tmp_path / "amazon/processed_acl" / product
        originals.mkdir(parents=True)
        processed.mkdir(parents=True)
        for name, stars in (("negative", "1.0"), ("positive", "5.0")):
            texts = [f"{name} word{k} &amp; more\n\nsecond {product}" for k in range(N)]
            content = "<data>\n" + "".join(markup(text, stars) for text in [*texts, texts[0]]) + "</data>\n"
            (originals / f"{name}.review.gz").write_bytes(gzip.compress(content.encode()))
            lines = [f"{name}:2 word{k}:1 a_pair:3 #label#:{name}\n" for k in range(N)]
            (processed / f"{name}.review").write_text("".join(lines))
    return tmp_path


def test_read_markup(tmp_path):
    path = tmp_path / "positive.review"
    path.write_bytes((markup("One &quot;line&quot;\nand < another", "4.0") + markup("caf", "5.0")).encode() + b"\n")
    path.write_bytes(path.read_bytes().replace(b"caf\n", b"caf\xe9\n"))
    assert list(read_markup(path)) == [('One "line"\nand < another', 4), ("café", 5)]


@pytest.mark.parametrize(("product"), ["books", "kitchen"])
def test_texts_are_deduplicated_then_split_within_each_class(home, product):
    whole = read_product(product, data_home=home)
    assert len(whole) == 2 * N
    data = load_amazon(product, data_home=home, n_valid=4, n_test=6)
    assert (len(data.train), len(data.valid), len(data.test)) == (10, 4, 6)
    assert data.valid.y.mean() == data.test.y.mean() == 0.5
    assert data.train.y.dtype == np.int64
    assert data.unlabeled is None
    assert data.name == f"amazon-{product}"


def test_unlabelled_texts_lose_what_is_in_the_other_parts(home):
    folder = home / "amazon/text6000/books"
    folder.mkdir(parents=True)
    (folder / "review_negative.gz").write_bytes(gzip.compress(b"Free words\nNegative word3 & more, second books\n"))
    data = load_amazon("books", data_home=home, n_valid=4, n_test=6)
    assert data.unlabeled.shape[0] == 1
    (home / "amazon/sorted_data_acl/books/unlabeled.review").write_text(markup("one", "3.0") + markup("two", "1.0"))
    assert load_amazon("books", data_home=home, n_valid=4, n_test=6).unlabeled.shape[0] == 2


def test_processed(home):
    data = load_amazon_processed("books", data_home=home, n_valid=4, n_test=6)
    assert (len(data.train), len(data.valid), len(data.test)) == (10, 4, 6)
    words = data.train.X.shape[1] - 3  # besides negative, positive, a_pair: of the N, those with a review in `train`
    assert N / 2 <= words <= N
    assert set(data.train.X.data) == {1}


def test_svmlight_has_its_own_test_part(tmp_path):
    folder = tmp_path / "amazon/svmlight5000"
    folder.mkdir(parents=True)
    train = "".join(f"{'1' if k % 2 else '-1'} 0:1 {k + 1}:{k + 1}\n" for k in range(20))
    (folder / "books_train.svmlight").write_text(train + "1 0:1 2:7\n")  # a second one with terms 0 and 2
    (folder / "books_test.svmlight").write_text(
        "-1 0:1 1:9\n1 0:1 4999:2\n"
    )  # the first has the terms of a training row
    data = load_amazon_svmlight("books", data_home=tmp_path, n_valid=4)
    assert (len(data.train), len(data.valid), len(data.test)) == (15, 4, 2)
    assert data.test.y.tolist() == [0, 1]


GOOD = markup("words", "1.0")


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("", errors.EmptyFileError, "no review"),
        ("words\n" + GOOD, errors.BadRecordError, "line 1: <review> is expected here, not 'words'"),
        (GOOD[:-20], errors.BadRecordError, "no </review>"),
        (GOOD.replace("<rating>\n1.0\n</rating>\n", ""), errors.BadRecordError, "has no <rating>"),
        (GOOD.replace("<review_text>\n", ""), errors.BadRecordError, "line 14: a tag is expected"),
        (GOOD.replace("</review_text>\n", ""), errors.BadRecordError, "ends before </review_text>"),
        (GOOD.replace("words", "&#" + "9" * 5000 + ";"), errors.BadRecordError, "character reference"),
        (GOOD.replace("words", ""), errors.EmptyTextError, "empty <review_text>"),
        (GOOD.replace("1.0", "six"), errors.LabelOutOfRangeError, "rating is 'six'"),
        (GOOD.replace("1.0", "4.0"), errors.LabelOutOfRangeError, "review 1 has 4 stars; 1 or 2"),
    ],
)
def test_wrong_markup(home, content, error, message):
    path = home / "amazon/sorted_data_acl/books/negative.review"
    path.write_text(content)
    with pytest.raises(error, match=message) as caught:
        load_amazon("books", data_home=home)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("line", ["word", ":1", "word:x", "word:", "word:²"])
def test_wrong_feature_lines(home, line):
    path = home / "amazon/processed_acl/books/negative.review"
    path.write_text(f"good:1 #label#:negative\ngood:1 {line} #label#:negative\n")
    with pytest.raises(errors.BadRecordError, match=r"negative\.review, line 2: .* is not feature:count"):
        load_amazon_processed("books", data_home=home)


def test_a_line_without_features(home):
    (home / "amazon/processed_acl/books/negative.review").write_text("#label#:negative\n")
    with pytest.raises(errors.EmptyTextError, match="line 1"):
        load_amazon_processed("books", data_home=home)


def test_labels_of_svmlight(tmp_path):
    folder = tmp_path / "amazon/svmlight5000"
    folder.mkdir(parents=True)
    (folder / "dvd_train.svmlight").write_text("1 0:1\n2 0:1\n")
    with pytest.raises(errors.LabelOutOfRangeError, match=r"dvd_train.*row 1 has the label 2"):
        load_amazon_svmlight("dvd", data_home=tmp_path)


def test_unknown_product(home):
    with pytest.raises(errors.UnknownDatasetError, match="'toys'; the products are books, dvd"):
        load_amazon("toys", data_home=home)


def test_too_few_reviews(home):
    with pytest.raises(errors.SplitSizeError, match="10 distinct reviews"):
        load_amazon("books", data_home=home)


def test_missing_files_say_where_they_come_from(tmp_path):
    with pytest.raises(errors.MissingFileError, match=r"negative\.review.*mdredze"):
        load_amazon("dvd", data_home=tmp_path)
