"""`rectinet explain`: what it shows, writes and refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import rectinet
from rectinet.cli._explain import chosen

from .conftest import SMALL, Run

SHAPES = "give height x width, or channels x height x width, as 28x28"


@pytest.fixture
def texts(run: Run) -> Path:
    """A classifier of texts, and the texts."""
    rows = [{"text": f"{word} film number {k}", "y": word} for k, word in enumerate(("good", "bad") * 20)]
    Path("reviews.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    run("train", "reviews.jsonl", "--target", "y", *SMALL, "--pretrain-epochs", "1")
    return Path("reviews.jsonl")


def test_texts_with_a_page(run: Run, texts: Path) -> None:
    said = run("explain", "model.safetensors", str(texts), "--rows", "2,4", "--out", "why").output
    model = rectinet.load("model.safetensors")
    for number in (2, 4):
        text = f"bad film number {number - 1}"
        answer = model.predict([text])[0]
        assert f"Example {number}: {answer}  (" in said
        assert text in said
    assert "Open why/index.html" in said
    page = Path("why/index.html").read_text()
    assert "model.safetensors on reviews.jsonl" in page
    assert re.findall(r"Example (\d+)</span>", page) == ["2", "4"]
    assert not list(Path("why").glob("*.png"))
    refused = run("explain", "model.safetensors", str(texts), "--out", "why", code=2).stderr
    assert refused == "Error: why/index.html already exists; choose another --out, or replace it with --force\n"
    run("explain", "model.safetensors", str(texts), "--out", "why", "--force")
    assert re.findall(r"Example (\d+)</span>", Path("why/index.html").read_text()) == ["1", "2", "3"]


def test_columns_in_the_terminal(run: Run, model: Path, table: Path) -> None:
    said = run("explain", str(model), str(table), "--target", "kind", "--rows", "1-2", "--most", "2").output
    assert re.findall(r"Example (\d+): (?:big|small)  \([\d.]+%, logit", said) == ["1", "2"]
    assert said.count("constant") == said.count("total, ") == 2
    assert not Path("index.html").exists()


def test_as_many_examples_as_there_are(run: Run, model: Path, table: Path) -> None:
    Path("one.csv").write_text("\n".join(table.read_text().splitlines()[:2]) + "\n")
    said = run("explain", str(model), "one.csv", "--target", "kind").output
    assert re.findall(r"Example (\d+):", said) == ["1"]


def test_what_cannot_be_explained_is_one_sentence(run: Run, model: Path, table: Path) -> None:
    words = ("explain", str(model), str(table), "--target", "kind")
    for more, sentence in [
        (("--rows", "61"), "--rows asks for example 61, and there are 60"),
        (("--rows", "0"), "--rows counts from 1 upward, and 0 does not"),
        (("--rows", "3-2"), "--rows counts from 1 upward, and 3-2 does not"),
        (("--rows", "all"), """--rows takes numbers and ranges, such as "7", "1-3" or "2,5,9-12"; got 'all'"""),
        (("--image", "28"), "--image takes height x width, or channels x height x width, as 28x28; got '28'"),
        (("--image", "28x28"), f"images of 28x28 have 784 values and the model takes 3; {SHAPES}"),
    ]:
        assert run(*words, *more, code=2).stderr == f"Error: {sentence}\n"
    run("train", str(table), "--target", "kind", "--out", "tanh.safetensors", "--activation", "tanh", *SMALL)
    said = run("explain", "tanh.safetensors", str(table), "--target", "kind", code=2).stderr
    assert said.startswith("Error: ")
    assert "tanh" in said
    assert said.count("\n") == 1


def test_rows() -> None:
    assert chosen("7", 10) == [7]
    assert chosen("2, 5,9-10,5", 10) == [2, 5, 9, 10]
    assert chosen("1-3", 2) == [1, 2]  # what is not typed asks for as many as there are
    assert len(chosen("1-100", 1000)) == 100
    for rows in ("1-101", "1-60,61-120"):
        with pytest.raises(ValueError, match="explain at most 100 at a time"):
            chosen(rows, 1000)
