"""Messages speak of what was typed: options and their values, never the Python parameters behind them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import rectinet
from rectinet.cli._options import FLAGS, OWN
from rectinet.runs.parameters import RULE, SoftmaxParameters, table

from .conftest import Run

ANYTHING = ("checkpoint",)  # any text may be the name of a file
TAKING_VALUES = [
    name
    for name, entry in table(SoftmaxParameters).items()
    if entry.metadata[RULE].metavar and not isinstance(entry.default, bool) and name not in (*OWN, *ANYTHING)
]


@pytest.fixture
def examples(run: Run) -> str:
    """In the folder of `run`."""
    rng = np.random.default_rng(0)
    X = rng.random((60, 4))
    np.savez("t.npz", X=X, y=(X[:, 0] > 0.5).astype(int))
    return "t.npz"


def said(run: Run, *words: str, code: int = 2) -> str:
    return " ".join(run("train", *words, "--quiet", code=code).stderr.split())


@pytest.mark.parametrize("name", TAKING_VALUES)
def test_a_bad_value_is_told_by_its_option(run: Run, examples: str, name: str) -> None:
    flag = FLAGS.get(name, (f"--{name.replace('_', '-')}",))[0]
    message = said(run, examples, flag, "bogus")
    assert f"{flag} must be " in message
    assert "got 'bogus'" in message
    assert not re.search(rf"\b{name}\b", message.replace(flag, "")) or "_" not in name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--learning-rate", "0,1"), '--learning-rate must be a positive finite number, or "auto"; got 0,1'),
        (
            ("--hidden", "4,4", "--activity-l1", "1,2,3"),
            "--activity-l1 must be one value or one per hidden layer (2); got",
        ),
        (("--derivative-at-zero", "1"), "--derivative-at-zero 1 needs --engine reference"),
        (
            ("--hidden", "4,4", "--pretrain-epochs", "1", "--reconstruction", "sigmoid", "--code-scaling", "none"),
            "--reconstruction sigmoid of hidden layer 1 needs the codes below it in [0, 1]",
        ),
        (
            ("--pretrain-epochs", "1", "--hidden", "4,4", "--corruption", "none,salt_and_pepper"),
            "--corruption salt_and_pepper of hidden layer 1 needs both probabilities in --corruption-level",
        ),
        (("--class-weight", "0:-1,1:2"), "--class-weight must have finite weights of at least 0; got 0:-1.0,1:2.0"),
    ],
)
def test_what_does_not_go_together_is_told_by_its_options(
    run: Run, examples: str, words: tuple[str, ...], message: str
) -> None:
    assert message in said(run, examples, *words)


def test_notes_name_options_too(run: Run) -> None:
    np.savez("t.npz", X=np.eye(4), y=np.array([0, 1, 0, 1]))
    note = said(run, "t.npz", "--early-stopping", "--max-epochs", "1", "--learning-rate", "0.1", code=0)
    assert "early stopping is off for this fit: --validation-fraction 0.1 of 4 examples" in note
    assert "give --validation, raise --validation-fraction, or choose --no-early-stopping" in note


def test_class_weights_are_typed(run: Run, examples: str) -> None:
    weighted = ("--max-epochs", "3", "--learning-rate", "0.1", "--seed", "0", "--hidden", "4", "--no-early-stopping")
    said(run, examples, *weighted, "--class-weight", "0:1,1:5", "--out", "five.safetensors", code=0)
    said(run, examples, *weighted, "--out", "one.safetensors", code=0)
    assert Path("five.safetensors").read_bytes() != Path("one.safetensors").read_bytes()
    assert rectinet.load("five.safetensors").class_weight == {0: 1.0, 1: 5.0}
