"""A page of the report taken apart into its elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = ("meta", "br")


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
