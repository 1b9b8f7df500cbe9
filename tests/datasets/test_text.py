"""Reading texts from .jsonl and .csv: what comes back, and one test for each way a file can be wrong."""

import gzip
import json
import lzma
import os
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
    ("column", "expected"),
    [
        ("1\n2\n", [1, 2]),
        ("1\n2.5\n", [1.0, 2.5]),
        ("1e-05\n-.5\n3.\n", [1e-05, -0.5, 3.0]),
        ("a\n1_0\n", ["a", "1_0"]),
        ("1\nNA\n2\n", [1, None, 2]),  # missing among numbers
        ("1.5\nn/a\nnan\n", [1.5, None, None]),
        ("NA\nnan\nn/a\nnull\nx\n", [None, None, None, None, "x"]),
        ("none\n-\nx\n", ["none", "-", "x"]),  # missing among numbers, names among names
        ("001\n010\n100\n", ["001", "010", "100"]),  # codes, even those without a zero in front
        ("00501\n" + "10001\n" * 20, ["00501"] + ["10001"] * 20),
        ("12e4\n120000\n", ["12e4", "120000"]),
        ("12345678901234567890\n12345678901234567891\n", ["12345678901234567890", "12345678901234567891"]),
        ("1\nyes\n", ["1", "yes"]),
        ("True\nFalse\n", ["True", "False"]),
    ],
)
def test_csv_targets_are_numbers_when_all_of_them_are(write, column, expected):
    rows = "".join(f"words,{target}\n" for target in column.split())
    read = read_texts(write("r.csv", "text,y\n" + rows), "text", "y")
    assert read.targets == expected
    assert [type(value) for value in read.targets] == [type(value) for value in expected]


def test_true_and_false_are_targets_of_their_own(write):
    path = write("r.jsonl", '{"text": "a", "spam": true}\n{"text": "b", "spam": false}\n{"text": "c", "spam": null}\n')
    targets = read_texts(path, "text", "spam").targets
    assert targets == [True, False, None]
    assert [type(value) for value in targets] == [bool, bool, type(None)]


def test_nan_means_not_labelled_as_in_python(write):
    path = write("r.jsonl", '{"text": "a", "stars": NaN}\n{"text": "b", "stars": 2.5}\n')
    assert read_texts(path, "text", "stars").targets == [None, 2.5]


@pytest.mark.parametrize("name", ["r.jsonl", "r.csv"])
def test_blanks_around_a_name_make_no_other_name(write, name):
    labels = ["p", "p ", " p", "q"]
    rows = [json.dumps({"text": "a", "y": label}) for label in labels]
    content = "\n".join(rows) if name == "r.jsonl" else "text, y\n" + "".join(f"a,{label}\n" for label in labels)
    assert read_texts(write(name, content), "text", "y").targets == ["p", "p", "p", "q"]


def test_long_texts_of_a_csv(write):
    long = "good fine " * 20_000
    path = write("r.csv", f'text,kind\n"{long}",pos\nshort,neg\n')
    assert read_texts(path, "text", "kind") == Texts([long, "short"], ["pos", "neg"])


def test_messages_stay_short_whatever_the_file_holds(write):
    long = "x" * 1_000_000
    for content in (
        f"{long},{long}\n1,2\n",
        f"text,{long}\na,b\n",
        ",".join(f"column{k}" for k in range(10_000)) + "\n" + ",".join("a" * 10_000) + "\n",
    ):
        with pytest.raises(errors.DataError) as caught:
            read_texts(write("r.csv", content), "text", "y")
        assert len(str(caught.value)) < 1000
    for row in ({"text": [long]}, {long: "a"}, {"text": "a", "y": {"b": long}}):
        with pytest.raises(errors.DataError) as caught:
            read_texts(write("r.jsonl", json.dumps(row)), "text", "y")
        assert len(str(caught.value)) < 1000


def test_a_reader_that_fails_has_closed_its_file(write):
    path = write("r.csv", "text,stars\na,1\n" + "b\n" * 10_000)
    with pytest.raises(errors.BadRecordError) as caught:
        read_texts(path, "text", "stars")
    assert caught.value.__traceback__ is not None  # it keeps the frames, whose files must be closed all the same
    assert str(path) not in {os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()}


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
        ("r.jsonl", '{"text": "a", "stars": NaN}', errors.NoLabelledRowError, "all 1 rows"),
        ("r.jsonl", '{"text": "a", "stars": true}\n{"text": "b", "stars": 1}', errors.BadValueError, "true or false"),
        ("r.jsonl", '{"text": "a", "stars": true}\n{"text": "b", "stars": "yes"}', errors.BadValueError, "'yes'"),
        ("r.jsonl", '{"text": "a", "stars": 12345678901234567890}', errors.BadValueError, "line 1: .* 64 bits"),
        ("r.jsonl", '{"text": "a", "stars": 1e999}', errors.BadValueError, "finite"),
        ("r.csv", "text,stars\na,nan\n", errors.NoLabelledRowError, "all 1 rows"),
        ("r.csv", "text,stars\na,1e+999\n", errors.BadValueError, "finite"),
        ("r.csv", "text,stars\na,1\nb,$2\nc,3\n", errors.BadValueError, r"line 3: 'stars' is '\$2', and 2 of the 3"),
        (
            "r.csv",
            "text,stars\n" + "a,1\n" * 10 + "b,two\n",
            errors.BadValueError,
            "line 12: 'stars' is 'two', and 10 of the 11 rows",
        ),
        ("r.jsonl", f'{{"text": "a", "stars": {"9" * 400}}}', errors.BadValueError, "finite"),
        ("r.jsonl", '{"text": "a", "stars": 1}\n{"text": "b", "stars": "good"}', errors.BadValueError, "1.*'good'"),
        (
            "r.jsonl",
            '{"text": "a", "stars": null}\n{"text": "b", "stars": ""}',
            errors.NoLabelledRowError,
            "all 2 rows",
        ),
        ("r.csv", "text,stars\na,\n", errors.NoLabelledRowError, "all 1 rows"),
        ("r.csv", "text,text\na,b\n", errors.BadRecordError, "line 1: the column name 'text' appears twice"),
        ("r.csv", "text,,stars\na,b,1\n", errors.BadRecordError, "line 2: column 2 holds 'b' and has no name"),
        ("r.csv", "text,stars\na,1\n".encode("utf-16"), errors.EncodingError, "line 1: .*UTF-16"),
        ("r.csv", "text,stars\na,1,2\n", errors.BadRecordError, "line 2: 3 fields, and line 1 names 2"),
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
