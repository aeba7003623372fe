"""How calm a growing answer is: what a reader sees vanish, jump or stand there raw, with repair and without.

    python -m tests.benchmarks.bench_calm [--places]

Every answer is fed two characters at a time; each frame is read as a browser would read it.  What counts:

back
    frames whose text is not the start of the next frame's; *lost*: the letters taken back, *worst* at once
flips
    frames after which an element at some place in the page is another kind of element, or gone
raw
    frames that show a marker (a star, a bracket, a dollar ...) in a stretch that the final text does not have
held
    letters of the final text whose source has come and which are not shown: mean of all frames, and longest

White space is normalised, nothing else.  The answers are the Markdown files of ``fixtures/repair_answers``
and, where STREAMNB_SHARED is set, the texts of recorded streams.  ``--places`` prints each place.
"""

from __future__ import annotations

import copy
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from streamnb.markdown import LiveMarkdown, render

ANSWERS = Path(__file__).parent.parent / "markdown" / "fixtures" / "repair_answers"
STEP = 2

_MARKERS = frozenset("*_~`[]|$<>&\\#")
# What stands apart from its neighbours on a page.
_PARTS = frozenset(("blockquote", "br", "div", "hr", "li", "ol", "p", "pre", "section", "ul"))
_PARTS |= frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "td", "th", "thead", "tr"))
_VOID = frozenset(("br", "hr", "img", "input"))
_FARTHEST = 300  # letters of source that may lie between two letters shown: an address, a row of dashes


