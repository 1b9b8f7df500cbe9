"""The report: every number in it is computed again, another way, from the runs it names."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import stats

from rectinet.axis import Axis
from rectinet.study.paper import paper
from rectinet.study.report import summary, write_report
from rectinet.study.report._page import page, sections
from rectinet.study.report._tables import Table
from tests.study import made_up

VOID = ("meta", "br")


@pytest.fixture(scope="module")
def records():
    return made_up.records()


@pytest.fixture(scope="module")
def html(records):
    return page(records)


@pytest.fixture(scope="module")
def by_key(records):
    return {record.key: record for record in records}


@dataclass
class Node:
    tag: str
    attributes: dict
    children: list = field(default_factory=list)

    @property
    def classes(self):
        return self.attributes.get("class", "").split()

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def text(self, without=()):
        parts = (
            c if isinstance(c, str) else c.text(without)
            for c in self.children
            if isinstance(c, str) or not set(without) & {*c.classes, c.tag}
        )
        return "".join(parts)


class Tree(HTMLParser):
    """The page as nested nodes; an element that is closed by another's tag is an error."""

    def __init__(self, html):
        super().__init__()
        self.open = [Node("page", {})]
        self.feed(html)
        self.close()
        assert len(self.open) == 1

    def handle_starttag(self, tag, attrs):
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


def nodes(html):
    return list(Tree(html).open[0].walk())


# -- measures, computed another way -----------------------------------------------------------------------------------


def wrong(record):
    return record.predictions["test"] != record.targets["test"]


def rates(records):
    return np.array([100 * np.count_nonzero(wrong(r)) / len(wrong(r)) for r in records])


def rmses(records):
    return np.array([np.sqrt(np.mean((r.predictions["test"] - r.targets["test"]) ** 2.0)) for r in records])


def ends(values, sampling):
    if len(values) < 2:
        return (np.nan, np.nan)
    a = values.var(ddof=1) * (1 + 1 / len(values))
    df = (a + sampling) ** 2 / (a**2 / (len(values) - 1)) if a else 1e9
    return stats.t.interval(0.95, df, loc=values.mean(), scale=np.sqrt(a + sampling))


def binomial(records):
    p = rates(records).mean() / 100
    return 1e4 * p * (1 - p) / made_up.N_TEST


def delta(records):
    squares = [(r.predictions["test"] - r.targets["test"]) ** 2.0 for r in records]
    return np.mean([s.var(ddof=1) / len(s) / (4 * s.mean()) for s in squares])


def zeros(record):
    widths = record.configuration["hidden_layer_sizes"]["tuple"] if record.zeros else []
    return 100 * sum(z * w for z, w in zip(record.zeros or [], widths, strict=True)) / max(1, sum(widths))


def confusion(record):
    matrix = np.zeros((10, 10))
    np.add.at(matrix, (record.targets["test"], record.predictions["test"]), 1)
    return matrix


def fit_seconds(records):
    return np.median([r.moment["seconds"] for r in records])


def column_errors(records, k):
    return [np.mean(r.predictions["test"][:, k] != r.targets["test"]) for r in records]


AGAIN = {
    "error": lambda rs: f"{rates(rs).mean():.2f}",
    "accuracy": lambda rs: f"{100 - rates(rs).mean():.2f}",
    "rmse": lambda rs: f"{rmses(rs).mean():.3f}",
    "low": lambda rs: f"{ends(rates(rs), binomial(rs))[0]:.2f}",
    "high": lambda rs: f"{ends(rates(rs), binomial(rs))[1]:.2f}",
    "rmse-low": lambda rs: f"{ends(rmses(rs), delta(rs))[0]:.3f}",
    "rmse-high": lambda rs: f"{ends(rmses(rs), delta(rs))[1]:.3f}",
    "seeds": lambda rs: f"{len(rs)}",
    "runs": lambda rs: f"{len({r.key for r in rs})}",
    "zeros": lambda rs: f"{np.mean([zeros(r) for r in rs]):.1f}",
    "epochs": lambda rs: f"{np.mean([len(r.history) for r in rs]):.0f}",
    "seconds": lambda rs: f"{np.median(np.concatenate([r.moment['epoch_seconds'] for r in rs])):.3g}",
    "fit-seconds": lambda rs: f"{fit_seconds(rs):.3g}",
    "difference": lambda one, other: f"{rates(one).mean() - rates(other).mean():+.2f}",
    "ratio": lambda a, b: f"{fit_seconds(a) / fit_seconds(b):.2f}",
    "column": lambda rs, k: f"{np.mean([r.predictions['test'][:, k].mean() for r in rs]):.3g}",
    "column-spread": lambda rs, k: f"{np.mean([r.predictions['test'][:, k].std() for r in rs]):.3g}",
    "confused": lambda rs, a, b: f"{sum(confusion(r)[a, b] for r in rs):.0f}",
    "column-error": lambda rs, k: f"{100 * np.mean(column_errors(rs, k)):.1f}",
    "on": lambda rs, a, b: f"{np.mean([(r.predictions['test'][0, a:b] != 0).sum() for r in rs]):.0f}",
}


