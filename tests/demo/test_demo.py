"""The demo at its smallest: every contender, the table, the page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from rectinet.datasets import Dataset, Split, load
from rectinet.demo import CONTENDERS, Outcome, Plan, run
from rectinet.demo.contest import Contender, Entry, p_value
from rectinet.demo.page import render
from rectinet.demo.table import HEADINGS, rows
from rectinet.demo.terminal import Board
from rectinet.runs.loop import State, Watch, fit

PLAN = Plan(n_hidden=(12, 10, 8), max_epochs=2, seed=3)
VOID = {"meta", "img", "link", "br", "hr", "input", "line"}  # <line/> closes itself


@pytest.fixture(scope="module")
def data() -> Dataset:
    """The digits, fewer of them."""
    whole = load("digits")
    small = [Split(split.X[:60].copy(), split.y[:60]) for split in (whole.train, whole.valid)]
    return Dataset("digits", *small, whole.test, image_shape=(8, 8), class_names=whole.class_names)


def trained(contender: Contender, data: Dataset) -> Outcome:
    entry = Entry(contender, PLAN, data)
    for _ in range(PLAN.max_epochs):
        assert entry.train_one_epoch()
    return entry.outcome()


@pytest.fixture(scope="module")
def outcomes(data: Dataset) -> list[Outcome]:
    return [trained(contender, data) for contender in CONTENDERS]


@pytest.fixture(scope="module")
def page(outcomes: list[Outcome], data: Dataset) -> str:
    return render(outcomes, PLAN, data)


class Reader(HTMLParser):
    """Checks nesting and collects what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(text)


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_run_prints_a_table_and_writes_the_page(tmp_path: Path) -> None:
    text = io.StringIO()
    page = run(tmp_path / "new" / "folder", PLAN, console=Console(file=text, width=100))
    assert page == tmp_path / "new" / "folder" / "index.html"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    for contender in CONTENDERS:
        assert text.getvalue().count(contender.label) >= 2  # while training, and in the table
    for heading in HEADINGS:
        assert heading in text.getvalue()
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]  # no temporary file is left


def test_rectifiers_have_zeros_and_the_others_none(outcomes: list[Outcome]) -> None:
    by_label = {outcome.contender.label: outcome for outcome in outcomes}
    assert (by_label["rectifier"].zeros > 0).all()
    assert not by_label["softplus"].zeros.any()
    assert not by_label["tanh"].zeros.any()


def test_the_control_learns_the_same_numbers(outcomes: list[Outcome]) -> None:
    skipping, control = (o for o in outcomes if o.contender.activity_l1)
    assert skipping.contender.skip_zeros
    assert not control.contender.skip_zeros
    for mine, other in zip(skipping.network.layers, control.network.layers, strict=True):
        np.testing.assert_allclose(mine.W, other.W, rtol=0, atol=1e-5)


def test_all_start_from_the_same_weights(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        np.testing.assert_array_equal(outcome.first_weights, outcomes[0].first_weights)
        assert (outcome.first_weights != outcome.network.layers[0].W).any()


def test_zeros_and_errors_are_those_of_the_network(outcomes: list[Outcome], data: Dataset) -> None:
    for outcome in outcomes:
        counted = [float((h == 0).mean()) for h in outcome.codes(data.test.X)]
        np.testing.assert_allclose(outcome.zeros, counted, rtol=0, atol=1e-12)
        predicted = outcome.engine.outputs(outcome.network, data.test.X).argmax(axis=1)
        assert outcome.error == (predicted != data.test.y).mean()


def test_interval_is_wilsons(outcomes: list[Outcome]) -> None:
    outcome = outcomes[0]
    n, p, z = outcome.wrong.size, outcome.error, 1.959963984540054
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert outcome.interval == pytest.approx(((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)))


def test_p_value_counts_only_examples_where_two_differ(outcomes: list[Outcome]) -> None:
    first, *_ = outcomes
    assert p_value(first, first) == 1.0
    other = object.__new__(Outcome)
    wrong = first.wrong.copy()
    wrong[np.flatnonzero(~wrong)[:6]] = True
    object.__setattr__(other, "wrong", wrong)
    assert p_value(first, other) == pytest.approx(2 * 0.5**6)


def test_every_row_has_every_column(outcomes: list[Outcome]) -> None:
    table = rows(outcomes)
    assert [row[0] for row in table] == [contender.label for contender in CONTENDERS]
    assert {len(row) for row in table} == {len(HEADINGS)}


def test_page_has_its_sections(read: Reader) -> None:
    assert read.headings == [
        "Who fires, and who is silent",
        "Learning curves",
        "Which units fire",
        "First-layer filters",
        "How this was made",
    ]


def test_page_needs_nothing_from_elsewhere(page: str, read: Reader) -> None:
    assert not re.search(r"""https?:|["']//|@import|url\(""", page)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in read.tags}
    sources = [attributes["src"] for tag, attributes in read.tags if tag == "img"]
    assert sources
    assert all(source is not None and source.startswith("data:image/png;base64,") for source in sources)
    assert len(page.encode()) < 1_000_000


