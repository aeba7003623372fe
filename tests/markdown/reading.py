"""Read HTML as a test needs it: which elements, which attributes, which words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Page", "read"]


@dataclass
class Page:
    """What a piece of HTML holds, in order."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: str = ""

    @property
    def words(self) -> str:
        """The visible text without its blanks, which HTML does not show faithfully."""
        return "".join(self.text.split())

    def values(self, name: str) -> list[str]:
        """Return the values of every attribute of this name."""
        return [value for _, attribute, value in self.attributes if attribute == name]


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append(tag)
        self.page.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.page.tags.append(f"/{tag}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self.page.text += data

    def handle_comment(self, data: str) -> None:
        self.page.tags.append("!comment")

    def handle_decl(self, decl: str) -> None:
        self.page.tags.append("!declaration")

    def handle_pi(self, data: str) -> None:
        self.page.tags.append("!instruction")


def read(html: str) -> Page:
    """Read a piece of HTML."""
    page = Page()
    reader = _Reader(page)
    reader.feed(html)
    reader.close()
    return page
