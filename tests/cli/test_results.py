"""What stands beside a model's answers: ids of the rows, scores and the constant answer, classes it does not know."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rectinet

from .conftest import Run
from .rooms import SHORT, TRAIN, answers, rooms


def test_ids_are_carried_along_as_they_are_written(run: Run, rooms_model: str) -> None:
    new = rooms(30, seed=1)
    new.insert(0, "customer", [f"{k}.50" if k % 2 else f"=p{k}" for k in range(30)])
    new.to_csv("new.csv", index=False)
    new.to_parquet("new.parquet")
    right = answers(run, rooms_model, "new.csv", "--proba")
    for name in ("new.csv", "new.parquet"):
        found = answers(run, rooms_model, name, "--proba", "--id", "customer")
        assert found[0] == ["customer", "prediction", "p_tall", "p_wide"]
        assert [row[0] for row in found[1:3]] == ["'=p0", "1.50"]  # what a spreadsheet would take for a formula is text
        assert [row[1:] for row in found] == right
    refused = run("predict", rooms_model, "new.csv", "--id", "client", code=2).stderr
    assert "new.csv: there is no 'client' for --id; there are 'customer', 'height'" in refused


def test_ids_beside_other_inputs(run: Run) -> None:
    texts = [{"name": f"r{k}", "text": "good film" if k % 2 else "bad film", "kind": "ab"[k % 2]} for k in range(40)]
    Path("t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in texts))
    run("train", "t.jsonl", "--target", "kind", *SHORT)
    found = answers(run, "model.safetensors", "t.jsonl", "--id", "name")
    assert [row[0] for row in found] == ["name", *(f"r{k}" for k in range(40))]
    assert (
        "t.jsonl, line 1: there is no 'id'"
        in run("predict", "model.safetensors", "t.jsonl", "--id", "id", code=2).stderr
    )
    np.savez("t.npz", X=np.eye(9), y=np.arange(9) % 2)
    run("train", "t.npz", *SHORT)
    refused = run("predict", "model.safetensors", "t.npz", "--id", "name", code=2).stderr
    assert "t.npz: --id carries a column along, and this file has no columns with names" in refused


def test_a_part_is_held_out_and_the_constant_answer_stands_beside_the_score(run: Run) -> None:
    frame = rooms(200)
    frame.loc[:139, "kind"] = "tall"  # most of them, whatever the sizes
    frame.to_csv("t.csv", index=False)
    output = run("train", "t.csv", "--target", "kind", "--test", "t.csv", *TRAIN).output
    rows = {
        line.split()[0]: line.split() for line in output.splitlines() if line.split()[1:2] in (["180"], ["20"], ["200"])
    }
    assert list(rows) == ["train", "validation", "test"]
    constant = 100 * (1 - (frame["kind"] == "tall").mean())
    assert rows["test"][4:6] == [f"{constant:.1f}", "%"]
    model = rectinet.load("model.safetensors")
    assert rows["test"][2] == f"{100 * (1 - model.score(frame, frame['kind'])):.1f}"
    best = min(entry["validation_error"] for entry in model.estimator_.history_)
    assert rows["validation"][2] == f"{100 * best:.1f}"


def test_a_model_that_is_no_better_than_a_constant_says_so(run: Run) -> None:
    frame = pd.DataFrame({"a": np.arange(100) % 11 / 7, "b": np.arange(100) % 7 / 3}).assign(
        y=lambda t: t["a"] - t["b"]
    )
    frame.to_csv("t.csv", index=False)
    frame.assign(y=-frame["y"]).to_csv("contrary.csv", index=False)
    result = run("train", "t.csv", "--test", "contrary.csv", "--seed", "0", "--quiet")
    assert "on the test examples the model is no better than a constant answer" in result.stderr
    result = run("train", "t.csv", "--test", "t.csv", "--seed", "0", "--quiet", "--force")
    assert "no better" not in result.stderr


def test_stopping_early_is_said(run: Run) -> None:
    rooms(300).to_csv("t.csv", index=False)
    output = run("train", "t.csv", "--target", "kind", "--patience", "1", "--learning-rate", "0.5", "--decay-from", "1",
                 "--activity-l1", "0", "--seed", "0", "--quiet").output  # fmt: skip
    assert re.search(r"\d+ epochs of 100, stopped early: the validation error had not fallen for 1", output)


@pytest.mark.parametrize("option", ["--validation", "--test"])
def test_a_class_that_was_not_learned_is_named_with_its_line(run: Run, option: str) -> None:
    rows = [f"{k / 60:.3f},{('yes', 'no')[k % 2]}" for k in range(60)]
    Path("t.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    Path("more.csv").write_text("\n".join(["x,y", *rows[:3], "0.5,maybe"]) + "\n")
    said = run("train", "t.csv", "--target", "y", option, "more.csv", "--quiet", code=2).stderr
    assert "more.csv, line 5 is 'maybe', a class that no training example has; there are 'no', 'yes'" in said
    assert not Path("model.safetensors").exists()
    np.savez("t.npz", X=np.eye(20), y=np.arange(20) % 2)
    np.savez("more.npz", X=np.eye(20)[:3], y=np.array([0, 1, 2]))
    said = run("train", "t.npz", option, "more.npz", "--quiet", code=2).stderr
    assert "more.npz: target[2] is 2, a class that no training example has; there are 0, 1" in said
