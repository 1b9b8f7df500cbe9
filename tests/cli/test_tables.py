"""Tables by their columns' names from the command line: what people report of files as they come."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rectinet
import rectinet.encoders
from rectinet import TableModel

from .conftest import Run
from .rooms import SHORT, TRAIN, answers, people, rooms

# columns by name (field scripts 01, 02, 36)


def test_another_order_is_the_same_answer(run: Run, rooms_model: str) -> None:
    new = rooms(30, seed=1)
    new[["height", "width"]].to_csv("same.csv", index=False)
    new[["width", "height"]].to_csv("swapped.csv", index=False)
    right = answers(run, rooms_model, "same.csv", "--proba")
    assert answers(run, rooms_model, "swapped.csv", "--proba") == right
    assert np.mean(np.array([row[0] for row in right[1:]]) == new["kind"]) > 0.9


def test_a_missing_column_is_named_and_further_ones_are_ignored(run: Run, rooms_model: str) -> None:
    new = rooms(30, seed=1)
    new.rename(columns={"height": "price"})[["price", "width"]].to_csv("renamed.csv", index=False)
    refused = run("predict", rooms_model, "renamed.csv", code=2).stderr
    assert refused == (
        "Error: renamed.csv has no column 'height', which the model was trained with; it has 'price', 'width'\n"
    )
    new.assign(mood="good").to_csv("more.csv", index=False)
    new.to_csv("same.csv", index=False)
    result = run("predict", rooms_model, "more.csv")
    assert result.stdout == run("predict", rooms_model, "same.csv").stdout
    assert result.stderr == "Note: more.csv: 'mood' not known from training, and ignored\n"


@pytest.mark.parametrize("asked", [(), ("--target", "kind")])
def test_the_target_may_be_there_empty_or_absent(run: Run, rooms_model: str, asked: tuple[str, ...]) -> None:
    new = rooms(30, seed=1)
    new.to_csv("there.csv", index=False)
    new.assign(kind=None).to_csv("empty.csv", index=False)
    new.drop(columns="kind").to_csv("absent.csv", index=False)
    right = answers(run, rooms_model, "there.csv", *asked)
    for name in ("empty.csv", "absent.csv"):
        result = run("predict", rooms_model, name, *asked)
        assert list(csv.reader(result.stdout.splitlines())) == right
        assert result.stderr == ""
        assert "hidden 1" in run("inspect", rooms_model, name, *asked).output
        more = ("--unlabeled", name, "--pretrain-epochs", "1", "--out", "more.st")
        run("train", "train.csv", "--target", "kind", *more, *SHORT)
        assert rectinet.load("more.st").estimator_.pretrain_history_


def test_validation_and_test_files_are_matched_by_name(run: Run, rooms_model: str) -> None:
    new = rooms(30, seed=1)
    new.to_csv("same.csv", index=False)
    new[["kind", "width", "height"]].to_csv("swapped.csv", index=False)
    said = []
    for name in ("same.csv", "swapped.csv"):
        output = run("train", "train.csv", "--target", "kind", "--validation", name, "--test", name, *TRAIN).output
        said.append([line.split() for line in output.splitlines() if line.split()[:1] in (["validation"], ["test"])])
    assert said[0] == said[1]
    assert [row[1] for row in said[0]] == ["30", "30"]


def test_a_feature_may_be_called_y(run: Run) -> None:
    rooms().rename(columns={"height": "y", "width": "x", "kind": "label"}).to_csv("points.csv", index=False)
    Path("new.csv").write_text("x,y\n0.1,0.9\n0.9,0.1\n")
    run("train", "points.csv", "--target", "label", *TRAIN)
    for asked in ((), ("--target", "label")):
        assert answers(run, "model.safetensors", "new.csv", *asked) == [["prediction"], ["tall"], ["wide"]]


# kinds of files


def test_every_kind_of_file_is_the_same_table(run: Run) -> None:
    frame, new = people(), people(50, seed=1).drop(columns="kind")
    frame.to_csv("t.csv", index=False)
    frame.to_csv("t.tsv", index=False, sep="\t")
    frame.to_csv("semicolons.csv", index=False, sep=";")
    frame.to_csv("bars.csv", index=False, sep="|")
    Path("t.csv.gz").write_bytes(gzip.compress(Path("t.csv").read_bytes()))
    frame.to_parquet("t.parquet", index=False)
    frame.to_csv("index.csv")
    new.to_csv("new.csv", index=False)
    new.to_parquet("new.parquet")
    found = []
    for name in ("t.csv", "t.tsv", "semicolons.csv", "bars.csv", "t.csv.gz", "t.parquet", "index.csv"):
        run("train", name, "--target", "kind", *TRAIN)
        for asked in ("new.csv", "new.parquet"):
            found.append(answers(run, "model.safetensors", asked, "--proba"))
    assert all(one == found[0] for one in found)
    assert len(found[0]) == 51


def test_the_command_line_is_the_python_interface(run: Run) -> None:
    frame = people()
    frame.to_csv("t.csv", index=False)
    run("train", "t.csv", "--target", "kind", *TRAIN)
    model = rectinet.load("model.safetensors")
    assert isinstance(model, TableModel)
    again = TableModel(model.estimator).fit(pd.read_csv("t.csv"), "kind")
    assert np.array_equal(again.predict_proba(frame), model.predict_proba(frame))


def test_units_of_their_own_are_scaled(run: Run) -> None:
    """Field script 34: areas and years, a model with R² = -8e14 in 0.1.0."""
    rng = random.Random(0)
    rows = ["area,year,rooms,price"]
    for _ in range(300):
        area, year, n = rng.randint(400, 4000), rng.randint(1900, 2020), rng.randint(1, 8)
        rows.append(f"{area},{year},{n},{100.5 + 0.2 * area + 0.1 * (year - 1900) + 10 * n:.2f}")
    Path("houses.csv").write_text("\n".join(rows) + "\n")
    output = run("train", "houses.csv", "--target", "price", "--seed", "0", "--quiet").output
    (r2,) = re.findall(r"validation +30 +(0\.\d+)", output)
    assert float(r2) > 0.95
    help_text = run("train", "--help").output
    assert "--scaling" in help_text


def test_whole_number_prices_are_values(run: Run) -> None:
    """Field script 05: 200 classes in 0.1.0."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"rooms": rng.integers(1, 7, 200), "area": rng.random(200)})
    frame["price"] = (100_000 + 50_000 * frame["rooms"] + 200_000 * frame["area"]).astype(int)
    frame.to_csv("houses.csv", index=False)
    output = run("train", "houses.csv", "--target", "price", *TRAIN).output
    assert "RectifierRegressor" in output
    assert "are read as values, being more than 20; for classes: --task classify" in output