def test_every_picture_can_be_read_aloud(read: Reader) -> None:
    for tag, attributes in read.tags:
        if tag == "img":
            assert attributes.get("alt")
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"


def test_page_says_how_many_units_are_on(page: str, outcomes: list[Outcome], data: Dataset) -> None:
    example = int(np.flatnonzero(data.test.y == 3)[0])
    on = int(np.count_nonzero(outcomes[0].codes(data.test.X)[0][example]))
    assert f"layer 1: {on} of 12 units on" in page
    assert "12 of 12 on" in page  # softplus


def test_page_shows_the_table_and_the_settings(page: str, outcomes: list[Outcome]) -> None:
    for row in rows(outcomes):
        for cell in row:
            assert cell in page
    for fact in ("64 - 12 - 10 - 8 - 10", "rate 0.1", "minibatches of 10", "<dt>seed</dt><dd>3:"):
        assert fact in page


def test_texts_are_escaped(outcomes: list[Outcome], data: Dataset) -> None:
    from dataclasses import replace

    renamed = replace(outcomes[0], contender=replace(outcomes[0].contender, label="<b>&"))
    text = render([renamed], PLAN, data)
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_turns_make_the_network_of_one_run(data: Dataset, outcomes: list[Outcome]) -> None:
    """Stopping after every epoch changes no bit, though in between the best parameters are put back."""
    for contender, outcome in zip(CONTENDERS, outcomes, strict=True):
        whole = Entry(contender, PLAN, data)
        state = fit(whole._task, whole._settings, State(), lambda state: False)
        assert [entry["validation_loss"] for entry in outcome.history] == [
            entry["validation_loss"] for entry in state.history
        ]
        for mine, other in zip(outcome.network.layers, whole.network.layers, strict=True):
            assert mine.W.tobytes() == other.W.tobytes()


def press_after(n_calls: int) -> Callable[..., Watch]:
    """A stand-in for Board.watcher that presses Ctrl-C."""
    left = iter(range(n_calls))

    def watch(_: State) -> bool:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return False

    return lambda *_: watch


def test_interrupted_at_once_there_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Board, "watcher", press_after(0))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, Plan(n_hidden=(2,), max_epochs=1), console=Console(file=io.StringIO()))
    assert list(tmp_path.iterdir()) == []


def test_interrupted_later_the_page_shows_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [0]

    def watcher(board: Board, contender: Contender, n_steps: int) -> Watch:
        def watch(state: State) -> bool:
            if contender.label == "tanh":
                raise KeyboardInterrupt
            return False

        steps[0] = n_steps
        return watch

    monkeypatch.setattr(Board, "watcher", watcher)
    text = run(tmp_path, PLAN, console=Console(file=io.StringIO(), width=100)).read_text(encoding="utf-8")
    body = text.partition("</style>")[2]
    assert "softplus" in body
    assert "tanh" not in body
    assert steps == [100]  # of ten among the thousand digits


def test_a_folder_that_cannot_be_had_is_known_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entry, "train_one_epoch", None)
    (tmp_path / "taken").write_text("")
    with pytest.raises(FileExistsError):
        run(tmp_path / "taken", PLAN, console=Console(file=io.StringIO()))
