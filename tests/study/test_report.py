"""The report as a page: what stands where, what is shown and what is withheld; its numbers: test_report_numbers."""

from __future__ import annotations

import dataclasses

import pytest

from rectinet.axis import Axis
from rectinet.study.paper import paper
from rectinet.study.report import summary, write_report
from rectinet.study.report._numbers import Number
from rectinet.study.report._open import QUESTIONS
from rectinet.study.report._page import page, sections
from rectinet.study.report._tables import Beside, Table
from tests.study import made_up
from tests.study.parsed import nodes


def test_a_run_that_was_asked_for_in_two_ways_is_shown_once(records, html):
    again = [dataclasses.replace(one, data="mnist") for one in records]
    assert page([*records, *again]).split("<h2")[:-1] == html.split("<h2")[:-1]  # but for commands to go on, at the end


def test_the_runs_of_an_experiment_stand_under_the_commands_that_run_them(records):
    asked = [dataclasses.replace(one, data="mnist") for one in records if one.experiment == "figure3"]
    more = [dataclasses.replace(one, budget="paper", key=one.key[::-1]) for one in asked]
    (listed,) = (node for node in nodes(page(asked + more)) if "runs" in node.classes)
    commands = [node.text() for node in listed.children if node.tag == "code"]
    assert commands == [f"rectinet study run figure3 --data mnist --budget {budget}" for budget in ("quick", "paper")]


def test_columns_without_runs_are_folded_beside_those_that_have_some(records):
    run, folded = (block for block in sections(records)[0].blocks if getattr(block, "caption", "") == "Test error, %")
    assert (list(run.head), run.folded) == (["network", "mnist"], "")
    assert (list(folded.head), folded.folded) == (
        ["network", "cifar10", "nistp", "norb"],
        "Not run: cifar10, nistp, norb",
    )
    (whole,) = (block for block in sections([])[0].blocks if getattr(block, "caption", "") == "Test error, %")
    assert len(whole.head) == 5
    assert not whole.folded


def test_every_cell_names_its_column_for_narrow_pages(html):
    tables = [node for node in nodes(html) if node.tag == "figure" and "table" in node.classes]
    for table in tables:
        head = [node.text() for node in table.walk() if node.tag == "th" and node.attributes.get("scope") == "col"]
        for row in (node for node in table.walk() if node.tag == "tr"):
            cells = [node.attributes["data-head"] for node in row.children if node.tag == "td"]
            assert cells == head[1 : 1 + len(cells)]


def test_a_cell_leads_to_its_runs(html):
    everything = nodes(html)
    anchors = [node.attributes["id"] for node in everything if "id" in node.attributes]
    assert len(set(anchors)) == len(anchors)
    targets = {n.attributes["href"] for n in everything if n.tag == "a" and n.attributes["href"].startswith("#")}
    assert len(targets) > 20
    assert {target.removeprefix("#") for target in targets} <= set(anchors)


def test_the_page_needs_nothing_else(html):
    assert "http" not in html
    assert "<script" not in html
    assert "url(" not in html


def test_the_paper_s_numbers_stand_in_their_cells(html):
    shown = [node.text() for node in nodes(html) if "theirs" in node.classes]
    for table in ("table1", "softplus", "table2"):
        for value in paper().tables[table]:
            assert value.shown in shown
    flags = [node.text() for node in nodes(html) if "flag" in node.classes]
    assert flags.count("recalled") >= sum(v.flag == "recalled" for v in paper().tables["table1"])


def test_an_empty_store_says_what_to_run():
    made = sections([])
    html = page([])
    assert [section.sentences for section in made] == [()] * len(made) or all(not s.sentences for s in made)
    for experiment in (
        "table1",
        "figure3",
        "figure4",
        "table2",
        "amazon",
        "softplus",
        "claims",
        "odd-target",
        "open-l1",
        "costs",
    ):
        assert f"rectinet study run {experiment}" in html
    verdicts = {node.text() for node in nodes(html) if node.tag == "span" and "verdict" in node.classes}
    assert "not run" in verdicts


