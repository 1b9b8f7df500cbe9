"""Reading texts from .jsonl and .csv: what comes back, and one test for each way a file can be wrong."""

import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.text import Texts, bag_of_words, fit_bag_of_words, read_texts, vectorize

ROWS = [
    {"text": "Fine soup.", "stars": 5},
    {"text": "Cold, “greasy” café", "stars": 2},
    {"text": "Well", "stars": None},
]
JSONL = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
CSV = '\ufefftext,stars\nFine soup.,5\n"Cold, “greasy”\ncafé",2\nWell,\n'.encode()


@pytest.fixture
def write(tmp_path: Path):
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(("suffix", "compress"), [("", bytes), (".gz", gzip.compress), (".xz", lzma.compress)])
def test_jsonl(write, suffix, compress):
    read = read_texts(write("r.jsonl" + suffix, compress(JSONL)), "text", "stars")
    assert read == Texts([row["text"] for row in ROWS], [5, 2, None])


def test_csv_with_byte_order_mark_quotes_and_a_line_break_in_a_field(write):
    read = read_texts(write("r.csv", CSV), "text", "stars")
    assert read == Texts(["Fine soup.", "Cold, “greasy”\ncafé", "Well"], [5, 2, None])


def test_without_a_target(write):
    assert read_texts(write("r.jsonl", JSONL), "text").targets is None


@pytest.mark.parametrize(
    ("column", "expected"), [("1\n2\n", [1, 2]), ("1\n2.5\n", [1.0, 2.5]), ("a\n1_0\n", ["a", "1_0"])]
)
def test_csv_targets_are_numbers_when_all_of_them_are(write, column, expected):
    rows = "".join(f"words,{target}\n" for target in column.split())
    read = read_texts(write("r.csv", "text,y\n" + rows), "text", "y")
    assert read.targets == expected
    assert [type(value) for value in read.targets] == [type(value) for value in expected]


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("r.txt", "words", errors.FormatError, r"r.txt.*\.jsonl and \.csv"),
        ("gz", "words", errors.FormatError, r"\.jsonl"),
        ("r.jsonl", "", errors.EmptyFileError, "not one text"),
        ("r.csv", "text,stars\n", errors.EmptyFileError, "not one text"),
        ("r.jsonl", '{"text": "a"}\n{"text": \n', errors.BadRecordError, r"r.jsonl, line 2, column \d+: not JSON"),
        ("r.jsonl", '\n["a"]\n', errors.BadRecordError, r"line 2: a JSON object"),
        ("r.jsonl", "[" * 100_000 + "\n", errors.BadRecordError, "line 1"),
        ("r.jsonl", '{"text": "a", "stars": ' + "9" * 5000 + "}", errors.BadRecordError, "line 1"),
        ("r.jsonl", b'{"text": "a"}\n{"text": "caf\xe9"}\n', errors.EncodingError, "line 2: byte 0xe9 at position 14"),
        ("r.jsonl", '{"text": "\\ud800"}', errors.EncodingError, "line 1.*surrogate"),
        ("r.csv", b"text,stars\nok,1\n\xff,2\n", errors.EncodingError, "line 3: byte 0xff"),
        (
            "r.jsonl",
            '{"words": "a", "stars": 1}',
            errors.MissingColumnError,
            "line 1: there is no 'text'; there are 'stars', 'words'",
        ),
        ("r.csv", "words,stars\na,1\n", errors.MissingColumnError, "line 2: there is no 'text'"),
        (
            "r.jsonl",
            '{"text": "a", "rating": 1}',
            errors.MissingColumnError,
            "no row has a 'stars'; there are 'rating', 'text'",
        ),
        ("r.jsonl", '{"text": "a", "stars": 1}\n{"text": " "}', errors.EmptyTextError, "line 2: 'text' is empty"),
        ("r.jsonl", '{"text": 7, "stars": 1}', errors.BadValueError, "'text' must be a text and is 7"),
        (
            "r.jsonl",
            '{"text": "a", "stars": [1]}',
            errors.BadValueError,
            r"'stars' must be a number or a name and is \[1\]",
        ),
        ("r.jsonl", '{"text": "a", "stars": true}', errors.BadValueError, "is True"),
        ("r.jsonl", '{"text": "a", "stars": NaN}', errors.BadValueError, "finite"),
        ("r.jsonl", '{"text": "a", "stars": 1e999}', errors.BadValueError, "finite"),
        ("r.csv", "text,stars\na,nan\n", errors.BadValueError, "finite"),
        ("r.csv", f"text,stars\na,{'9' * 400}\n", errors.BadValueError, "finite"),
        ("r.jsonl", f'{{"text": "a", "stars": {"9" * 400}}}', errors.BadValueError, "finite"),
        ("r.jsonl", '{"text": "a", "stars": 1}\n{"text": "b", "stars": "good"}', errors.BadValueError, "1.*'good'"),
        (
            "r.jsonl",
            '{"text": "a", "stars": null}\n{"text": "b", "stars": ""}',
            errors.NoLabelledRowError,
            "all 2 rows",
        ),
        ("r.csv", "text,stars\na,\n", errors.NoLabelledRowError, "all 1 rows"),
        ("r.csv", "text,text\na,b\n", errors.BadRecordError, "twice"),
        ("r.csv", "text,stars\na,1,2\n", errors.BadRecordError, "line 2: 3 fields, and the first line names 2"),
        ("r.csv", 'text,stars\n"a,1\n', errors.BadRecordError, "line 2: not CSV"),
        ("r.csv.gz", gzip.compress(CSV)[:-9], errors.CorruptGzipError, "r.csv.gz"),
        ("r.jsonl.xz", lzma.compress(JSONL)[:-20], errors.CorruptXzError, "r.jsonl.xz"),
    ],
)
def test_each_way_of_being_wrong(write, name, content, error, message):
    with pytest.raises(error, match=message) as caught:
        read_texts(write(name, content), "text", "stars")
    assert name in str(caught.value)


def test_unknown_label_names_the_line_and_the_known_ones(write):
    path = write("r.jsonl", JSONL)
    assert read_texts(path, "text", "stars", labels=[2, 5]).targets == [5, 2, None]
    with pytest.raises(errors.UnknownLabelError, match="line 2: 'stars' is 2, and the known ones are 4, 5"):
        read_texts(path, "text", "stars", labels=[4, 5])


def test_missing_file(tmp_path):
    with pytest.raises(errors.MissingFileError, match=r"no\.jsonl"):
        read_texts(tmp_path / "no.jsonl", "text")


def test_bag_of_words_is_binary_and_keeps_the_most_frequent():
    texts = ["soup soup soup", "soup bread", "bread wine", "rare"]
    vectorizer = bag_of_words(texts, 2)
    X = vectorize(vectorizer, [*texts, "unseen"])
    assert list(vectorizer.get_feature_names_out()) == ["bread", "soup"]
    assert X.toarray().tolist() == [[0, 1], [1, 1], [1, 0], [0, 0], [0, 0]]
    assert X.dtype == np.float32


def test_given_features_are_not_cut_nor_lowered():
    vectorizer, X = fit_bag_of_words(["a_B don't", "x"], 10, features_given=True)
    assert list(vectorizer.get_feature_names_out()) == ["a_B", "don't", "x"]
    assert X.toarray().tolist() == [[1, 1, 0], [0, 0, 1]]


def test_no_word_at_all():
    with pytest.raises(errors.EmptyTextError, match="no word"):
        bag_of_words(["!", "?"])
