"""One rule for what targets ask for, and one predicate for those that are missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rectinet.missing import is_missing, missing_labels
from rectinet.targets import MOST_CLASSES, ReadTargets, checked_task, read_targets

HALVES = [k / 2 for k in range(40)]


@pytest.mark.parametrize(
    ("values", "task", "targets", "note"),
    [
        (["good", "bad"], "classify", ["good", "bad"], "2 different names are read as 2 classes"),
        ([True, False], "classify", [True, False], "true and false are read as 2 classes"),
        ([0, 1, None], "classify", [0, 1], "2 different whole numbers are read as 2 classes; for stars or grades"),
        ([1, 2, 3], "classify", [1, 2, 3], 'read as 3 classes; for stars or grades: task="rate"'),
        ([1.0, 2.0, float("nan")], "classify", [1, 2], "read as 2 classes"),
        (list(range(MOST_CLASSES)), "classify", list(range(20)), "read as 20 classes"),
        (list(range(21)), "regress", list(range(21)), '21 different whole numbers are read as values, being more than'),
        ([1.5, 2, 3], "regress", [1.5, 2, 3], "numbers with fractions are read as values"),
        ([Decimal("0.5"), np.float32(2)], "regress", [0.5, 2], "numbers with fractions"),
        ([1e300 * k for k in range(30)], "regress", [1e300 * k for k in range(30)], "read as values"),
        (["001", "01"], "classify", ["001", "01"], "2 different names"),
        (["0", "1", "2"], "classify", ["0", "1", "2"], "3 different names"),
        ([str(k) for k in HALVES], "regress", HALVES, "numbers with fractions"),
        ([str(k) for k in range(10001, 10031)], "regress", list(range(10001, 10031)), "30 different whole numbers"),
        ([*map(str, HALVES), "N/A"], "regress", HALVES, "numbers with fractions"),
        (["1", "2", "NA"], "classify", ["1", "2"], "2 different names"),
        ([2**60 + 1, 5], "classify", [2**60 + 1, 5], "read as 2 classes"),
    ],
)  # fmt: skip
def test_targets_say_what_they_ask_for(values: list[Any], task: str, targets: list[Any], note: str) -> None:
    read = read_targets(values)
    assert (read.task, read.targets.tolist()) == (task, targets)
    assert {type(value) for value in read.targets.tolist()} <= {type(targets[0]), float if task == "regress" else int}
    assert note in str(read.note)


@pytest.mark.parametrize(
    ("values", "doubtful"),
    [([0, 1], False), ([0, 1, 2], True), (list(range(21)), True), (HALVES, False), (["a", "b"], False)],
)
def test_only_a_reading_that_may_be_another_is_in_doubt(values: list[Any], doubtful: bool) -> None:
    assert read_targets(values).doubtful is doubtful
    said = read_targets(values, read_targets(values).task)
    assert (said.doubtful, said.note) == (False, None)


@pytest.mark.parametrize(
    ("values", "task", "targets"),
    [
        ([1, 2, 3], "rate", [1, 2, 3]),
        ([0.5, 1.0], "rate", [0.5, 1.0]),
        (["1", "2"], "rate", [1, 2]),
        ([1, 2, 3], "regress", [1.0, 2.0, 3.0]),
        ([True, False], "regress", [1.0, 0.0]),
        (list(range(30)), "classify", list(range(30))),
        ([str(k) for k in HALVES], "classify", [str(k) for k in HALVES]),
        (["7", "x"], "classify", ["7", "x"]),
    ],
)
def test_the_task_overrules(values: list[Any], task: str, targets: list[Any]) -> None:
    read = read_targets(values, task)
    assert (read.task, read.targets.tolist(), read.note) == (task, targets, None)


def test_several_columns_of_numbers_are_values() -> None:
    read = read_targets(np.array([[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]]))
    assert read.task == "regress"
    assert read.targets.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert read.labelled.tolist() == [True, False, True]
    with pytest.raises(ValueError, match=r'y has 2 columns; task="classify" takes one target per row'):
        read_targets(np.eye(2), "classify")


def test_names_that_differ_by_blanks_are_told_apart_and_noted() -> None:
    read = read_targets(["cat", " cat", "dog"], "classify")
    assert set(read.targets) == {"cat", " cat", "dog"}
    assert read.note == "y has the names ' cat' and 'cat', which differ by blanks and are told apart"
    assert read.doubtful


def test_the_place_that_reads_words_the_remedy() -> None:
    read = read_targets([1, 2, 3], option="--task {}")
    assert "read as 3 classes; for stars or grades: --task rate, for amounts: --task regress" in str(read.note)
    with pytest.raises(ValueError, match=r"^line 32 is 'bad', and 30 of the 31 targets are plain numbers"):
        read_targets([str(k) for k in range(30)] + ["bad"], place=lambda row: f"line {row + 2}")


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([1, 2, "none", 3], None, r"y\[2\] is 'none', a name, and 3 of the 4 targets are numbers; correct it"),
        (["a", "b", -1], None, r"y\[2\] is -1, a number, and 2 of the 3 targets are names"),
        ([True, 1], None, r"a number, and 1 of the 2 targets are true or false"),
        (["1.5"] * 30 + ["$2"], None, r"y\[30\] is '\$2', and 30 of the 31 targets are plain numbers"),
        (["a", "b"], "rate", r"y\[0\] is 'a', a name; task=\"rate\" needs numbers"),
        (["a", "b"], "regress", r'a name; task="regress" needs numbers'),
        ([True, False], "rate", "y is true or false"),
        ([0.5, 1], "classify", r'y\[0\] is 0.5, and classes are names or whole numbers; for values: task="regress"'),
        ([1.0, float("inf")], None, r"y\[1\] is infinite"),
        ([float(2**60), 1.0], None, r"y\[0\] is 1\.15.*e\+18: beyond 2\*\*53 a float is no exact whole number"),
        ([2**70, 1], None, r"y\[0\] is 1180591620717411303424, which has more than 64 bits; write ids as texts"),
        ([2**53 + 1, *range(30)], None, r"y\[0\] is 9007199254740993, which no float64 holds exactly"),
        ([b"a", b"b"], None, r"y\[0\] is b'a', a bytes; a target is a name, a number, or true or false"),
        ([None, float("nan")], None, "y has no target at all"),
        ("abc", None, "must be a list or an array of targets, one for each row; got a str"),
        ({"a", "b"}, None, "got a set"),
        ([["a", "b"], ["c", "d"]], None, "y has 2 columns that are no numbers"),
        ([1, 2], "regression", r"task must be one of .*; got 'regression'; did you mean task=\"regress\"\?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_error(values: Any, task: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_targets(values, task)


@pytest.mark.parametrize(
    ("task", "near"), [("classfy", "classify"), ("rating", "rate"), ("classification", "classify")]
)
def test_a_near_name_of_a_task_is_suggested(task: str, near: str) -> None:
    with pytest.raises(
        ValueError, match=f"--task must be one of classify, rate, regress; got '{task}'; did you mean --task {near}"
    ):
        checked_task(task, "--task {}")


# what is missing

MISSING = [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), np.ma.masked, "", "  "]
MISSING += ["nan", "NaN", "<NA>", "NaT", np.str_("nan"), "NA", "N/A", "null"]


@pytest.mark.parametrize("label", MISSING, ids=repr)
def test_a_label_that_is_missing(label: Any) -> None:
    assert is_missing(label)
    assert read_targets(["a", label, "b"], "classify").labelled.tolist() == [True, False, True]


@pytest.mark.parametrize("label", [0, -1, "-1", False, np.bool_(False), "none", "-", 0.0, np.int64(-1), "a"], ids=repr)
def test_a_label_that_is_there(label: Any) -> None:
    assert not is_missing(label)


@pytest.mark.parametrize("label", [-1, "-1", -1.0, np.int64(-1), np.str_("-1"), Decimal(-1)], ids=repr)
def test_minus_one_is_missing_where_the_class_says_so(label: Any) -> None:
    assert is_missing(label, minus_one=True)
    assert missing_labels([label, 1], minus_one=True).tolist() == [True, False]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([1, 2, None], dtype="Int64", index=[7, 8, 9]),
        pd.Series([1, 2, None]),
        pd.DataFrame({"k": [1, 2, None]}),
        np.array([1, 2, None], dtype=object),
        np.array([[1.0], [2.0], [np.nan]]),
        np.ma.masked_array([1, 2, 5], mask=[False, False, True]).tolist(),
        (value for value in [1, 2, None]),
    ],
    ids=["Int64", "float", "frame", "objects", "column", "masked", "generator"],
)
def test_missing_is_told_before_numpy_makes_one_type_of_all(values: Any) -> None:
    read: ReadTargets = read_targets(values)
    assert read.targets.tolist() == [1, 2]
    assert read.targets.dtype == np.int64
    assert read.labelled.tolist() == [True, True, False]


@pytest.mark.parametrize("dtype", ["string", "category", object])
def test_missing_names_of_pandas(dtype: Any) -> None:
    read = read_targets(pd.Series(["b", None, "a"], dtype=dtype))
    assert read.targets.tolist() == ["b", "a"]
    assert read.labelled.tolist() == [True, False, True]