@pytest.mark.parametrize("cell", ["N/A", "NaN", "null", "NA", "-", ""])
def test_a_row_without_a_target_is_left_out_with_a_note(run: Run, cell: str) -> None:
    """Field scripts 06 and 38: 60 classes of names in 0.1.0."""
    rng = np.random.default_rng(0)
    cells = [f"{value:.4f}" for value in rng.random(60)]
    Path("t.csv").write_text("a,b,price\n" + "".join(f"{k % 7}.5,{k % 11}.25,{c}\n" for k, c in enumerate(cells)))
    text = Path("t.csv").read_text().replace(cells[30], cell)
    Path("t.csv").write_text(text)
    result = run("train", "t.csv", "--target", "price", *SHORT)
    assert "59 examples of 2 features, targets: RectifierRegressor" in result.output
    assert "1 of 60 rows have no target and are left out" in result.stderr


@pytest.mark.parametrize("cell", ['"1,234.5"', "$12.5", "many"])
def test_a_stray_target_is_an_error_with_its_line(run: Run, cell: str) -> None:
    cells = [f"{k}.5" for k in range(60)]
    cells[30] = cell
    Path("t.csv").write_text("a,price\n" + "".join(f"{k % 7}.5,{c}\n" for k, c in enumerate(cells)))
    sentence = run("train", "t.csv", "--target", "price", *SHORT, code=2).stderr
    assert sentence.startswith(f"Error: t.csv, line 32: 'price' is '{cell.strip(chr(34))}', and 59 of the 60 rows")


def test_a_stray_feature_is_an_error_with_its_line_and_the_remedies(run: Run) -> None:
    frame = rooms().astype({"height": object})
    frame.loc[30, "height"] = "tall"
    frame.to_csv("t.csv", index=False)
    sentence = run("train", "t.csv", "--target", "kind", *SHORT, code=2).stderr
    assert "t.csv, line 32: 'height' is 'tall', and 79 of the 80 cells of that column are numbers" in sentence
    assert "--missing 'tall'" in sentence
    assert "--categorical 'height'" in sentence
    run("train", "t.csv", "--target", "kind", "--missing", "tall", *SHORT)
    run("train", "t.csv", "--target", "kind", "--categorical", "height", *SHORT)


# what is left out (field script 46)


