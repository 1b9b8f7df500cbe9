"""Raw texts on the command line: training on them, asking a saved model about them, and every way to be refused."""

from __future__ import annotations

import csv
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

import rectinet
from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, TextModel
from rectinet.cli import _sources
from rectinet.datasets import Dataset, Split

from .conftest import Run

SMALL = ("--hidden", "8,6", "--max-epochs", "5", "--pretrain-epochs", "1", "--seed", "1", "--quiet")
WORDS = {1: "dull awful waste", 2: "slow flat weak", 3: "fine decent pleasant", 4: "moving brilliant superb"}


def reviews(n: int, seed: int = 0) -> list[dict[str, object]]:
    rng = np.random.default_rng(seed)
    stars = rng.integers(1, 5, n)
    return [{"text": " ".join(rng.permutation(f"{WORDS[int(k)]} film plot".split())), "stars": int(k)} for k in stars]


def write(path: str, rows: list[dict[str, object]]) -> None:
    text = "\n".join(json.dumps(row) for row in rows)
    Path(path).write_bytes(lzma.compress(text.encode()) if path.endswith(".xz") else text.encode())


def write_csv(path: str, rows: list[dict[str, object]]) -> None:
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def answers(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_stars_from_reviews_and_more_reviews(run: Run) -> None:
    write("reviews.jsonl", reviews(80))
    write("more.jsonl.xz", [{"text": row["text"]} for row in reviews(50, seed=1)])
    arguments = ("--target", "stars", "--task", "rate", "--unlabeled", "more.jsonl.xz", "--test", "reviews.jsonl")
    result = run("train", "reviews.jsonl", *arguments, *SMALL)
    assert "80 texts, 4 ratings, 50 without a target: RatingRegressor" in result.output
    assert "RMSE" in result.output
    model = rectinet.load("model.safetensors")
    assert isinstance(model, TextModel)
    assert isinstance(model.estimator_, RatingRegressor)
    assert model.bag_.words == sorted([*" ".join(WORDS.values()).split(), "film", "plot"])

    header, *lines = answers(run("predict", "model.safetensors", "reviews.jsonl").stdout)
    assert header == ["prediction"]
    expected = model.predict([str(row["text"]) for row in reviews(80)])
    assert [float(line[0]) for line in lines] == [round(value, 6) for value in expected.tolist()]  # seven digits
    inspected = run("inspect", "model.safetensors", "reviews.jsonl").output
    assert "RatingRegressor" in inspected
    assert "14 words" in inspected
    assert "zeros" in inspected


def test_a_csv_of_texts_and_its_rows_without_a_target(run: Run) -> None:
    rows = reviews(60)
    for row in rows[40:]:
        row["stars"] = ""
    write_csv("reviews.csv", rows)
    result = run("train", "reviews.csv", "--text", "text", *TARGET, *SMALL)
    assert "40 texts, 4 ratings, 20 without a target" in result.output
    assert len(answers(run("predict", "model.safetensors", "reviews.csv").stdout)) == 61


def test_whole_numbers_are_classes_and_stars_are_asked_for(run: Run) -> None:
    write("reviews.jsonl", reviews(60))
    result = run("train", "reviews.jsonl", "--target", "stars", *SMALL)
    assert "60 texts, 4 classes: RectifierClassifier" in result.output
    said = (
        "4 different whole numbers are read as 4 classes; for stars or grades: --task rate, for amounts: --task regress"
    )
    assert f"Target stars: {said}." in result.output
    assert rectinet.load("model.safetensors").classes_.tolist() == [1, 2, 3, 4]
    result = run("train", "reviews.jsonl", *TARGET, "--force", *SMALL)
    assert "4 ratings: RatingRegressor" in result.output
    assert "Target" not in result.output


def test_names_and_two_numbers_are_classes(run: Run) -> None:
    for names in (["bad", "good"], [0, 1]):
        rows = [{"review": row["text"], "kind": names[int(str(row["stars"])) > 2]} for row in reviews(60)]
        write("reviews.jsonl", rows)
        arguments = ("--text", "review", "--target", "kind", "--force")
        result = run("train", "reviews.jsonl", *arguments, *SMALL)
        assert "60 texts, 2 classes: RectifierClassifier" in result.output
        assert isinstance(rectinet.load("model.safetensors").estimator_, RectifierClassifier)
        header, *lines = answers(
            run("predict", "model.safetensors", "reviews.jsonl", "--text", "review", "--proba").stdout
        )
        assert header == ["prediction", f"p_{names[0]}", f"p_{names[1]}"]
        assert {line[0] for line in lines} <= {str(name) for name in names}


@pytest.mark.parametrize(("task", "kind"), [("classify", RectifierClassifier), ("regress", RectifierRegressor)])
def test_the_task_can_be_said(run: Run, task: str, kind: type) -> None:
    write("reviews.jsonl", reviews(60))
    run("train", "reviews.jsonl", "--target", "stars", "--task", task, *SMALL)
    assert isinstance(rectinet.load("model.safetensors").estimator_, kind)


def test_numbers_with_fractions_are_values(run: Run) -> None:
    write("prices.jsonl", [{**row, "stars": int(str(row["stars"])) / 8} for row in reviews(60)])
    result = run("train", "prices.jsonl", "--target", "stars", *SMALL)
    assert "60 texts, targets: RectifierRegressor" in result.output
    assert "R²" in result.output


def test_own_validation_texts(run: Run) -> None:
    write("reviews.jsonl", reviews(60))
    write("validation.jsonl", reviews(30, seed=2))
    result = run("train", "reviews.jsonl", "--target", "stars", "--validation", "validation.jsonl", *SMALL)
    rows = [line.split()[:2] for line in result.output.splitlines() if line.split()]
    assert ["validation", "30"] in rows


def test_options_give_way_to_what_is_typed_and_texts_have_defaults(run: Run) -> None:
    write("reviews.jsonl", reviews(60))
    run("train", "reviews.jsonl", "--target", "stars", "--tied", "--learning-rate", "0.05", *SMALL)
    params = rectinet.load("model.safetensors").estimator.get_params()
    assert params["learning_rate"] == 0.05
    assert params["hidden_layer_sizes"] == (8, 6)
    assert params["pretrain_epochs"] == 1
    assert params["corruption"] == "salt_and_pepper"


def test_examples_without_a_target_beside_a_table(run: Run, table: Path) -> None:
    lines = table.read_text().splitlines()
    Path("more.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    for more in ("more.csv", str(table)):
        result = run("train", str(table), "--target", "kind", "--unlabeled", more, "--force", *SMALL)
        assert "60 examples of 3 features, 2 classes, 60 without a target" in result.output


def test_a_named_data_set_of_bags_has_the_defaults_for_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)

    def part(n: int) -> Split:
        return Split(csr_array((rng.random((n, 9)) < 0.3).astype(np.float32)), 1.0 + np.arange(n) % 3)

    small = Dataset("imdb", part(60), part(30), part(30), unlabeled=part(40).X)
    monkeypatch.setattr(_sources, "named", lambda name: small)
    result = run("train", "imdb", *SMALL)
    assert "60 examples of 9 features, 3 ratings, 40 without a target: RatingRegressor" in result.output
    model = rectinet.load("model.safetensors")
    assert isinstance(model, RatingRegressor)
    assert model.corruption == "salt_and_pepper"
    assert len(answers(run("predict", "model.safetensors", "imdb").stdout)) == 31


# Every way to be refused: exit code 2, one sentence, and nothing written.

TARGET = ("--target", "stars", "--task", "rate")


@pytest.mark.parametrize(
    ("rows", "arguments", "sentence"),
    [
        ([{"text": "good", "stars": 1}], (), "say which field of reviews.jsonl is to be predicted: --target NAME"),
        (
            [{"body": "good", "stars": 1}],
            TARGET,
            "line 1: there is no 'text'; there are 'body', 'stars'",
        ),
        ([{"text": "good", "score": 1}], TARGET, "no row has a 'stars'; there are 'score', 'text'"),
        ([{"text": "good", "stars": 1}, {"text": " ", "stars": 2}], TARGET, "reviews.jsonl, line 2: 'text' is empty"),
        ([{"text": "good", "stars": None}], TARGET, "'stars' is empty in all 1 rows"),
        ([{"text": "good", "stars": 1}, {"text": "bad", "stars": "two"}], TARGET, "sometimes a number"),
        (reviews(20), (*TARGET, "--unlabeled", "bodies.jsonl"), "bodies.jsonl, line 1: there is no 'text'"),
        (reviews(20), (*TARGET, "--unlabeled", "nosuch.jsonl"), "nosuch.jsonl"),
        (reviews(20), (*TARGET, "--test", "five.jsonl"), "five.jsonl, line 1: 'stars' is 5, and the known ones are 1"),
        (reviews(20), (*TARGET, "--validation", "latin.jsonl"), "latin.jsonl"),
    ],
)
def test_bad_texts_are_one_sentence(
    run: Run, rows: list[dict[str, object]], arguments: tuple[str, ...], sentence: str
) -> None:
    write("reviews.jsonl", rows)
    write("bodies.jsonl", [{"body": "good"}])
    write("five.jsonl", [{"text": "good", "stars": 5}])
    Path("latin.jsonl").write_bytes('{"text": "déjà vu", "stars": 1}'.encode("latin-1"))
    before = sorted(path.name for path in Path().iterdir())
    result = run("train", "reviews.jsonl", *SMALL, *arguments, code=2)
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == before


@pytest.mark.parametrize("option", ["--text", "--target", "--unlabeled"])
def test_a_named_data_set_knows_its_own_columns(run: Run, option: str) -> None:
    result = run("train", "digits", option, "x", *SMALL, code=2)
    assert f"{option} has no meaning for the data set digits" in result.stderr


def test_models_of_texts_and_of_features_are_not_mixed_up(run: Run, model: Path) -> None:
    write("reviews.jsonl", reviews(40))
    run("train", "reviews.jsonl", "--target", "stars", "--out", "stars.st", *SMALL)
    assert "not of texts; leave out --text" in run("predict", str(model), "reviews.jsonl", "--text", "x", code=2).stderr
    assert (
        "this model knows columns by their names, and takes .csv"
        in run("predict", str(model), "reviews.jsonl", code=2).stderr
    )
    assert "texts are read from" in run("predict", "stars.st", "digits.npz", code=2).stderr
    write("empty.jsonl", [{"text": ""}])
    empty = run("predict", "stars.st", "empty.jsonl")  # one row never refuses a file
    assert len(answers(empty.stdout)) == 2
    assert "1 of 1 texts share no word with the vocabulary" in empty.stderr
