"""Every run there is: its key, what it was, what came of it, and what computed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rectinet.study.records import STATES, Record
from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._numbers import number
from rectinet.study.report._runs import SHORT, Cell, finished, plain, sizes
from rectinet.study.report._section import command

SPARK: Final = (90, 18)  # pixels of a small learning curve


def states(records: Sequence[Record]) -> Markup:
    """How many runs of each experiment are in which state."""
    counts: dict[str, Counter[str]] = {}
    for name, key, state in {(record.experiment, record.key, record.state): None for record in records}:
        counts.setdefault(name, Counter())[state] += bool(key)
    shown = [state for state in STATES if any(count[state] for count in counts.values())]
    head = joined(element("th", name, scope="col") for name in ("experiment", *shown))
    rows = joined(
        element("tr", element("th", name, scope="row"), joined(element("td", str(count[state])) for state in shown))
        for name, count in sorted(counts.items())
    )
    table = element("table", element("thead", element("tr", head)), element("tbody", rows))
    return element("div", table, class_="wide")


def runs(records: Sequence[Record]) -> Markup:
    """A row for each run, by experiment, closed until opened."""
    by_name: dict[str, dict[str, Record]] = {}
    for record in records:
        by_name.setdefault(record.experiment, {}).setdefault(record.key, record)
    seen: set[str] = set()
    return joined(_experiment(name, list(of.values()), seen) for name, of in by_name.items())


def _experiment(name: str, records: Sequence[Record], seen: set[str]) -> Markup:
    head = (
        "run",
        "what",
        "budget",
        "seed",
        "hidden",
        "state",
        "epochs",
        "best",
        "test error, %",
        "zeros, %",
        "validation",
    )
    rows = joined(_row(record, seen) for record in records)
    columns = joined(element("th", heading, scope="col") for heading in head)
    table = element("table", element("thead", element("tr", columns)), element("tbody", rows))
    summary = element("summary", f"{name}: {len(records)} runs")
    asked = dict.fromkeys((record.data, record.budget or "standard") for record in records)
    calls = joined(element("code", command(name, *call), class_="command") for call in asked)
    return element("details", summary, calls, element("div", table, class_="wide"), class_="runs")


def _row(record: Record, seen: set[str]) -> Markup:
    key = element("code", record.key[:SHORT], title=record.key)
    labels = ", ".join(f"{name} {value}" for name, value in record.labels.items() if name != "seed")
    state = record.state if record.error is None else f"{record.state}: {record.error}"
    if record.rung is not None:
        state += f": stopped at rung {record.rung}"
    cell = Cell(finished([record]))
    error: object = ""
    zeros: object = ""
    if cell.runs and record.configuration.get("task") in ("classify", "rate", "regress"):
        error = number("rmse" if cell.runs[0].rates else "error", cell).html()
        zeros = number("zeros", cell).html()
    cells = (
        key, labels, record.budget, str(record.seed), plain(sizes(record)), state, str(record.n_epochs),
        str(record.best_epoch), error, zeros, _spark(record),
    )  # fmt: skip
    row = joined(element("td", value) for value in cells)
    anchor = f"run-{record.key[:12]}"
    if anchor in seen:  # a run that two experiments share is the target of links once
        return element("tr", row)
    seen.add(anchor)
    return element("tr", row, id=anchor)


def _spark(record: Record) -> Markup:
    """The validation error by epoch, as a small line from its highest to its lowest value."""
    errors = [float(entry["validation_error"]) for entry in record.history if "validation_error" in entry]
    if len(errors) < 2:
        return Markup("")
    width, height = SPARK
    low, room = min(errors), (max(errors) - min(errors)) or 1.0
    step = width / (len(errors) - 1)
    points = " ".join(
        f"{k * step:.1f},{height - 1 - (e - low) / room * (height - 2):.1f}" for k, e in enumerate(errors)
    )
    line = element("polyline", points=points, class_="line")
    return element("svg", line, viewBox=f"0 0 {width} {height}", class_="spark", aria_hidden="true")


def provenance(records: Sequence[Record]) -> Markup:
    """Versions, engines, data and threads of all runs."""
    done = [record for record in records if record.state in ("done", "diverged")]
    versions: dict[str, set[str]] = {}
    for record in done:
        for name, version in record.versions.items():
            versions.setdefault(name.replace("_", " "), set()).add(version)
    data = {(str(record.labels.get("data", record.data or "–")), record.checksum[:SHORT]) for record in done}
    facts = {name: ", ".join(sorted(found)) for name, found in sorted(versions.items())}
    facts["engine numerics"] = ", ".join(sorted({record.numerics for record in done if record.numerics})) or "–"
    facts["threads a run"] = ", ".join(sorted({str(record.threads) for record in done}))
    facts["seeds"] = ", ".join(map(str, sorted({record.seed for record in done})))
    facts["data (checksum)"] = ", ".join(f"{name} ({checksum})" for name, checksum in sorted(data))
    items = joined(joined((element("dt", name), element("dd", value))) for name, value in facts.items())
    return element("dl", items, class_="facts")
