"""Every number of the report, computed again from the runs that it names."""

from __future__ import annotations

import re

import numpy as np
from scipy import stats

from tests.study import made_up
from tests.study.parsed import nodes

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
