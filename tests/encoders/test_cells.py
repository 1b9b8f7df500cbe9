"""What a cell of a table says: numbers, dates, names, and nothing, as people write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from .frames import column, fitted


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", " 2.5 ", "-3e2", "+.5"], "number", [1, 2.5, -300, 0.5]),
        (["1,234", "1,234,567.5", "12"], "number", [1234, 1234567.5, 12]),
        (["1,5", "2,25", "3"], "number", [1.5, 2.25, 3]),
        (["1.234,5", "1.000", "2"], "number", [1234.5, 1000, 2]),
        (["$12.5", "$3", "7"], "number", [12.5, 3, 7]),
        (["5 %", "7%", "10%"], "number", [5, 7, 10]),
        (["True", "false", "TRUE"], "boolean", [1, 0, 1]),
        (["1970-01-03", "1970-01-01", "1970-02-01"], "date", [2, 0, 31]),
        (["1970-01-01T12:00", "1970-01-01 06:00:00", "1970-01-02 00:00:00Z"], "date", [0.5, 0.25, 1]),
        (["1970-01-01T12:00+12:00", "1970-01-01", "1970-01-03"], "date", [0, 0, 2]),
        (["1/31/1970", "2/1/1970", "1/2/1970"], "date", [30, 31, 1]),
        (["31/1/1970", "1/2/1970", "2/1/1970"], "date", [30, 31, 1]),
        (["1.2.1970", "2.1.1970", "3.1.1970"], "date", [31, 1, 2]),
    ],
)
def test_texts_are_read_as_what_they_say(cells: list[str], kind: str, values: list[float]) -> None:
    frame = pd.DataFrame({"a": cells, "b": [0, 1, 0, 1][: len(cells)]})
    encoder = fitted(frame, scaling=None)
    assert encoder.columns[0].kind == kind
    np.testing.assert_allclose(column(encoder, frame, "a"), values, rtol=1e-6)


@pytest.mark.parametrize("cells", [["007", "012", "7"], ["02139", "10001", "94105"], ["1_0", "2", "3"], ["0x1", "2"]])
def test_codes_are_names(cells: list[str]) -> None:
    encoder = fitted(pd.DataFrame({"a": cells, "b": range(len(cells))}))
    assert encoder.columns[0].kind == "category"
    assert set(encoder.columns[0].categories) == set(cells)


def test_dates_that_may_be_read_two_ways_are_said() -> None:
    encoder = fitted(pd.DataFrame({"a": ["1/2/1970", "3/4/1970"] * 3, "b": range(6)}))
    assert "dates such as 1/2/1970 are read as month, day, year" in encoder.notes[0]


def test_numbers_with_signs_are_said() -> None:
    assert "'1,234' is read as 1234" in fitted(pd.DataFrame({"a": ["1,234", "5"] * 3, "b": range(6)})).notes[0]


# missing values


@pytest.mark.parametrize("word", ["", "NA", "N/A", "NaN", "null", "nan", " na ", "-", "?", "#N/A", "inf"])
def test_missing_numbers_as_people_write_them(word: str) -> None:
    frame = pd.DataFrame({"a": ["1", "2", "4", word], "b": range(4)})
    encoder = fitted(frame, scaling=None)
    assert encoder.columns[0].kind == "number"
    assert column(encoder, frame, "a").tolist() == [1, 2, 4, 2]
    assert column(encoder, frame, "a is missing").tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("word", "is_missing"), [("NA", True), ("?", True), ("", True), ("-", False), ("none", False)])
def test_missing_categories_as_people_write_them(word: str, is_missing: bool) -> None:
    frame = pd.DataFrame({"a": ["x", "y", "x", word], "b": range(4)})
    assert (f"a={word}" in fitted(frame).feature_names_out) is not is_missing
    assert ("a is missing" in fitted(frame).feature_names_out) is is_missing


def test_missing_overrules_what_is_usual() -> None:
    frame = pd.DataFrame({"a": ["NA", "?", "-", "x", ""] * 3, "b": ["1", "2", "-99", "4", "5"] * 3})
    encoder = fitted(frame, missing=["-99", "-"], scaling=None)
    assert encoder.columns[0].categories == ("?", "NA", "x")
    assert column(encoder, frame, "a is missing")[:5].tolist() == [0, 0, 1, 0, 1]
    assert column(encoder, frame, "b")[:5].tolist() == [1, 2, 3, 4, 5]
    assert column(encoder, frame, "b is missing")[:5].tolist() == [0, 0, 1, 0, 0]


@pytest.mark.parametrize(("cell", "what"), [("many", "numbers"), ("0x10", "numbers"), ("1_000", "numbers")])
def test_a_stray_cell_does_not_make_names_of_numbers(cell: str, what: str) -> None:
    cells = [f"{k}.5" for k in range(30)]
    cells[17] = cell
    with pytest.raises(ValueError, match=rf"row 17: 'a' is '{cell}', and 29 of the 30 .* {what}; .*--missing"):
        fitted(pd.DataFrame({"a": cells, "b": range(30)}))
    frame = pd.DataFrame({"a": cells, "b": np.arange(30) / 7})
    assert fitted(frame, missing=[cell]).columns[0].kind == "number"
    assert len(fitted(frame, categorical=["a"]).columns[0].categories) == 30


def test_infinite_numbers_are_missing() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.inf, 4.0], "b": range(4)})
    encoder = fitted(frame, scaling=None)
    assert column(encoder, frame, "a").tolist() == [1, 2, 2, 4]
