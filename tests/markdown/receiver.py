"""A reader of patches that knows nothing but the contract: what a browser would hold."""

from __future__ import annotations

import json
from typing import Any

from streamnb.markdown import LiveMarkdown, Patch

__all__ = ["Receiver", "at_every_cut", "without_open_half"]


class Receiver:
    """Applies patches in their JSON form."""

    def __init__(self) -> None:
        self.segments: list[str] = []
        self.tail = ""

    def apply(self, patch: Patch) -> None:
        """Apply one patch, as it comes over the wire."""
        wire: dict[str, Any] = json.loads(json.dumps(patch.to_json()))
        seal, keep = wire["seal"], wire["keep"]
        assert 0 <= keep <= len(self.tail)
        assert 0 <= wire.get("take", 0) <= len(self.tail)
        if seal:
            assert keep == 0
            seal[0] = self.tail[: wire.get("take", 0)] + seal[0]
        self.segments += seal
        for index, html in wire.get("fix", {}).items():
            self.segments[int(index)] = html
        self.tail = self.tail[:keep] + wire["tail"]

    @property
    def html(self) -> str:
        """What is shown."""
        return "".join(self.segments) + self.tail


def without_open_half(text: str) -> str:
    """Return ``text`` without half of a surrogate pair at its end, which waits for the other half."""
    return text[:-1] if "\ud800" <= text[-1:] <= "\udbff" else text


def at_every_cut(text: str, cuts: list[int], render: Any) -> int:
    """Feed ``text`` cut at ``cuts``; compare with ``render`` of the text so far; return how often."""
    live, receiver = LiveMarkdown(repair=False), Receiver()
    start = 0
    for end in sorted({*cuts, len(text)}):
        receiver.apply(live.feed(text[start:end]))
        wanted = render(without_open_half(text[:end]))
        assert live.html == wanted, f"after {text[:end]!r}"
        assert receiver.html == wanted, f"patches after {text[:end]!r}"
        start = end
    receiver.apply(live.close())
    assert receiver.html == live.html == render(text)
    return len(set(cuts)) + 2
