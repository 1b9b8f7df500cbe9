"""The page of scikit-learn's tests of its perceptron: complete, and true where it is cheap to see."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import peer_mlp
from benchmarks.peer_mlp_stated import does_not, holds

CHEAP = (
    "test_fit",
    "test_partial_fit_unseen_classes",
    "test_shuffle",
    "test_sparse_matrices",
    "test_preserve_feature_names",
    "test_mlp_partial_fit_after_fit",
    "test_mlp_vs_poisson_glm_equivalent",
    "test_minimum_input_sample_size",
)
AGAIN = "the page is stale: run python -m benchmarks.peer_mlp"


def rows():
    """What the page says of every test, in its order."""
    lines = peer_mlp.PAGE.read_text(encoding="utf-8").splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| `test_")]


def test_the_page_lists_every_test_of_the_installed_version_once():
    package, _, name = peer_mlp.MODULE.rpartition(".")
    [folder] = find_spec(package).submodule_search_locations
    lines = (Path(folder) / f"{name}.py").read_text(encoding="utf-8").splitlines()
    installed = [line.removeprefix("def ").partition("(")[0] for line in lines if line.startswith("def test_")]
    assert [row[0].strip("`") for row in rows()] == installed, AGAIN


def test_a_few_tests_come_out_as_the_page_says():
    cases = peer_mlp.outcomes(CHEAP)
    assert sorted(cases) == sorted(CHEAP)
    assert peer_mlp.contradictions(cases) == []
    said = {row[0]: row for row in rows()}
    for name in CHEAP:
        row = peer_mlp.row(name, cases[name])
        assert said[row[0]] == row, AGAIN


PASSED = {"outcome": "passed", "words": ""}
FAILED = {"outcome": "failed", "words": "ValueError: too large"}


@pytest.mark.parametrize(
    ("stated", "cases", "contradicted"),
    [
        (holds(""), [PASSED, PASSED], False),
        (holds(""), [PASSED, FAILED], True),
        (does_not("", "too large"), [FAILED], False),
        (does_not("", "too large"), [PASSED], True),
        (does_not("", "too large"), [PASSED, FAILED], True),
        (does_not("", "too large", held=1), [PASSED, FAILED], False),
        (does_not("", "too small"), [FAILED], True),
        (does_not("", "too large", "too small"), [FAILED], True),
    ],
)
def test_an_outcome_contradicts_what_is_stated(stated, cases, contradicted):
    assert bool(stated.contradictions(cases)) is contradicted
