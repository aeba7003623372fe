"""An output without a widget, played by a clock of its own: how often it is updated, and how much that sends.

``test_display_update`` holds it to bounds, ``bench_updates`` makes a row of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from streamnb.core.events import Finished, TextDelta
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.render.snapshot import MimeBundle
from streamnb.views import display_update
from tests.support import shared

__all__ = ["FRAME_S", "Updates", "evenly", "play", "real_answers"]

FRAME_S = 0.05  # the magic's twenty frames a second
MIN_CHARACTERS = 1_500  # of a real answer: in shorter ones some frames of twenty seconds bring nothing new

_KINDS = {
    "code": r"(?m)^```\w",
    "links": r"\]\(https?:|https?://",
    "tables": r"(?m)^\|.*\|$",
    "formulas": r"\\\(|\\\[|\$\$",
    "lists": r"(?m)^ *[-*] ",
}


class Updates:
    """An output that notes when it was updated, and with how many bytes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []
        self.last = 0  # of the HTML that is left at the end
        self.in_all = 0  # of all there was in updates and at the end
        self.whole = 0  # of what is left there
        self.html = ""

    def show(self, bundle: MimeBundle) -> None:
        """Take no notice of what stands there before the first text."""

    def update(self, bundle: MimeBundle) -> None:
        """Note an update."""
        self.html = bundle.data["text/html"]
        self.sent.append((self.now, len(self.html.encode())))
        self.in_all += _size(bundle)

    def finalize(self, bundle: MimeBundle) -> None:
        """Note the end."""
        self.last = len(bundle.data["text/html"].encode())
        self.whole = _size(bundle)
        self.in_all += self.whole

    def per_second(self, seconds: int) -> list[list[int]]:
        """Return the sizes of the updates in each of the first seconds."""
        return [[size for at, size in self.sent if second <= at < second + 1] for second in range(seconds)]


def _size(bundle: MimeBundle) -> int:
    return sum(len(text.encode()) for text in bundle.data.values())


def play(pieces: Sequence[str]) -> Updates:
    """Play an answer of which each frame brings a piece."""
    output: Any = Updates()
    with patch.object(display_update, "time", SimpleNamespace(monotonic=lambda: output.now)):
        view, draft = display_update.DisplayUpdateView("demo:test", output=output), ReplyBuilder("demo:test")
        view.open(lambda: None)
        for frame, piece in enumerate(pieces):
            output.now = round(frame * FRAME_S, 4)
            draft.feed([TextDelta(piece)], output.now)
            view.show([TextDelta(piece)])
        draft.feed([Finished("complete", "stop")], output.now)
        view.close(draft.build_reply(output.now))
    played: Updates = output
    return played


def evenly(text: str, seconds: float) -> list[str]:
    """Return the frames of a text that takes so long."""
    count = round(seconds / FRAME_S)
    cuts = [len(text) * frame // count for frame in range(count + 1)]
    return [text[start:end] for start, end in pairwise(cuts)]


def real_answers(count: int) -> dict[str, list[str]]:
    """Return by kind the real answers that have the most of it for their length, and ordinary prose."""
    lines = shared("answers/answers.jsonl").read_text("utf-8").splitlines()
    texts = [text for line in lines if len(text := json.loads(line)["text"]) >= MIN_CHARACTERS]
    dense = {
        kind: sorted(texts, key=lambda text: len(re.findall(mark, text)) / len(text), reverse=True)[:count]
        for kind, mark in _KINDS.items()
    }
    return dense | {"prose": sorted(texts, key=lambda text: len(re.findall(r"[`|$\\*#]", text)))[:count]}
