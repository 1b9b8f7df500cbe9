"""Mixed tables as matrices: kinds of columns, what is left out, and columns found by name; their cells: test_cells."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from rectinet.encoders import TableEncoder, read_frame
from rectinet.storage.values import decode, encode

from .frames import N, column, encoded, fitted, people

# kinds


def test_each_kind_becomes_its_own_columns() -> None:
    encoder = fitted(people())
    assert [(c.name, c.kind, c.indicator) for c in encoder.columns] == [
        ("age", "number", True),
        ("city", "category", True),
        ("member", "boolean", True),
        ("since", "date", True),
        ("gain", "number", False),
    ]
    assert encoder.feature_names_out == [
        *("age", "age is missing", "city=Lima", "city=Oslo", "city=Rome", "city is missing"),
        *("member", "member is missing", "since", "since is missing", "gain"),
    ]
    assert encoder.origins == ["age"] * 2 + ["city"] * 4 + ["member"] * 2 + ["since"] * 2 + ["gain"]
    assert encoder.starts.tolist() == [0, 2, 6, 8, 10, 11]
    X, notes = encoder.encode(read_frame(people()))
    assert (X.shape, X.dtype, notes) == ((N, 11), np.float32, [])


def test_missing_values_are_medians_and_zeros_with_an_indicator() -> None:
    frame = people()
    encoder = fitted(frame, scaling=None)
    assert column(encoder, frame, "age")[0] == np.float32(frame["age"].median())
    assert column(encoder, frame, "age is missing").tolist() == [1] + [0] * (N - 1)
    assert encoded(encoder, frame)[1, 2:6].tolist() == [0, 0, 0, 1]
    assert encoded(encoder, frame)[2, 2:6].sum() == 1
    assert column(encoder, frame, "member is missing")[2] == 1
    days = (frame["since"].dropna() - pd.Timestamp("1970-01-01")).dt.days
    assert column(encoder, frame, "since")[3] == np.float32(days.median())
    assert column(encoder, frame, "since")[5] == np.float32(days[5])


def as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """As it stands in a .csv file."""
    return pd.DataFrame({name: [("" if pd.isna(v) else str(v)) for v in frame[name]] for name in frame})


@pytest.mark.parametrize("form", ["polars", "pyarrow", "texts", "objects", "categorical"])
def test_every_kind_of_frame_gives_the_same_matrix(form: str) -> None:
    frame = people()
    encoder = fitted(frame)
    typed = frame.assign(member=frame["member"].astype("boolean"))
    other: Any = {
        "polars": lambda: pl.from_pandas(typed),
        "pyarrow": lambda: pa.Table.from_pandas(typed, preserve_index=False),
        "texts": lambda: as_texts(frame),
        "objects": lambda: frame.astype(object),
        "categorical": lambda: frame.assign(city=frame["city"].astype("category"), age=frame["age"].astype("Int64")),
    }[form]()
    again = fitted(other)
    assert again.feature_names_out == encoder.feature_names_out
    np.testing.assert_array_equal(encoded(again, other), encoded(encoder, frame))
    np.testing.assert_array_equal(encoded(encoder, other), encoded(encoder, frame))


def test_categories_of_a_frame_are_categories_whatever_they_look_like() -> None:
    frame = pd.DataFrame({"grade": pd.Categorical([3, 1, 2, 1] * 5), "x": np.arange(20) / 7})
    assert fitted(frame).feature_names_out == ["grade=1", "grade=2", "grade=3", "x"]
    numbers = pd.DataFrame({"grade": [3.0, 1, None, 1] * 5, "x": np.arange(20) / 7})
    assert fitted(numbers, categorical=["grade"]).feature_names_out == ["grade=1", "grade=3", "grade is missing", "x"]


# what is left out


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("", list(range(N)), "row numbers without a name"),
        ("Unnamed: 0", list(range(0, 2 * N, 2)), "row numbers without a name"),
        ("k", list(range(N)), "row numbers, 0 to 59"),
        ("k", list(range(N, 0, -1)), "row numbers, 1 to 60"),
        ("k", [str(k) for k in range(N)], "row numbers, 0 to 59"),
        ("customer_id", list(range(7, 10 * N, 10)), "an identifier, by its name"),
        ("Account No", list(range(7, 10 * N, 10)), "an identifier, by its name"),
        ("PassengerId", list(range(7, 10 * N, 10)), "an identifier, by its name"),
        ("who", [f"p{k}" for k in range(N)], "a different name in every row"),
        ("one", [3.5] * N, "constant"),
        ("one", ["x"] * N, "constant"),
        ("nothing", [None] * N, "empty"),
        ("nothing", ["NA"] * N, "empty"),
    ],
)
def test_columns_that_say_nothing_are_left_out_with_a_note(name: str, values: list[Any], reason: str) -> None:
    frame = pd.concat([pd.DataFrame({name: values}), people()], axis=1)
    encoder = fitted(frame)
    assert list(encoder.left_out) == [name]
    assert reason in encoder.left_out[name]
    assert f"left out of the table: '{name}' ({reason}" in encoder.notes[0]
    np.testing.assert_array_equal(encoded(encoder, frame), encoded(fitted(people()), people()))
    np.testing.assert_array_equal(encoded(encoder, people()), encoded(encoder, frame))


def test_what_is_left_out_by_itself_may_be_kept() -> None:
    frame = people().assign(k=range(N), who=[f"p{k}" for k in range(N)])
    assert fitted(frame, keep=["k"]).feature_names_out[-1] == "k"
    assert fitted(frame, categorical=["who"]).feature_names_out[-1] == "who=p9"


@pytest.mark.parametrize("values", [np.arange(N) / 3, np.arange(N) + 1900, np.arange(N) % 7])
def test_numbers_that_mean_something_stay(values: np.ndarray) -> None:
    assert "year" in fitted(people().assign(year=values)).feature_names_out


def test_columns_may_be_dropped() -> None:
    encoder = fitted(people(), drop=["city", "gain"])
    assert encoder.left_out == {"city": "as told", "gain": "as told"}
    assert encoder.notes == ()
    assert "city=Rome" not in encoder.feature_names_out


@pytest.mark.parametrize("option", ["drop", "categorical", "keep"])
def test_columns_that_are_not_there_are_refused(option: str) -> None:
    with pytest.raises(ValueError, match=rf"{option} names 'town', and X has the columns 'age', 'city'"):
        fitted(people(), **{option: ["town"]})
    with pytest.raises(ValueError, match=rf"{option} must be a list .* write \['city'\]"):
        fitted(people(), **{option: "city"})


def test_a_table_without_a_column_to_learn_from_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no column to learn from: 'a' is left out \(constant\)"):
        fitted(pd.DataFrame({"a": [1] * 20}))


# new tables


def test_columns_are_found_by_name() -> None:
    frame, new = people(), people(20, seed=1)
    encoder = fitted(frame)
    X = encoded(encoder, new)
    assert np.array_equal(encoded(encoder, new[new.columns[::-1]]), X)
    shuffled, notes = encoder.encode(read_frame(new.assign(mood="good")[["mood", *new.columns[::-1]]]))
    assert np.array_equal(shuffled, X)
    assert notes == ["X: 'mood' not known from training, and ignored"]
    with pytest.raises(ValueError, match=r"X has no column 'age', which the model was trained with; it has 'years'"):
        encoder.encode(
            read_frame(new.rename(columns={"age": "years"})[["years", "city"]].assign(member=1, since=2, gain=3))
        )


def test_unknown_categories_are_zero_and_counted() -> None:
    encoder = fitted(people())
    new = people(20, seed=1)
    new["city"] = ["Paris"] * 3 + ["Cairo"] + ["Rome"] * 16
    X, notes = encoder.encode(read_frame(new))
    assert not np.asarray(X)[:4, 2:6].any()
    assert np.asarray(X)[4:, 4].all()
    (note,) = notes
    assert "column 'city': 4 of 20 rows have a category that training did not have ('Paris', 'Cairo')" in note


def test_what_is_no_number_later_is_missing_and_counted() -> None:
    encoder = fitted(people(), scaling=None)
    new = as_texts(people(5, seed=1)).assign(age=["31", "many", "?", "", "7"])
    X, notes = encoder.encode(read_frame(new))
    assert np.asarray(X)[:, 1].tolist() == [0, 1, 1, 1, 0]
    assert notes == ["X: column 'age': 1 of 5 rows are no number ('many'), which counts as missing"]


def test_one_row_is_encoded_as_it_is_among_others() -> None:
    frame = people()
    encoder = fitted(frame)
    whole = encoded(encoder, frame)
    assert all(np.array_equal(encoded(encoder, frame.iloc[k : k + 1])[0], whole[k]) for k in range(N))


# sparse rows, wide tables


def test_many_categories_make_sparse_rows() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"code": rng.integers(0, 400, 3000).astype(str), "x": rng.normal(size=3000)})
    encoder = fitted(frame, categorical=["code"])
    assert encoder.sparse
    X, _ = encoder.encode(read_frame(frame))
    assert isinstance(X, csr_array)
    assert X.shape == (3000, 401)
    dense = np.asarray(TableEncoder(**{**vars(encoder), "sparse": False}).encode(read_frame(frame))[0])
    assert np.array_equal(X.toarray(), dense)
    assert not fitted(people()).sparse


def test_pixels_keep_their_zeros() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(1, 256, (300, 300)) * (rng.random((300, 300)) < 0.19)
    frame = pd.DataFrame(pixels, columns=[f"p{k}" for k in range(300)])
    encoder = fitted(frame)
    assert encoder.sparse
    assert "are divided by 255" in encoder.notes[-1]
    np.testing.assert_array_equal(encoded(encoder, frame), (pixels / 255).astype(np.float32))


def test_blanks_around_names_do_not_count() -> None:
    frame = people()
    X = encoded(fitted(frame), frame)
    assert np.array_equal(encoded(fitted(frame), frame.rename(columns={"age": " age", "city": "city "})), X)


@pytest.mark.parametrize("nothing", [pa.nulls(20), [None] * 20, [np.nan] * 20, [""] * 20])
def test_a_column_of_nothing_later_is_missing_everywhere(nothing: Any) -> None:
    encoder = fitted(people(), scaling=None)
    table = pa.Table.from_pandas(people(20, seed=1), preserve_index=False)
    for name in ("age", "city", "member", "since"):
        k = table.column_names.index(name)
        emptied = table.set_column(k, name, nothing if isinstance(nothing, pa.Array) else pa.array(nothing))
        assert (column(encoder, emptied, f"{name} is missing") == 1).all()


def test_arrays_have_columns_by_number() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    assert fitted(X).feature_names_out == ["x0", "x1"]


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (
            csr_array(np.eye(3)),
            "must be a data frame of pandas, polars or pyarrow, or an array of two dimensions; got csr",
        ),
        ({"a": [1]}, "got dict"),
        ([1, 2, 3], r"got list of shape \(3,\)"),
        (pd.DataFrame(), "0 rows and 0 columns"),
        (pd.DataFrame({"a": []}), "0 rows and 1 columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"different column names .*'a' 2 times"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "the same as texts"),
        (pl.DataFrame({"a": [[1, 2], [3]]}), r"column 'a' holds a List\(Int64\)"),
        (pd.DataFrame({"a": [1j, 2]}), "holds complex128"),
    ],
)
def test_what_is_no_table_is_refused(X: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_frame(X)


def test_python_dates_in_objects_are_dates() -> None:
    frame = pd.DataFrame({"a": [datetime.date(1970, 1, 2), datetime.date(1970, 1, 5), None] * 4, "b": range(12)})
    encoder = fitted(frame, scaling=None)
    assert encoder.columns[0].kind == "date"
    assert column(encoder, frame, "a")[:2].tolist() == [1, 4]


# files


@pytest.mark.parametrize("wishes", [{}, {"scaling": None, "missing": ["-"]}, {"scaling": "standard", "drop": ["city"]}])
def test_an_encoder_comes_back_from_its_document_and_arrays(wishes: dict[str, Any]) -> None:
    encoder = fitted(people(), **wishes)
    again = TableEncoder.from_document(decode(encode(encoder.document())), encoder.arrays())
    assert again.document() == encoder.document()
    assert np.array_equal(encoded(again, people(9, seed=3)), encoded(encoder, people(9, seed=3)))


@pytest.mark.parametrize(
    "change",
    [
        {"columns": []},
        {"sparse": 1},
        {"missing": [1]},
        {"left_out": {"a": 1}},
        {"scaling": "log"},
        {"columns": [{"name": "a", "kind": "picture", "categories": []}]},
        {"columns": [{"name": "a", "kind": "category", "categories": ["x", "x"]}]},
        {"columns": [{"name": 1, "kind": "number", "categories": []}]},
        {"columns": [{"name": "a", "kind": "number", "fill": float("nan"), "categories": []}]},
        {"columns": [{"name": "a", "kind": "number", "indicator": 1, "categories": []}]},
        {"columns": [{"name": "a", "kind": "number", "categories": [], "commas": "all"}]},
        {"columns": [{"name": "a", "kind": "number", "categories": []}] * 2},
    ],
    ids=repr,
)
def test_documents_that_are_none_are_refused(change: dict[str, Any]) -> None:
    encoder = fitted(people())
    with pytest.raises((KeyError, TypeError, ValueError)):
        TableEncoder.from_document(encoder.document() | change, encoder.arrays())
