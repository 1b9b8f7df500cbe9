"""The directive ``command-line``: the help of every command, made from the program while the site is built."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from rich.text import Text
from typer.main import get_command
from typer.testing import CliRunner

COLUMNS = "76"


class CommandLine(Directive):
    """One section a command, in the order of `rectinet --help`."""

    def run(self) -> list[nodes.Node]:
        from rectinet.cli import app

        sections: list[nodes.Node] = []
        for words in _commands(get_command(app), []):
            name = " ".join(["rectinet", *words])
            section = nodes.section(ids=[nodes.make_id(name)])
            option = "--help-all" if words == ["train"] else "--help"
            text = (
                CliRunner()
                .invoke(app, [*words, option], prog_name="rectinet", env={"COLUMNS": COLUMNS, "TERM": "dumb"})
                .output
            )
            section += nodes.title(text=name)
            section += nodes.literal_block(text, _plain(text), language="text")
            sections.append(section)
        return sections


def _commands(command: Any, words: list[str]) -> list[list[str]]:
    found = [words]
    for name, below in getattr(command, "commands", {}).items():
        found += _commands(below, [*words, name])
    return found


def _plain(text: str) -> str:
    """Without colours and blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in Text.from_ansi(text).plain.splitlines()).strip()


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("command-line", CommandLine)
    return {"parallel_read_safe": True}
