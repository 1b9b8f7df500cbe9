"""The page of the demo, read back, and the terminal beside it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from rectinet.demo import labels, run
from rectinet.demo.labels import UNITS
from rectinet.demo.page import render
from rectinet.demo.pictures import ROWS_PER_CLASS, places_by_class
from rectinet.demo.table import CELL_HEADINGS, HEADINGS, cell_rows, error, rows
from rectinet.demo.terminal import print_comparison

from .conftest import SMALL, Trained

VOID = {"meta", "img", "link", "br", "hr", "input", "line"}  # <line/> closes itself


class Reader(HTMLParser):
    """Checks nesting and collects what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

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
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(text)


@pytest.fixture(scope="module")
def page(trained: Trained) -> str:
    return render(trained.results, trained.data, trained.comparison)


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def words(page: str) -> str:
    """The text of the page without tags and line ends."""
    return " ".join(re.sub(r"<[^>]*>", "", page.partition("</style>")[2]).split())


def test_run_prints_tables_and_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "FEWEST_UPDATES", 30)
    monkeypatch.setattr(labels, "PRETRAINING", labels.PRETRAINING | {"pretrain_epochs": 1})
    text = io.StringIO()
    page = run(tmp_path / "new" / "folder", SMALL, Console(file=text, width=100))
    assert page == tmp_path / "new" / "folder" / "index.html"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    for contender in SMALL:
        assert text.getvalue().count(contender.label) >= 2  # while training, and in the table
    for heading in (*HEADINGS, *CELL_HEADINGS):
        assert heading in text.getvalue()
    assert text.getvalue().count("left") >= len(SMALL) + 1  # both stages say how long they still take
    assert "2/2" in text.getvalue()
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]  # no temporary file is left


def test_a_folder_that_cannot_be_had_is_known_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rectinet.demo.contest", None)
    (tmp_path / "taken").write_text("")
    with pytest.raises(FileExistsError):
        run(tmp_path / "taken", SMALL, Console(file=io.StringIO()))


def test_the_first_sentence_says_what_zeros_buy(page: str, trained: Trained) -> None:
    skipping, control = trained.results["l1"], trained.results["control"]
    body = words(page).partition("What zeros buy ")[2]
    assert body.startswith(f"A network learned in {skipping.seconds:.1f} seconds")
    assert (
        f"in {control.seconds:.1f} seconds when they were not: {control.seconds / skipping.seconds:.1f} times" in body
    )
    assert f"misread {skipping.wrong.sum()} of 500 test digits, {skipping.percent:.1f} %" in body


def test_bars_are_as_long_as_the_seconds(read: Reader, trained: Trained) -> None:
    bars = [attributes for tag, attributes in read.tags if (attributes.get("class") or "").startswith("bar ")]
    widths = [float((bar["style"] or "").removeprefix("width:").rstrip("%")) for bar in bars]
    seconds = [trained.results[style].seconds for style in ("l1", "control")]
    assert widths == pytest.approx([100 * second / max(seconds) for second in seconds], abs=0.06)


def test_same_answers_are_claimed_only_where_they_are(trained: Trained) -> None:
    assert (trained.results["l1"].wrong == trained.results["control"].wrong).all()
    other = replace(trained.results["control"], outcome=trained.results["tanh"].outcome)
    assert "same answers" in render(trained.results, trained.data, trained.comparison)
    assert "same answers" not in render(trained.results | {"control": other}, trained.data, trained.comparison)


def test_page_has_its_sections_in_order(read: Reader) -> None:
    assert read.texts["h1"] + read.texts["h2"] == [
        "What zeros buy",
        "The five networks",
        "Learning curves",
        "Learning from few labels",
        "Pre-training when all digits have labels",
        "Which units are active",
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


def test_a_cell_of_a_table_names_its_column_for_narrow_screens(read: Reader) -> None:
    labelled = [attributes["data-label"] for tag, attributes in read.tags if "data-label" in attributes]
    assert labelled == [*HEADINGS[1:]] * len(SMALL) + [*UNITS] * 2


def test_every_class_of_the_page_has_a_style(read: Reader) -> None:
    css = files("rectinet.demo").joinpath("page.css").read_text(encoding="utf-8")
    used = {name for _, attributes in read.tags for name in (attributes.get("class") or "").split()}
    assert {name for name in used if f".{name}" not in css} == set()


def test_digits_and_rows_of_units_are_labelled(page: str, read: Reader, trained: Trained) -> None:
    result = trained.results["rectifier"]
    example = int(np.flatnonzero(result.test.targets == 3)[0])
    active = int(np.count_nonzero(result.codes(result.test.X)[0][example]))
    assert f"layer 1: {active} of 12 units active" in page
    assert "layer 1: 12 of 12 units active" in page  # softplus
    assert '<img class="digit" alt="a handwritten 3"' in page
    assert [text for text in read.texts["b"] if text in "0348"] == [*"00334488"] * 4  # beside the digit, and its rows


def test_units_stand_in_the_rows_of_their_class() -> None:
    codes = np.array([[0.0, 1.0, 3.0, 0.0], [5.0, 1.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]] * 10)
    y = np.array([[7, 2, 2]] * 10).ravel()
    y[-3:] = [7, 2, 2]
    codes = np.concatenate([codes, np.zeros((10, 4))])
    places = places_by_class(codes, np.concatenate([y, np.arange(10)]))
    assert places.shape == (10 * ROWS_PER_CLASS, 1)
    assert places[2 * 2 :][:2].ravel().tolist() == [0, 1]  # the larger mean first
    assert places[7 * 2 :][:2].ravel().tolist() == [2, -1]
    assert sorted(places[places >= 0]) == [0, 1, 2]  # the last unit is never active


def test_page_shows_tables_and_settings(page: str, trained: Trained) -> None:
    for row in rows(trained.results.values()) + cell_rows(trained.comparison):
        for cell in row:
            assert cell in page
    text = words(page)
    for fact in ("64 - 12 - 10 - 8 - 10", "learning rate 0.1", "minibatches of 10", "seed3: ", "0.002, on the sum"):
        assert fact in text
    assert "{" not in text


def test_few_labels_are_told_as_they_are(page: str, trained: Trained) -> None:
    (n, without), (_, pretrained) = trained.comparison.curve(False)[0], trained.comparison.curve(True)[0]
    said = f"labels of {n} of the 120 training digits, a rectifier network misread {without.percent:.1f} % of the test "
    assert said + f"digits; with pre-training on all 120 images, {pretrained.percent:.1f} %." in words(page)


def test_the_terminal_shows_the_same_cells(trained: Trained) -> None:
    text = io.StringIO()
    print_comparison(Console(file=text, width=120), trained.comparison)
    for row in cell_rows(trained.comparison):
        for cell in row:
            assert cell in text.getvalue()
    assert error(trained.comparison.cell("tanh", True)) in cell_rows(trained.comparison)[1]


def test_texts_are_escaped(trained: Trained) -> None:
    first = trained.results["rectifier"]
    renamed = replace(first, contender=replace(first.contender, label="<i>&"))
    text = render(trained.results | {"rectifier": renamed}, trained.data, trained.comparison)
    assert "<i>" not in text
    assert "&lt;i&gt;&amp;" in text
