"""Tables of the report: one record, written as HTML, Markdown and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rectinet.study.paper import Value
from rectinet.study.report._html import Markup, element, joined, text
from rectinet.study.report._numbers import Number


@dataclass(frozen=True)
class Beside:
    """What a cell of a table shows: ours, the paper's, the verdict.

    Attributes
    ----------
    ours : Number or None
        None: not run.
    interval : tuple of Number or None
    theirs : Value or None
    verdict : str
    notes : tuple of (str, Number or str)
        Small print: seeds, zeros, the chosen rate.
    command : str
        That would fill the cell; empty where the column says it.
    anchor : str
        Where its runs are listed.
    """

    ours: Number | None
    theirs: Value | None
    verdict: str
    interval: tuple[Number, Number] | None = None
    notes: tuple[tuple[str, Number | str], ...] = ()
    command: str = ""
    anchor: str = ""

    def html(self) -> Markup:
        parts: list[object] = []
        if self.ours is not None:
            shown = self.ours.html()
            parts.append(element("a", shown, href=f"#{self.anchor}", class_="ours") if self.anchor else shown)
        parts.append(element("span", self.verdict, class_=f"verdict {self.verdict.replace(' ', '-')}"))
        if self.interval is not None and str(self.interval[0]) != "–":
            low, high = self.interval
            parts.append(element("div", "interval ", low.html(), " to ", high.html(), class_="small"))
        if self.theirs is not None:
            parts.append(element("div", "paper ", paper_number(self.theirs), class_="small paper"))
        notes = [element("span", f"{name} " if name else "", _note(note)) for name, note in self.notes]
        if notes:
            parts.append(element("div", joined(notes, ", "), class_="small"))
        if self.command:
            parts.append(element("code", self.command, class_="command"))
        return joined(parts, " ")

    def __str__(self) -> str:
        parts = [] if self.ours is None else [str(self.ours)]
        if self.interval is not None and str(self.interval[0]) != "–":
            parts.append(f"({self.interval[0]} to {self.interval[1]})")
        parts.append(self.verdict)
        if self.verdict == "cut":
            parts.append(f"({self.notes[-1][1]})")
        if self.theirs is not None:
            parts.append(f"[paper {self.theirs.shown}, {self.theirs.flag}]")
        return " ".join(parts)


@dataclass(frozen=True)
class Table:
    """A table of texts, numbers and cells beside the paper's; the first column names the row.

    Attributes
    ----------
    folded : str
        What the page shows of it until it is opened; empty: the table itself.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]
    notes: Sequence[object] = field(default=())
    name: str = ""
    folded: str = ""

    @property
    def has_results(self) -> bool:
        """Whether a run stands in it: not only commands that would fill it."""
        cells = [cell for row in self.rows for cell in row]
        return any(isinstance(c, Number) or (isinstance(c, Beside) and c.ours is not None) for c in cells)

    def html(self) -> Markup:
        head = joined(element("th", name, scope="col") for name in self.head)
        body = joined(
            element("tr", element("th", first, scope="row"), joined(map(_cell, self.head[1:], rest)))
            for first, *rest in self.rows
        )
        inner = element("table", element("thead", element("tr", head)), element("tbody", body))
        notes = joined(element("p", note, class_="note") for note in self.notes)
        caption = element("figcaption", self.caption)
        figure = element("figure", caption, element("div", inner, class_="wide"), notes, class_="table")
        return element("details", element("summary", self.folded), figure) if self.folded else figure

    def markdown(self) -> str:
        """For a README or a wiki."""
        lines = [f"| {' | '.join(self.head)} |", "|" + " --- |" * len(self.head)]
        lines += [f"| {' | '.join(_bare(value).replace('|', '/') for value in row)} |" for row in self.rows]
        return f"**{self.caption}**\n\n" + "\n".join(lines) + "\n"

    def latex(self) -> str:
        """A tabular, for a paper."""
        lines = [" & ".join(_latex(value) for value in row) + r" \\" for row in (self.head, *self.rows)]
        columns = "l" * len(self.head)
        body = "\n".join([lines[0], r"\hline", *lines[1:]])
        return f"% {self.caption}\n\\begin{{tabular}}{{{columns}}}\n{body}\n\\end{{tabular}}\n"


def _cell(head: str, value: object) -> Markup:
    """A cell knows its column, which stands in it where the page is narrow; an empty one is left out there."""
    content = shown(value)
    return element("td", content, data_head=head, **({} if content else {"class_": "empty"}))


def shown(value: object) -> Markup:
    """A cell's content."""
    return value.html() if isinstance(value, (Beside, Number)) else text(value)


def paper_number(value: Value) -> Markup:
    """A number of the paper with its flag."""
    parts = [element("b", value.shown, class_="theirs")]
    if value.flag != "confirmed":
        parts.append(element("abbr", value.flag, title=FLAG_MEANS[value.flag], class_="flag"))
    return joined(parts, " ")


FLAG_MEANS = {
    "one witness": "known from one secondary source",
    "recalled": "from memory, not read again in the paper",
}


def commands(name: str, shown: Sequence[str]) -> list[object]:
    """The last row of a table: what runs each column whole."""
    return [element("span", name, class_="small"), *(element("code", one, class_="command") for one in shown)]


def _note(note: Number | str) -> Markup:
    return note.html() if isinstance(note, Number) else element("span", note, class_="setting")


def _bare(value: object) -> str:
    """Without markup."""
    return re.sub(r"<[^>]+>", "", value) if isinstance(value, Markup) else str(value)


def _latex(value: object) -> str:
    escaped = re.sub(r"([&%$#_{}])", r"\\\1", _bare(value))
    return escaped.replace("−", "$-$").replace("–", "--").replace("<", "$<$").replace("±", r"$\pm$")
