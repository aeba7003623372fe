"""A tree of an answer's finished HTML, for converting it to something else.

The HTML is well formed and has only the elements on our list (``markdown.sanitizer``), lower case, attributes
in double quotes: that takes no parser of all HTML, which needs four times as long at the end of each answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

__all__ = ["BLOCKS", "Node", "parse_html", "parse_parts"]

VOID = {"br", "hr", "img", "input", "wbr"}
BLOCKS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "pre",
    "blockquote",
    "table",
    "hr",
    "div",
}
BLOCKS |= {"section", "details", "summary", "dl", "dt", "dd"}
"""Elements that stand on lines of their own."""

_TOKEN = re.compile(r'[^<]+|<(/?)([a-z][a-z0-9]*)((?:\s+[^\s=>"/]+(?:="[^"]*")?)*)\s*/?>|<')
_ATTRIBUTE = re.compile(r'\s([^\s=>"/]+)(?:="([^"]*)")?')


@dataclass(slots=True)
class Node:
    """An element, or with an empty name the root."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def text(self) -> str:
        """Return all text in it."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                stack += reversed(item.children)
        return "".join(parts)

    def formula(self) -> str:
        """Return a formula's text with the dollars of Markdown for the marks that MathJax wants."""
        text = self.text()
        return text if text.startswith("$$") else f"${text[2:-2]}$"

    def has_class(self, name: str) -> bool:
        """Say whether it is of a class."""
        return name in self.attributes.get("class", "").split()

    def elements(self, *names: str) -> list[Node]:
        """Return the children that are elements, of these names."""
        nodes = (child for child in self.children if isinstance(child, Node))
        return [node for node in nodes if not names or node.name in names]


def parse_html(html: str) -> Node:
    """Return the root of the tree of ``html``."""
    return Node("", children=list(parse_parts(html)))


def parse_parts(html: str) -> Iterator[Node | str]:
    """Yield what stands at the top of ``html``, one after the other.

    All nodes of a long answer at once are thousands: Python takes them for objects that last, and looks
    through everything in the kernel for garbage.
    """
    nesting: list[Node] = []  # the elements that are open
    for token in _TOKEN.finditer(html):
        end, name, attributes = token.groups()
        if end:
            if nesting and name not in VOID:
                closed = nesting.pop()
                if not nesting:
                    yield closed
            continue
        part: Node | str
        if name is None:
            part = unescape(token[0])
        else:
            pairs = _ATTRIBUTE.findall(attributes) if attributes else ()
            part = Node(name, {attribute: unescape(value) for attribute, value in pairs})
        if nesting:
            nesting[-1].children.append(part)
        if isinstance(part, Node) and part.name not in VOID:
            nesting.append(part)
        elif not nesting:
            yield part
    yield from nesting[:1]
