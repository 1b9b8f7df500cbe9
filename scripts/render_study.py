"""Render the results of docs/study.md from the exported runs of the study: nobody types a number, or a run's key.

python scripts/render_study.py

Where a sentence of the page rests on runs it says which, as <!-- runs: EXPERIMENT LABEL=VALUE|OTHER ...; ... -->, and
their keys are written after it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rectinet.study.exchange import as_store  # noqa: E402
from rectinet.study.records import Record  # noqa: E402
from rectinet.study.report import summary  # noqa: E402
from scripts.markers import between  # noqa: E402

EXPORTED = ROOT / "results"
BEGIN, END = "<!-- results: rendered by scripts/render_study.py, do not edit -->", "<!-- end of results -->"
# With the blanks before it: to Markdown a line that begins with a comment is HTML, and its marks stay as they are.
EVIDENCE = re.compile(r"\s*<!-- runs: ([^>]*?) -->.*?<!-- /runs -->", re.DOTALL)


def results(records: Sequence[Record]) -> str:
    """Cells of Table 1 and what every section found, each with the keys of its runs."""
    found = summary(records)
    lines = [
        f"{found['runs']} finished runs are in `results/`; `rectinet study import results` brings them into a store.",
        "",
    ]
    if found["table1"]:
        lines += [
            "Table 1, test error in %. At `--budget standard` rates 0.1 and 0.01 are trained for 50 epochs at most and "
            "pre-training has 10 epochs: the verdict is then that the cell was cut, and beside it stands what "
            "the rules say of the networks as they were trained. The whole of a cell: "
            "`rectinet study run table1 --data mnist --budget paper`.",
            "",
            "| data | unit | pre-trained | here | seeds | hidden zeros | paper | verdict | budget | runs |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *(row(cell) for cell in found["table1"]),
            "",
        ]
    titles = list(dict.fromkeys(one["section"] for one in (*found["findings"], *found["tables"])))
    for title in titles:
        said, tables = ([one for one in found[kind] if one["section"] == title] for kind in ("findings", "tables"))
        lines += [f"### {title}", "", *(f"- {one['text']} Runs: {keys(one['runs'])}." for one in said)]
        lines += ["", *(one["text"] for one in tables if not repeated(one["text"]))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip()


def repeated(table: str) -> bool:
    """Whether it is Table 1, which stands above with its runs, or too long for a page."""
    return table.startswith(("**Test error, %**", "**Most frequent confusions"))


def row(cell: dict[str, Any]) -> str:
    """One cell."""
    paper = "" if cell["paper"] is None else f"{cell['paper']:.2f}"
    error, zeros = f"{cell['error']:.2f}", f"{cell['zeros']:.1f} %"
    yes = "yes" if cell["pretrained"] else "no"
    verdict = f"cut; as trained: {cell['as_trained']}" if cell["verdict"] == "cut" else cell["verdict"]
    told = [cell["data"], cell["unit"], yes, error, cell["seeds"], zeros, paper, verdict, cell["budget"]]
    return "| " + " | ".join(map(str, [*told, keys(cell["runs"])])) + " |"


def keys(runs: Any) -> str:
    """The beginnings of some keys; of many, of the first."""
    some = [f"`{key[:10]}`" for key in list(runs)[:3]]
    return ", ".join(some) + (f" and {len(runs) - 3} more" if len(runs) > 3 else "")


def with_keys(text: str, records: Sequence[Record]) -> str:
    """A text with the keys of the runs that its sentences rest on, written anew."""
    return EVIDENCE.sub(
        lambda found: f" <!-- runs: {found[1]} --> ({keys(named(found[1], records))})<!-- /runs -->", text
    )


def named(evidence: str, records: Sequence[Record]) -> list[str]:
    """Keys of the finished runs that are named by experiments and their labels.

    Raises
    ------
    ValueError
        Where a part of it names no run.
    """
    found: dict[str, None] = {}
    for part in evidence.split(";"):
        experiment, *labels = part.split()
        wanted = [(name, values.split("|")) for name, _, values in (label.partition("=") for label in labels)]
        of_it = {
            record.key: None
            for record in records
            if record.experiment == experiment
            and record.state == "done"
            and record.predictions
            and all(str(record.labels.get(name)).lower().replace(" ", "-") in values for name, values in wanted)
        }
        if not of_it:
            raise ValueError(f"no run in {EXPORTED.name}/ is {part.strip()!r}: run it, or take the sentence out")
        found |= of_it
    return list(found)


def rendered(text: str, exported: Path = EXPORTED) -> str:
    """A page with its results, and the keys in its sentences, made anew."""
    with as_store(exported) as store:
        records = store.records()
        return between(with_keys(text, records), BEGIN, END, results(records) + "\n", "docs/study.md")


if __name__ == "__main__":
    page = ROOT / "docs" / "study.md"
    page.write_text(rendered(page.read_text()))
