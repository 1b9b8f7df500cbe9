"""`rectinet prune`: a smaller file, and what it changed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

import rectinet

from .conftest import SMALL, Run


def kill(path: Path, *units: int) -> None:
    """Plant dead units in the first hidden layer of a saved model."""
    model = rectinet.load(path)
    getattr(model, "estimator_", model).network_.layers[0].b[list(units)] = -1e3
    model.save(path)


def test_dead_units_go_and_answers_stay(run: Run, model: Path, table: Path) -> None:
    kill(model, 1, 4)
    before = run("predict", str(model), str(table), "--target", "kind", "--proba").output
    said = run("prune", str(model), str(table), "--target", "kind", "--out", "small.safetensors").output
    kept = rectinet.load("small.safetensors").estimator_.hidden_layer_sizes
    assert kept[0] <= 6
    assert re.search(rf"hidden 1 +8 +{kept[0]} +{8 - kept[0]} *\n", said)
    assert "Chosen on 60 examples: another class for 0.000% of them." in said
    assert re.search(r"One prediction: [\d.]+ µs before, [\d.]+ after: [\d.]+ times as fast\.", said)
    assert "Saved small.safetensors" in said
    assert run("predict", "small.safetensors", str(table), "--target", "kind", "--proba").output == before
    refused = run("prune", str(model), str(table), "--target", "kind", "--out", "small.safetensors", code=2)
    assert refused.stderr == (
        "Error: small.safetensors already exists; choose another --out, or replace it with --force\n"
    )


def test_of_a_named_data_set_the_test_part_is_held_out(run: Run) -> None:
    run("train", "digits", *SMALL)
    said = run("prune", "model.safetensors", "digits", "--tolerance", "0.3").output
    assert "Chosen on 297 examples: another class for " in said
    assert re.search(
        r"Held out: 500 examples: another class for [\d.]+% of them; score 0\.\d+ before, 0\.\d+ aft", said
    )
    sizes = rectinet.load("pruned.safetensors").hidden_layer_sizes
    assert sum(sizes) < 14


def test_held_out_examples_of_a_file(run: Run, model: Path, table: Path) -> None:
    others = Path("others.csv")
    others.write_text("\n".join(table.read_text().splitlines()[:11]) + "\n")
    said = run("prune", str(model), str(table), "--target", "kind", "--held-out", "others.csv").output
    assert "Held out: 10 examples: another class for 0.000% of them." in said


def test_models_of_texts(run: Run) -> None:
    rows = [{"text": f"{word} film number {k}", "y": word} for k, word in enumerate(("good", "bad") * 20)]
    Path("reviews.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    run("train", "reviews.jsonl", "--target", "y", *SMALL, "--pretrain-epochs", "1")
    kill(Path("model.safetensors"), 0, 2)
    said = run("prune", "model.safetensors", "reviews.jsonl").output
    assert "Chosen on 40 examples: another class for 0.000% of them." in said
    texts = [row["text"] for row in rows]
    before, after = (rectinet.load(name) for name in ("model.safetensors", "pruned.safetensors"))
    np.testing.assert_array_equal(after.predict_proba(texts), before.predict_proba(texts))
    assert after.estimator_.hidden_layer_sizes[0] <= 6


def test_what_cannot_be_pruned_is_one_sentence(run: Run, model: Path, table: Path) -> None:
    arguments = ("prune", str(model), str(table), "--target", "kind")
    said = run(*arguments, "--tolerance", "1.5", code=2).stderr
    assert said.startswith("Error: tolerance must be a number in [0, 1)")
    assert said.count("\n") == 1
    assert not Path("pruned.safetensors").exists()
    assert "Error: nowhere.csv" in run("prune", str(model), "nowhere.csv", code=2).stderr
    run("train", str(table), "--target", "kind", "--out", "tanh.safetensors", "--activation", "tanh", *SMALL)
    said = run("prune", "tanh.safetensors", str(table), "--target", "kind", code=2).stderr
    assert said == "Error: tanh units are never exactly 0: only rectifiers can be removed for being off\n"