def p_value(measure, pairs):
    """Of the first pair, corrected by Holm over all of them as the smallest that its ordered p allows."""
    raw = []
    for one, other in pairs:
        if measure == "p-seeds":
            raw.append(stats.ttest_rel(rates(one), rates(other)).pvalue)
        else:
            each = []
            for a, b in zip(one, other, strict=True):
                n, m = np.sum(wrong(a) & ~wrong(b)), np.sum(~wrong(a) & wrong(b))
                each.append(min(1.0, 2 * stats.binom.cdf(min(n, m), n + m, 0.5)))
            raw.append(min(1.0, 2 * np.mean(each)))
    smaller = [p for p in raw if p <= raw[0]]
    adjusted = max(p * sum(q >= p for q in raw) for p in smaller)
    return min(1.0, adjusted)


def test_every_number_is_that_of_the_runs_it_names(html, by_key):
    seen = set()
    for node in nodes(html):
        if "data-measure" not in node.attributes:
            continue
        measure, keys = node.attributes["data-measure"], node.attributes["data-run"]
        if measure.startswith("p-"):
            pairs = [[[by_key[k] for k in side.split(",")] for side in pair.split("|")] for pair in keys.split("/")]
            p = p_value(measure, pairs)
            expected = "< .001" if p < 0.001 else f"{p:.3f}"
        else:
            groups = [[by_key[key] for key in group.split(",")] for group in keys.split("|")]
            extra = [int(a) for a in node.attributes.get("data-arguments", "").split(",") if a]
            expected = AGAIN[measure](*groups, *extra).replace("-", "−").replace("nan", "–")
            if measure.startswith("column") and re.fullmatch(r"[\d.]+e\+\d+", expected):
                expected = f"{np.mean([r.predictions['test'][:, extra[0]].mean() for r in groups[0]]):,.0f}"
            expected = re.sub(r"^[+−](0\.0+)$", r"\1", expected)
        assert node.text() == expected, (measure, keys[:20])
        seen.add(measure)
    assert seen >= {*AGAIN, "p-examples", "p-seeds"} - {"best-epoch", "runs"}


def test_every_dot_is_where_the_runs_it_names_are(html, by_key):
    dots = [node for node in nodes(html) if "data-points" in node.attributes]
    assert len(dots) > 20
    for dot in dots:
        runs = [by_key[key] for key in dot.attributes["data-run"].split(",")]
        for written in dot.attributes["data-points"].split(" "):
            measure, value = written.split("=")
            assert AGAIN[measure](runs) == value


def test_no_cell_has_a_number_of_unknown_origin(html):
    """Beside numbers with runs a cell may hold the paper's, a setting, or a command."""
    known = ("number", "theirs", "setting", "code", "command")
    networks = ("rectifier, L1",)  # a name
    sections = [node for node in nodes(html) if node.tag == "section" and node.attributes["id"] != "all-runs"]
    cells = [cell for section in sections for cell in section.walk() if cell.tag == "td"]
    assert len(cells) > 200
    for cell in cells:
        assert not re.search(r"\d", cell.text(known)) or cell.text() in networks, cell.text()


def test_the_most_frequent_confusions_of_every_cell_are_shown(html, by_key):
    shown = {}
    for node in nodes(html):
        if node.attributes.get("data-measure") == "confused":
            shown.setdefault(node.attributes["data-run"], []).append(int(node.text()))
    assert len(shown) == 8  # rows of logistic units too
    for keys, counts in shown.items():
        matrix = sum(confusion(by_key[key]) for key in keys.split(","))
        np.fill_diagonal(matrix, 0)
        assert counts == sorted(matrix.ravel(), reverse=True)[: len(counts)]


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