def test_diverged_and_stale_runs_are_listed_and_count_nowhere(records):
    spoiled = [
        dataclasses.replace(one, state="stale" if k % 2 else "diverged", error="the loss is not finite", predictions={})
        for k, one in enumerate(records)
    ]
    html = page(spoiled)
    assert "data-measure" not in html
    assert "the loss is not finite" in html


def whole_table1(seeds=3, budget="paper"):
    return [one for one in made_up.records(budget, seeds) if one.experiment == "table1"]


@pytest.mark.parametrize("budget", ["quick", "standard"])
def test_cells_of_smaller_budgets_are_cut_and_say_so(budget):
    cut = whole_table1(budget=budget)
    assert {cell["verdict"] for cell in summary(cut)["table1"]} == {"cut"}
    rows = [
        node for node in nodes(page(cut)) if node.tag == "td" and "cut" in {c for n in node.walk() for c in n.classes}
    ]
    assert len(rows) == 6
    for row in rows:
        assert f"budget {budget}: hidden layers 3 x " in row.text()
        assert not {"better", "worse", "equivalent", "matches"} & {c for n in row.walk() for c in n.classes}
    assert "rectinet study run table1 --data mnist --budget paper" in page(cut)
    table = next(block for block in sections(cut)[0].blocks if isinstance(block, Table))
    assert f"cut (budget {budget}:" in table.markdown()


def test_beside_cut_stands_what_the_rules_say_of_the_networks_as_trained():
    records = whole_table1()
    smaller = [dataclasses.replace(record, budget="standard") for record in records]
    cut, whole = summary(smaller)["table1"], summary(records)["table1"]
    assert [cell["error"] for cell in cut] == [cell["error"] for cell in whole]
    assert [cell["as_trained"] for cell in cut] == [cell["verdict"] for cell in whole]
    table = next(block for block in sections(smaller)[0].blocks if isinstance(block, Table))
    shown = [cell for row in table.rows for cell in row[1:] if isinstance(cell, Beside) and cell.verdict == "cut"]
    assert shown
    assert sorted(dict(cell.notes)["as trained:"] for cell in shown) == sorted(cell["verdict"] for cell in whole)


def test_fewer_than_three_seeds_are_no_comparison():
    cells = summary(whole_table1(seeds=2))["table1"]
    assert {cell["verdict"] for cell in cells} == {"single run"}


@pytest.mark.parametrize("data", ["digits", "cifar10-train-only"])
def test_verdicts_of_other_data_are_withheld(data):
    assert {cell["verdict"] for cell in summary(made_up.records(data=data))["table1"]} == {"data differ"}


def test_the_summary_has_the_cells_and_what_was_found(records):
    found = summary(records)
    assert {(c["unit"], c["pretrained"]) for c in found["table1"]} == {
        (unit, pretrained) for unit in ("rectifier", "tanh", "softplus") for pretrained in (True, False)
    }
    assert all(cell["verdict"] == "cut" for cell in found["table1"])
    whole = summary(whole_table1())["table1"]
    assert all(cell["verdict"] in ("better", "worse", "matches", "equivalent") for cell in whole)
    assert all(finding["runs"] for finding in found["findings"])
    assert found["runs"] == len({record.key for record in records})


def test_the_largest_budget_is_shown_and_what_was_cut_is_said(records):
    both = records + [r for r in made_up.records("standard", seeds=1) if r.experiment == "table1"]
    assert {cell["budget"] for cell in summary(both)["table1"]} == {"standard"}
    assert "budget standard" in page(both)
    assert "budget quick: hidden layers 3 x 100 (paper 3 x 1000)" in page(records)


def test_what_is_compared_has_the_same_seeds_on_both_sides():
    found = [one for one in made_up.records() if not (one.seed == 2 and in_part(one))]
    seed_of = {one.key: one.seed for one in found}
    spans = [node for node in nodes(page(found)) if node.attributes.get("data-measure") == "difference"]
    groups = [[side.split(",") for side in node.attributes["data-run"].split("|")] for node in spans]
    (questions,) = (section for section in sections(found) if section.title == "Open questions")
    numbers = [[part for part in said.parts if isinstance(part, Number)] for said in questions.sentences]
    groups += [[number.groups[0].keys for number in pair] for pair in numbers if len(pair) == 2]
    assert len(groups) > 20
    for one, other in groups:
        assert [seed_of[key] for key in one] == [seed_of[key] for key in other]


