"""Assembly of OpenRouter's ``reasoning_details``, which it requires back with the tool calls' results."""

from __future__ import annotations

from typing import Any

from .repetition_filter import RepetitionFilter

__all__ = ["ReasoningDetails"]

_INCREMENTAL_FIELDS = ("text", "summary", "data", "thinking")


class ReasoningDetails:
    """Collects the entries of ``reasoning_details``.

    >>> details = ReasoningDetails()
    >>> details.feed({"type": "t", "index": 0, "text": "a"})
    >>> details.feed({"type": "t", "index": 0, "text": "b", "signature": "s"})
    >>> details.close()
    [{'type': 't', 'index': 0, 'text': 'ab', 'signature': 's'}]
    """

    def __init__(self) -> None:
        self._entries: list[dict[str, Any]] = []
        self._texts: list[dict[str, RepetitionFilter]] = []  # of each, in pieces

    def feed(self, entry: Any) -> None:
        """Take one entry; what has the number and the type of the last goes on with it."""
        if type(entry) is not dict:
            return
        last = self._entries[-1] if self._entries else None
        if last is None or any(last.get(key) != entry.get(key, last.get(key)) for key in ("index", "type")):
            self._entries.append({})
            self._texts.append({})
        for name, value in entry.items():
            if name in _INCREMENTAL_FIELDS and isinstance(value, str):
                self._entries[-1].setdefault(name, "")
                self._texts[-1].setdefault(name, RepetitionFilter()).feed(value)
            elif value is not None:
                self._entries[-1][name] = value

    def close(self) -> list[dict[str, Any]]:
        """Return the entries, whole."""
        for text in (text for texts in self._texts for text in texts.values()):
            text.close()
        texts = [{name: str(text) for name, text in fields.items()} for fields in self._texts]
        return [entry | text for entry, text in zip(self._entries, texts, strict=True)]
