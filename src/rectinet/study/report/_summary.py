"""The study in a few values, for a README."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report._page import sections
from rectinet.study.report._runs import cells, finished, of_experiment
from rectinet.study.report._section import VARIANTS
from rectinet.study.report._table1 import judged
from rectinet.study.report._tables import Table


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """Cells of Table 1 with their verdicts, and what every section found; plain values alone.

    Returns
    -------
    dict
        "table1": a list of cells, each with "data", "unit", "pretrained", "error", "low", "high", "seeds", "zeros",
        "paper", "flag", "verdict", "as_trained" (what the rules say but for "cut"), "budget", "runs"; "findings": a
        list with "section", "text", "runs"; "tables": a list with "section" and "text" (Markdown) of those that hold
        results; "runs": how many are finished.
    """
    found = cells(finished(of_experiment(records, "table1")), ("data", "unit", "pretrained"), ("learning_rate",))
    listed = []
    for (data, unit, pretrained), cell in found.items():
        name = VARIANTS.get(data, data)
        theirs = paper().value("table1", unit=unit, pretrained=pretrained, data=name)
        known = None if theirs is None else theirs.value
        low, high = cell.results.interval or (None, None)
        listed.append(
            {
                "data": data,
                "unit": unit,
                "pretrained": pretrained,
                "error": cell.results.mean,
                "low": low,
                "high": high,
                "seeds": len(cell.runs),
                "zeros": sum(run.zeros for run in cell.runs) / len(cell.runs),
                "paper": known,
                "flag": None if theirs is None else theirs.flag,
                "verdict": judged(cell, name, known),
                "as_trained": judged(cell, name, known, as_trained=True),
                "budget": cell.budget,
                "runs": list(cell.keys),
            }
        )
    made = sections(records)
    findings = [
        {"section": section.title, "text": str(one), "runs": one.keys} for section in made for one in section.sentences
    ]
    tables = [
        {"section": section.title, "text": block.markdown()}
        for section in made
        for block in section.blocks
        if isinstance(block, Table) and block.has_results
    ]
    done = {record.key for record in records if record.state == "done"}
    return {"table1": listed, "findings": findings, "tables": tables, "runs": len(done)}