def test_cells_without_a_seed_in_common_are_not_compared():
    found = [one for one in made_up.records() if in_part(one) == (one.seed == 2)]
    everything = nodes(page(found))
    spans = [node for node in everything if node.attributes.get("data-measure") == "difference"]
    assert spans
    assert all(all(node.attributes["data-run"].split("|")) for node in spans)
    assert not any("nan" in node.text() for node in spans)
    (questions,) = (section for section in sections(found) if section.title == "Open questions")
    assert not any("test error" in str(said) for said in questions.sentences)


def test_cells_of_other_examples_under_one_name_are_not_compared():
    found = [dataclasses.replace(one, checksum="other" if in_part(one) else one.checksum) for one in made_up.records()]
    table = page(found).split("Which cells differ on mnist")[1].split("</figure>")[0]
    assert "rectifier, without − tanh, without" in table
    assert "rectifier, with − tanh, with" in table
    assert "rectifier, with pre-training" not in table


def in_part(record):
    """Of one side of every comparison."""
    assumed = [assumed for _, assumed in QUESTIONS.values()]
    return record.labels.get("pretrained") or record.labels.get("candidate", assumed[0]) not in assumed


def test_validation_chooses_and_test_errors_do_not(records):
    mine = [r for r in records if r.experiment == "table1" and r.predictions]
    best = [
        dataclasses.replace(
            r,
            history=[{"validation_error": 0.0 if r.labels["learning_rate"] == 0.01 else 0.5}],
            best_epoch=1,
            predictions={"test": r.targets["test"] if r.labels["learning_rate"] == 0.1 else 1 - r.targets["test"]},
        )
        for r in mine
    ]
    assert all(cell["error"] > 50 for cell in summary(best)["table1"])


def test_rates_that_were_stopped_are_shown_and_not_chosen():
    whole = [one for one in made_up.records("paper") if one.experiment == "table1"]
    low = {"validation_error": 0.0, "stopped_at_rung": 1}  # such a run has few epochs: it is no candidate
    some = [
        dataclasses.replace(one, history=[low], best_epoch=1, n_epochs=1)
        if one.labels.get("learning_rate") == 0.0001 and one.seed == 0
        else one
        for one in whole
    ]
    html = page(some)
    counts = [node for node in nodes(html) if node.attributes.get("data-measure") == "runs"]
    assert [node.text() for node in counts] == ["1"] * 6
    stopped = {one.key for one in some if one.rung == 1}
    assert {node.attributes["data-run"] for node in counts} == stopped
    assert html.count("done: stopped at rung 1") == len(stopped)
    chosen = {key for cell in summary(some)["table1"] for key in cell["runs"]}
    assert not {one.key for one in some if one.labels.get("learning_rate") == 0.0001} & chosen


def test_the_report_is_written_with_its_tables(records, tmp_path):
    written = write_report(records, tmp_path)
    assert written == tmp_path / "report.html"
    tables = [block for section in sections(records) for block in section.blocks if isinstance(block, Table)]
    markdown, latex = ((tmp_path / f"tables.{form}").read_text() for form in ("md", "tex"))
    assert markdown.count("| --- |") >= len(tables)
    assert latex.count(r"\begin{tabular}") == len(tables)
    assert "<span" not in markdown + latex
    assert written.read_bytes() == write_report(records, tmp_path).read_bytes()


def test_what_comes_from_outside_is_escaped(records):
    hostile = dataclasses.replace(records[0], state="failed", error="<script>alert(1)</script>")
    assert "<script" not in page([hostile, *records[1:]])


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (1.0, 1.0), (0.02, 97.0), (-3.0, 5.0)])
def test_axes_have_room_and_ticks_inside(low, high):
    axis = Axis.over("x", [low, high])
    assert axis.low < axis.high
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick in axis.ticks())
    assert 0 <= axis.place(low) <= axis.place(high) <= 1
