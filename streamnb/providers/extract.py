"""The sources that an answer names, each once: providers repeat the whole list on every chunk."""

from __future__ import annotations

from typing import Any

from ..core.events import Citation

__all__ = ["CitationCollector"]


class CitationCollector:
    """Turns what providers say about a source into ``Citation``, in order, without repeats."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def feed(self, *entries: Any) -> list[Citation]:
        """Return the new ones among ``entries``: addresses, or objects with a title and an address."""
        new: list[Citation] = []
        for entry in entries:
            title, url = _title_and_url(entry)
            if (url or title) and (url or title) not in self._seen:
                self._seen.add(url or title)
                new.append(Citation(title, url))
        return new


def _title_and_url(entry: Any) -> tuple[str, str]:
    if isinstance(entry, str):
        return "", entry
    if not isinstance(entry, dict):
        return "", ""
    found = [entry.get(key) for key in ("title", "url", "uri")]
    title, url, uri = (value if isinstance(value, str) else "" for value in found)
    return title, url or uri
