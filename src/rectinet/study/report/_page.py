"""The page: all sections one below the other, in one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Final

from rectinet.study.paper import paper
from rectinet.study.records import Record
from rectinet.study.report import _list
from rectinet.study.report._claims import claims
from rectinet.study.report._costs import costs
from rectinet.study.report._few import few_labels
from rectinet.study.report._figures import figure3, figure4, softplus
from rectinet.study.report._html import Markup, element, joined
from rectinet.study.report._open import open_questions
from rectinet.study.report._section import Maker, Section
from rectinet.study.report._table1 import table1
from rectinet.study.report._table2 import amazon, table2
from rectinet.study.report._tables import Table
from rectinet.study.report._units import units

MAKERS: Final[tuple[Maker, ...]] = (
    table1, units, figure3, figure4, softplus, table2, amazon, few_labels, claims, open_questions, costs,
)  # fmt: skip
VERDICTS: Final = (
    (
        "equivalent",
        "our mean is within a margin of the paper's number that was stated beforehand (two one-sided tests)",
    ),
    ("matches", "the paper's number is inside our 95 % prediction interval, which stands beside it"),
    ("better", "the paper's number is above the interval"),
    ("worse", "the paper's number is below the interval"),
    (
        "cut",
        "trained with less than the paper's protocol: no verdict; what the rules say of the networks as they were "
        "trained stands beside it, the command of the whole run in the last row",
    ),
    ("single run", "fewer than three seeds, too few to compare"),
    ("data differ", "other examples than the paper's: no comparison"),
    ("not in the paper", "the paper has no such cell"),
    ("not run", "the command that fills it stands in the cell"),
)


def sections(records: Sequence[Record]) -> list[Section]:
    """All of the report, from the store's records."""
    return [maker(records) for maker in MAKERS]


def page(records: Sequence[Record], made: Sequence[Section] | None = None) -> str:
    """The report as HTML, from its sections where they are made already."""
    made = sections(records) if made is None else made
    style = files("rectinet.study.report").joinpath("page.css").read_text(encoding="utf-8")
    listed = [(section.title, section.anchor) for section in made] + [("All runs", "all-runs")]
    contents = element(
        "nav", element("ul", joined(element("li", element("a", title, href=f"#{a}")) for title, a in listed))
    )
    body = element("main", _opening(made), contents, joined(map(_section, made)), _closing(records))
    head = joined(
        (
            Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", "rectinet: the study, re-run"),
            element("style", Markup(style)),
        )
    )
    return f"<!DOCTYPE html>\n{element('html', element('head', head), element('body', body), lang='en')}\n"


def _opening(made: Sequence[Section]) -> Markup:
    source = paper()
    said = [element("li", found.html()) for section in made for found in section.sentences if section.title[0] in "TF"]
    words = joined(
        element("li", element("span", v, class_=f"verdict {v.replace(' ', '-')}"), " ", why) for v, why in VERDICTS
    )
    flags = (
        "The paper's numbers carry how they are known: without a mark confirmed; “one witness”, from one secondary "
        "source; “recalled”, not read again in the paper."
    )
    return joined(
        (
            element("h1", "The study, re-run"),
            element(
                "p",
                f"Our numbers beside those of “{source.title}” ({source.authors}, {source.where}). Every number leads "
                "to the runs it was computed from.",
                class_="lead",
            ),
            element("ul", joined(said), class_="findings") if said else "",
            element("details", element("summary", "How to read the cells"), element("ul", words), element("p", flags)),
        )
    )


def _section(section: Section) -> Markup:
    blocks = joined(block.html() if isinstance(block, Table) else block for block in section.blocks)
    found = element("ul", joined(element("li", one.html()) for one in section.sentences), class_="findings")
    parts = (element("h2", section.title), element("p", section.intro), found if section.sentences else "", blocks)
    return element("section", joined(parts), id=section.anchor)


def _closing(records: Sequence[Record]) -> Markup:
    parts = (
        element("h2", "All runs"),
        element(
            "p", "A run's name is the hash of its configuration and of its data; a finished run is never repeated."
        ),
        _list.states(records),
        _list.runs(records),
        element("h2", "What computed them"),
        _list.provenance(records),
    )
    return element("section", joined(parts), id="all-runs")
