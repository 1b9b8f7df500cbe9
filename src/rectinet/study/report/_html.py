"""HTML as strings: everything from outside is escaped where it enters."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already."""


def text(value: object) -> Markup:
    """A value as HTML: escaped, unless it is HTML already."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(tag: str, *content: object, **attributes: str) -> Markup:
    """An element; `class_` is its class, an underscore in a name a hyphen."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    written = "".join(f' {name}="{escape(value)}"' for name, value in named.items())
    return Markup(f"<{tag}{written}>{''.join(map(text, content))}</{tag}>")


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other."""
    return Markup(between.join(map(text, parts)))
