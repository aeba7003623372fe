"""A tree of an answer's finished HTML, for converting it to something else; read by ``html.parser``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["BLOCKS", "Node", "iter_top_level_nodes", "parse_html"]

VOID = {"br", "hr", "img", "input", "wbr"}
BLOCKS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "blockquote", "table", "hr", "div",
    "section", "details", "summary", "dl", "dt", "dd",
}  # fmt: skip
"""Elements that stand on lines of their own."""

PIECE_CHARACTERS = 4_000


@dataclass(slots=True)
class Node:
    """An element of HTML.

    Attributes
    ----------
    name
        Its tag in lower case; empty for the root.
    attributes
        Their values by name.
    children
        Elements and texts, in their order; a text is without entities.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def text_content(self) -> str:
        """Return all text in the element."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            else:
                stack += reversed(item.children)
        return "".join(parts)

    def formula_source(self) -> str:
        """Return a formula's TeX between the dollars of Markdown, in place of MathJax's own marks."""
        text = self.text_content()
        return text if text.startswith("$$") else f"${text[2:-2]}$"

    def has_class(self, name: str) -> bool:
        """Say whether the element has a class."""
        return name in self.attributes.get("class", "").split()

    def child_elements(self, *names: str) -> list[Node]:
        """Return the children that are elements, only those of ``names`` where there are any."""
        nodes = (child for child in self.children if isinstance(child, Node))
        return [node for node in nodes if not names or node.name in names]


class _TreeBuilder(HTMLParser):
    """Builds nodes; ``root`` holds what stands at the top, ``nesting`` the elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("")
        self.nesting = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.nesting[-1].children.append(node)
        if tag not in VOID:
            self.nesting.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and len(self.nesting) > 1:
            self.nesting.pop()

    def handle_data(self, data: str) -> None:
        siblings = self.nesting[-1].children
        if siblings and isinstance(siblings[-1], str):
            data = f"{siblings.pop()}{data}"  # one text, of which an earlier piece had the beginning
        siblings.append(data)


def parse_html(html: str) -> Node:
    """Return the root of the tree of ``html``."""
    return Node("", children=list(iter_top_level_nodes(html)))


def iter_top_level_nodes(html: str) -> Iterator[Node | str]:
    """Yield the nodes and texts at the top of ``html``, one after the other.

    All nodes of a long answer at once are thousands: Python takes them for objects that last, and looks
    through everything in the kernel for garbage.
    """
    builder = _TreeBuilder()
    parts = builder.root.children
    for start in range(0, len(html), PIECE_CHARACTERS):
        builder.feed(html[start : start + PIECE_CHARACTERS])
        while len(parts) > 1:  # the last one may still grow
            yield parts.pop(0)
    builder.close()
    yield from parts
