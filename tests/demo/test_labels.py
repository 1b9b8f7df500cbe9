"""Pre-training in the demo: what is compared, from where it starts, and how it is shown."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from rectinet.datasets import Dataset, load
from rectinet.demo import Plan, labels, run
from rectinet.demo.contest import Contender, Entry, Outcome, fresh_network
from rectinet.demo.labels import N_NETWORKS, UNITS, Labels, compare, fewer_labels, learn, pretrained
from rectinet.demo.page import render
from rectinet.demo.table import CELL_HEADINGS, cell_rows, error
from rectinet.demo.terminal import print_labels
from rectinet.runs.greedy import PretrainingState

PLAN = Plan(n_hidden=(12, 10), max_epochs=2, pretrain_epochs=2, seed=3)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load("digits")


@pytest.fixture(scope="module")
def counted() -> list[None]:
    return []


@pytest.fixture(scope="module")
def compared(data: Dataset, counted: list[None]) -> Labels:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labels, "FEWEST_UPDATES", 30)
        found = compare(PLAN, data, [], lambda: counted.append(None))
    assert found is not None
    return found


def test_six_cells_and_two_curves(compared: Labels, counted: list[None], data: Dataset) -> None:
    assert set(compared.cells) == {(unit.label, before) for unit in UNITS for before in (False, True)}
    for before, points in compared.curves.items():
        assert [n for n, _ in points] == [50, 100, 200, 500, len(data.train)]
        assert points[-1][1] is compared.cells["rectifier", before]
    assert len(counted) == N_NETWORKS


def test_cells_of_the_contest_are_not_trained_again(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry(UNITS[1], PLAN, data)
    entry.train_one_epoch()
    known = entry.outcome()
    monkeypatch.setattr(labels, "N_LABELS", ())
    found = compare(PLAN, data, [known], lambda: None)
    assert found is not None
    assert found.cells["softplus", False] is known
    assert found.cells["softplus", True] is not known


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.label)
def test_pre_training_changes_the_hidden_layers_and_empties_the_last(unit: Contender, data: Dataset) -> None:
    network, state = pretrained(unit, PLAN, data)
    losses = [entry["loss"] for entry in state.history if entry["layer"] == 0]
    assert losses[-1] < losses[0]
    begun = fresh_network(unit, PLAN, data)
    for mine, other in zip(network.hidden, begun.hidden, strict=True):
        assert (mine.W != other.W).any()
    assert not network.layers[-1].W.any()


def test_training_begins_at_the_given_network_and_leaves_it_alone(data: Dataset) -> None:
    start, _ = pretrained(UNITS[0], PLAN, data)
    before = [layer.W.copy() for layer in start.layers]
    outcome = learn(UNITS[0], PLAN, data, 50, start)
    assert isinstance(outcome, Outcome)
    for layer, kept in zip(start.layers, before, strict=True):
        np.testing.assert_array_equal(layer.W, kept)
    np.testing.assert_array_equal(outcome.first_weights, before[0])


def test_few_labels_are_balanced(data: Dataset) -> None:
    few = fewer_labels(data, 50)
    assert np.bincount(few.train.y).tolist() == [5] * 10
    assert few.test is data.test
    assert fewer_labels(data, 1000) is data


def test_few_labels_get_enough_updates(data: Dataset) -> None:
    outcome = learn(UNITS[0], PLAN, data, 500, None)
    assert outcome is not None
    assert len(outcome.history) == 12  # of 50 updates each
    assert outcome.n_trained == 12 * 500


def test_the_page_and_the_terminal_show_the_same_cells(compared: Labels, data: Dataset) -> None:
    outcomes = [compared.cells["rectifier", False]]
    page = render(outcomes, PLAN, data, compared)
    text = io.StringIO()
    print_labels(Console(file=text, width=120), compared)
    assert "<h2>With and without pre-training</h2>" in page
    assert "Learning from few labels" in page
    for heading in CELL_HEADINGS:
        assert heading in page
        assert heading in text.getvalue()
    for row in cell_rows(compared):
        for cell in row:
            assert cell in page
            assert cell in text.getvalue()
    assert error(compared.cells["tanh", True]) in cell_rows(compared)[1]
    assert "pre-training" not in render(outcomes, PLAN, data).partition("</style>")[2]


def test_interrupted_pre_training_leaves_the_page_of_the_contest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "pretrain", lambda *_, **__: PretrainingState(status="interrupted"))
    page = run(tmp_path, PLAN, console=Console(file=io.StringIO())).read_text(encoding="utf-8")
    assert "Learning curves" in page
    assert "Learning from few labels" not in page