@pytest.mark.parametrize("column", ["", "name", "id"])
def test_row_numbers_names_and_ids_are_left_out_with_a_note(run: Run, column: str) -> None:
    values = {"": range(300), "name": [f"p{k}" for k in range(300)], "id": range(5000, 8000, 10)}[column]
    frame = rooms(300)
    frame.to_csv("plain.csv", index=False)
    pd.concat([pd.DataFrame({column: values}), frame], axis=1).to_csv("t.csv", index=False)
    errors = {}
    for name in ("plain.csv", "t.csv"):
        result = run("train", name, "--target", "kind", "--out", name + ".st", *TRAIN)
        errors[name] = re.findall(r"validation +30 +([\d.]+) %", result.output)
    assert errors["t.csv"] == errors["plain.csv"]
    assert float(errors["t.csv"][0]) < 15
    assert f"left out of the table: '{column}'" in result.stderr
    silent = run("train", "t.csv", "--target", "kind", "--drop", column, *SHORT) if column else None
    assert silent is None or silent.stderr == ""


def test_columns_by_option(run: Run) -> None:
    frame = people().assign(grade=np.arange(200) % 3, id=range(1000, 1200), **{"a,b": 1.5 * (np.arange(200) % 5)})
    frame.to_csv("t.csv", index=False)
    run("train", "t.csv", "--target", "kind", "--drop", "town,flat", "--drop", "a,b", "--categorical", "grade",
        "--keep", "id", *SHORT)  # fmt: skip
    model = rectinet.load("model.safetensors")
    assert list(model.get_feature_names_out()) == ["income", "grade=0", "grade=1", "grade=2", "id"]
    refused = run("train", "t.csv", "--target", "kind", "--drop", "city", *SHORT, code=2).stderr
    assert "drop names 'city', and t.csv has the columns 'income', 'town'" in refused
    np.savez("t.npz", X=np.eye(9), y=np.arange(9) % 2)
    assert "--drop is for tables" in run("train", "t.npz", "--drop", "x", *SHORT, code=2).stderr


def test_words_for_missing(run: Run) -> None:
    frame = rooms().round(3).astype({"height": object})
    frame.loc[::7, "height"] = "-99"
    frame.loc[1::7, "height"] = "unknown"
    frame.to_csv("t.csv", index=False)
    run("train", "t.csv", "--target", "kind", "--missing", "-99,unknown", *SHORT)
    model = rectinet.load("model.safetensors")
    assert model.missing == ["-99", "unknown"]
    assert list(model.get_feature_names_out()) == ["height", "height is missing", "width"]


@pytest.mark.parametrize("scaling", ["none", "standard", "minmax"])
def test_scaling_by_option(run: Run, scaling: str) -> None:
    rooms().to_csv("t.csv", index=False)
    run("train", "t.csv", "--target", "kind", "--scaling", scaling, *SHORT)
    assert rectinet.load("model.safetensors").scaling == (None if scaling == "none" else scaling)
    np.savez("t.npz", X=rooms()[["height", "width"]].to_numpy(), y=rooms()["kind"].to_numpy().astype(str))
    run("train", "t.npz", "--scaling", scaling, *SHORT)
    assert rectinet.load("model.safetensors").scaling == (None if scaling == "none" else scaling)


def test_unknown_categories_are_counted_once(run: Run) -> None:
    people().to_csv("t.csv", index=False)
    people(50, seed=1).assign(town="Lima").to_csv("new.csv", index=False)
    result = run("train", "t.csv", "--target", "kind", "--test", "new.csv", *SHORT)
    assert result.stderr.count("column 'town': 50 of 50 rows have a category that training did not have ('Lima')") == 1
    result = run("predict", "model.safetensors", "new.csv")
    assert result.stderr.count("50 of 50 rows have a category that training did not have") == 1


def test_what_a_model_knows_of_its_columns_is_shown(run: Run) -> None:
    people().to_csv("t.csv", index=False)
    run("train", "t.csv", "--target", "kind", *SHORT)
    text = run("inspect", "model.safetensors", "t.csv").output
    assert "Takes tables with these columns by name (1 of number, 1 of category, 1 of boolean; scaled by rank):" in text
    assert "income, town, flat" in text


def test_a_model_of_tables_wants_a_table(run: Run, rooms_model: str) -> None:
    np.savez("t.npz", X=np.eye(2))
    refused = run("predict", rooms_model, "t.npz", code=2).stderr
    assert "t.npz: this model knows columns by their names, and takes .csv, .tsv, .parquet files" in refused
    Path("broken.parquet").write_text("not a table")
    assert "broken.parquet cannot be read as .parquet" in run("predict", rooms_model, "broken.parquet", code=2).stderr
    assert "no.parquet does not exist" in run("predict", rooms_model, "no.parquet", code=2).stderr


# .svm (field script 08)