class Page(HTMLParser):
    """The text and the elements of some HTML, as a reader has them before him."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.elements: dict[tuple[int, ...], str] = {}
        self._open: list[int] = []
        self._children = [0]

    def fork(self) -> Page:
        """Return a page that goes on from here, while this one stays."""
        twin = copy.copy(self)
        twin.pieces, twin.elements = list(self.pieces), dict(self.elements)
        twin._open, twin._children = list(self._open), list(self._children)
        return twin

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        path = (*self._open, self._children[-1])
        self.elements[path] = tag
        self._children[-1] += 1
        self._part(tag)
        if tag not in _VOID:
            self._open.append(path[-1])
            self._children.append(0)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        if tag not in _VOID and self._open:
            self._open.pop()
            self._children.pop()

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def _part(self, tag: str) -> None:
        if tag in _PARTS:
            self.pieces.append(" ")


@dataclass
class Calm:
    """What was counted over all frames of some answers."""

    frames: int = 0
    taken_back: int = 0
    letters: int = 0
    worst: int = 0
    flips: int = 0
    raw: int = 0
    held: int = 0
    longest: int = 0
    places: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, before: Page, now: Page, final: str, arrived: int) -> None:
        """Count what happened from one frame to the next; ``arrived`` letters of ``final`` could be shown."""
        old, new = before.text, now.text
        lost = len(old) - _common(old, new)
        flipped = any(now.elements.get(path) != tag for path, tag in before.elements.items())
        raw = not _MARKERS.isdisjoint(new[_common(new, final) :])
        held = max(0, arrived - len(new))
        self.frames += 1
        self.taken_back += lost > 0
        self.letters += lost
        self.worst = max(self.worst, lost)
        self.flips += flipped
        self.raw += raw
        self.held += held
        self.longest = max(self.longest, held)
        kinds = [
            name
            for name, true in (("back", lost), ("flip", flipped), ("raw", raw), ("held", held > 80))
            if true
        ]
        if kinds:
            self.places.append((" ".join(kinds), old[-50:], new[-50:]))

    def row(self, **more: Any) -> dict[str, Any]:
        """Return the figures, those that count frames per 1,000 frames."""
        share = 1000 / max(1, self.frames)
        return {
            **more,
            "frames": self.frames,
            "taken_back": round(self.taken_back * share, 2),
            "letters_taken_back": self.letters,
            "worst_loss": self.worst,
            "flips": round(self.flips * share, 2),
            "raw": round(self.raw * share, 2),
            "held_mean": round(self.held / max(1, self.frames), 1),
            "held_longest": self.longest,
        }


def _common(one: str, other: str) -> int:
    differ = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return min(len(one), len(other)) if other.startswith(one) else next(differ, min(len(one), len(other)))


def pages(text: str, repair: bool) -> Iterator[tuple[int, Page]]:
    """Feed an answer in small pieces; yield how much of it has come and the page that is shown then."""
    live = LiveMarkdown(repair=repair)
    sealed, segments, tail = Page(), [], ""
    for end in range(STEP, len(text) + STEP, STEP):
        patch = live.feed(text[end - STEP : end]).to_json()
        fresh, fixed = list(patch.get("seal", ())), patch.get("fix", {})
        if fresh:
            fresh[0] = tail[: patch.get("take", 0)] + fresh[0]
        tail = tail[: patch.get("keep", 0)] + patch.get("tail", "")
        segments += fresh
        for index, html in fixed.items():
            segments[int(index)] = html
        if fixed:
            sealed, fresh = Page(), segments
        for html in fresh:
            sealed.feed(html)
        page = sealed.fork()
        page.feed(tail)
        yield min(end, len(text)), page


def arrivals(text: str, final: str) -> list[int]:
    """Say for each letter of the final text how much of the source must have come, at the least."""
    places, position = [], 0
    text = re.sub(r"\s", " ", text)
    for letter in final:
        match = text.find(letter, position, position + _FARTHEST)
        position = match + 1 if match >= 0 else position
        places.append(position)
    return places


def measure(texts: list[str], repair: bool) -> Calm:
    """Count over all frames of all texts."""
    calm = Calm()
    for text in texts:
        whole = Page()
        whole.feed(render(text))
        final = whole.text
        places = arrivals(text, final)
        before, arrived = Page(), 0
        for end, page in pages(text, repair):
            while arrived < len(places) and places[arrived] <= end:
                arrived += 1
            calm.add(before, page, final, arrived)
            before = page
    return calm


def own_answers() -> list[str]:
    """Return the answers that lie beside the tests."""
    return [path.read_text(encoding="utf-8") for path in sorted(ANSWERS.glob("*.md"))]


def recorded_answers() -> list[str]:
    """Return texts of recorded streams that are long enough to hold Markdown, each once."""
    folder = os.environ.get("STREAMNB_SHARED")
    if not folder:
        return []
    texts = (
        json.loads(path.read_bytes())["text"] for path in sorted(Path(folder).glob("wire/*/*.expected.json"))
    )
    return list(dict.fromkeys(text[:6000] for text in texts if isinstance(text, str) and len(text) > 400))


def main() -> list[dict[str, Any]]:
    """Print the figures, off and on side by side, and return them."""
    rows = []
    for name, texts in (("own answers", own_answers()), ("recorded answers", recorded_answers())):
        both = {repair: measure(texts, repair) for repair in (False, True)} if texts else {}
        rows += [calm.row(answers=name, repair=repair) for repair, calm in both.items()]
        if "--places" in sys.argv and both:
            print(*(f"{kind:10} {old!r} -> {new!r}" for kind, old, new in both[True].places), sep="\n")
    print(f"{'':22}{'per 1,000 frames':^34}{'letters':^34}")
    print(
        f"{'answers':18}{'repair':8}{'back':>8}{'flips':>8}{'raw':>8}{'lost':>8}{'worst':>8}{'held':>8}{'longest':>9}"
    )
    for row in rows:
        state = "on" if row["repair"] else "off"
        figures = (row["taken_back"], row["flips"], row["raw"], row["letters_taken_back"], row["worst_loss"])
        print(f"{row['answers']:18}{state:8}" + "".join(f"{figure:>8}" for figure in figures), end="")
        print(f"{row['held_mean']:>8}{row['held_longest']:>9}")
    return rows


if __name__ == "__main__":
    main()
