"""Reviews: deduplication, the split by content, the vocabulary, and OpenTable's shape."""

import json
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors, load
from rectinet.datasets.reviews import Reviews, bag_dataset, content_key, load_reviews, split_by_content, without


def reviews(n: int) -> Reviews:
    return Reviews([f"dish number{k} was{k % 7}" for k in range(n)], np.arange(n) % 5 + 1.0)


def write_jsonl(path: Path, rows: list[dict]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def labelled_rows(start: int, stop: int) -> list[dict]:
    return [{"text": f"dish number{k} was{k % 7}", "stars": k % 5 + 1} for k in range(start, stop)]


def test_blanks_case_and_punctuation_make_no_second_review():
    assert content_key("Good, really GOOD!") == content_key("good really  good")
    assert content_key("1 23") != content_key("12 3")
    assert content_key("!!") != content_key("??")
    distinct = Reviews(["Good.", "bad", "good"], np.array([5.0, 1.0, 4.0])).distinct()
    assert (distinct.texts, distinct.targets.tolist()) == (["Good.", "bad"], [5, 1])
    assert without(["Good", "new", "NEW!", "bad"], [distinct]) == ["new"]


def test_the_split_depends_on_the_texts_and_not_on_their_order():
    whole = reviews(40)
    parts = split_by_content(whole, 5, 10)
    assert [len(part) for part in parts] == [25, 5, 10]
    assert sorted(text for part in parts for text in part.texts) == sorted(whole.texts)
    shuffled = whole.take(np.random.default_rng(0).permutation(40))
    again = split_by_content(shuffled, 5, 10)
    for part, other in zip(parts, again, strict=True):
        assert part.texts == other.texts
        assert np.array_equal(part.targets, other.targets)


def test_too_few_reviews_for_the_split():
    with pytest.raises(errors.SplitSizeError, match=r"3 distinct reviews.*1 for validation and 2"):
        split_by_content(reviews(3), 1, 2)


def test_vocabulary_comes_from_training_and_unlabelled_texts_alone():
    part = Reviews(["apple apple", "pear"], np.array([1.0, 2.0]))
    other = Reviews(["cherry", "pear cherry cherry"], np.array([1.0, 2.0]))
    data = bag_dataset("x", (part, other, other), ["apple plum"])
    assert data.train.X.shape == (2, 3)  # apple, pear, plum
    assert data.test.X.toarray().tolist() == [[0, 0, 0], [0, 1, 0]]
    assert data.unlabeled.toarray().tolist() == [[1, 0, 1]]
    assert data.train.X.dtype == np.float32
    shuffled = bag_dataset(
        "x", (Reviews(["pear apple", "x1 plum apple"], np.array([1.0, 2.0])), other, other), ["pear x1"]
    )
    assert all(X.has_sorted_indices for X in (shuffled.train.X, shuffled.test.X, shuffled.unlabeled))


def test_opentable_shape(tmp_path, monkeypatch):
    folder = tmp_path / "opentable"
    write_jsonl(folder / "train.jsonl", [*labelled_rows(0, 40), {"text": "no stars here", "stars": None}])
    write_jsonl(folder / "unlabeled.jsonl", [{"text": "free words"}, {"text": "Dish number3 was3!"}])
    (folder / "test.csv").write_text('text,stars\n"dish number5 was5",1\n"another evening",4\n')
    monkeypatch.setenv("RECTINET_DATA", str(tmp_path))
    data = load("opentable")
    assert (len(data.train), len(data.valid), len(data.test)) == (36, 3, 2)  # one of the 40 is in the test part
    assert data.unlabeled.shape[0] == 2  # the one without stars and the free one; the third is labelled
    assert data.test.y.tolist() == [1, 4]
    assert data.train.y.dtype == np.float64
    assert data.class_names == ()


def test_one_file_alone_is_split_in_three(tmp_path):
    data = load_reviews("mine", write_jsonl(tmp_path / "train.jsonl", labelled_rows(0, 30)))
    assert (len(data.train), len(data.valid), len(data.test)) == (24, 3, 3)
    assert data.unlabeled is None


@pytest.mark.parametrize("stars", ["good", True])
def test_stars_must_be_numbers(tmp_path, stars):
    path = write_jsonl(tmp_path / "train.jsonl", [{"text": "a word", "stars": stars}])
    with pytest.raises(errors.BadValueError, match=rf"train\.jsonl.*'stars'.*{stars!r}"):
        load_reviews("mine", path)


def test_missing_opentable_says_what_to_put_where(tmp_path):
    with pytest.raises(errors.MissingFileError, match=r"opentable/train\.jsonl.*never published") as caught:
        load("opentable", data_home=tmp_path)
    assert str(tmp_path) in str(caught.value)
