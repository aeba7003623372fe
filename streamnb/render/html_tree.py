"""The tree of an answer's finished HTML, for whoever writes it as something else.

The HTML is well formed and has only the elements on our list (``markdown.sanitizer``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["BLOCKS", "Node", "parse_html"]

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


@dataclass
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


class _Builder(HTMLParser):
    """Makes nodes of well-formed HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Node("")
        self._open = [self.root]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse_html(html: str) -> Node:
    """Return the root of the tree of ``html``."""
    return _Builder(html).root