def test_where_indices_begin_is_part_of_the_model(run: Run) -> None:
    rng = random.Random(0)
    lines = [f"{k % 2} 0:{rng.random():.2f} {'1:1' if k % 2 else '2:1'} 3:{rng.random():.2f}" for k in range(80)]
    Path("train.svm").write_text("\n".join(lines) + "\n")
    Path("new.svm").write_text("1 1:1\n0 2:1\n1 1:1 3:0.5\n0 2:1 3:0.5\n")  # happens to hold no index 0
    Path("new0.svm").write_text("1 0:0.0001 1:1\n0 2:1\n1 1:1 3:0.5\n0 2:1 3:0.5\n")
    output = run("train", "train.svm", "--validation", "new.svm", "--test", "new.svm", *TRAIN).output
    assert re.search(r"test +4 +0\.0 %", output)
    assert rectinet.load("model.safetensors").index_base_ == 0
    for name in ("new.svm", "new0.svm"):
        assert answers(run, "model.safetensors", name) == [["prediction"], ["1"], ["0"], ["1"], ["0"]]
    Path("train.svm").write_text("\n".join(f"{k % 2} {1 + k % 2}:1" for k in range(40)) + "\n")
    run("train", "train.svm", *SHORT)
    assert rectinet.load("model.safetensors").index_base_ == 1
    assert "has the index 0" in run("predict", "model.safetensors", "new0.svm", code=2).stderr


# spreadsheets as they come (field script 19) and images as .csv (35)


@pytest.mark.parametrize(
    "written",
    [
        "a,b,y\n{}", "a;b;y\n{}", "a\tb\ty\n{}", "sep=;\na;b;y\n{}", ",a,b,y\n{}", "\ufeffa,b,y\n{}", '"a","b","y"\n{}',
        "a, b, y\n{}", "a,b,y,\n{}", "\n\na,b,y\n{}",
    ],
)  # fmt: skip
def test_spreadsheets_as_they_come(run: Run, written: str) -> None:
    rng = np.random.default_rng(0)
    delimiter = next(one for one in ";\t," if one in written)
    buffer = io.StringIO()
    for k in range(40):
        numbered = [str(k)] if written.startswith(",") else []
        row = [*numbered, f"{rng.random():.3f}", f"{rng.random():.3f}", "cat" if k % 2 else " dog "]
        buffer.write(delimiter.join(row) + (delimiter if written.endswith(",\n{}") else "") + "\n")
    Path("t.csv").write_text(written.format(buffer.getvalue()))
    run("train", "t.csv", *SHORT)
    model = rectinet.load("model.safetensors")
    assert list(model.get_feature_names_out()) == ["a", "b"]
    assert model.classes_.tolist() == ["cat", "dog"]


def test_decimal_commas_in_a_table_with_semicolons(run: Run) -> None:
    rows = [f"{k % 7},{k % 3}5;{k % 5},25;{'up' if k % 2 else 'down'}" for k in range(40)]
    Path("t.csv").write_text("a;b;y\n" + "\n".join(rows) + "\n")
    result = run("train", "t.csv", *SHORT)
    assert list(rectinet.load("model.safetensors").get_feature_names_out()) == ["a", "b"]
    assert "column 'a': '0,05' is read as 0.05" in result.stderr


def test_images_as_csv_are_only_divided(run: Run) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (120, 100)) * (rng.random((120, 100)) < 0.2)
    frame = pd.DataFrame(pixels, columns=[f"p{k}" for k in range(100)])
    frame.insert(0, "label", np.arange(120) % 10)
    frame.to_csv("images.csv", index=False)
    result = run("train", "images.csv", "--target", "label", *SHORT)
    assert "100 columns have no negative value and share one scale: they are divided by 255" in result.stderr
    model = rectinet.load("model.safetensors")
    encoded = np.asarray(model.encoder_.encode(rectinet.encoders.read_frame(frame))[0])
    np.testing.assert_array_equal(encoded, (pixels / 255).astype(np.float32))


@pytest.mark.parametrize(
    ("above", "line"), [("# written by a program", 2), ("Report of rooms\n", 3), ("Report of rooms,,", 2)]
)
def test_what_stands_above_the_names_is_said_to_be_in_the_way(run: Run, above: str, line: int) -> None:
    Path("t.csv").write_text(f"{above}\nheight,width,kind\n1,2,tall\n2,1,wide\n")
    said = run("train", "t.csv", "--target", "kind", *SHORT, code=2).stderr
    title = above.strip().rstrip(",")
    assert said.startswith(f"Error: t.csv, line {line}: ")
    assert said.endswith(f" If '{title}' is not the name of a column, delete what stands above the names\n")
