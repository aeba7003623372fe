"""One long open block: text inside it whose HTML is put aside.

Say a list has grown to 500 items.  All but the last are final, but to render the last alone would be wrong:
it needs a list around it, tight or loose as this one is.  So the rest of the block is rendered behind a short
*opening* that puts the parser into the same state, here ``- x``; the HTML of the opening is skipped, and the
HTML put aside stands in its place::

    text = text put aside + rest
    html = HTML put aside + html(opening + rest) without the HTML of the opening

If the opening looks different with the rest behind it (the list became loose, the paragraph turned out to be
a heading), the cut does not count and the whole text is rendered.  ``places`` knows what may be put aside in
which block, and behind which opening the rest goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from .footnotes import has_notes
from .patch import Rope
from .places import Place, find_place

__all__ = ["Cut"]

FIRST = 240  # characters of a block before it is worth a try
AGAIN = 1.3  # after a try, in vain or not: not before the rest has grown so much

Env = dict[str, Any]


class _Form(NamedTuple):
    """How the rest is rendered: behind which opening, and the HTML of that opening."""

    opening: str
    skip: str

    def strip(self, html: str) -> str | None:
        """Return ``html`` without the opening, ``None`` where the opening looks different."""
        return html[len(self.skip) :] if html.startswith(self.skip) else None


class Cut:
    """What has been put aside of one open block.

    Parameters
    ----------
    md
        The exact parser.
    new_env
        Makes a fresh environment for it, with the definitions and footnotes above.
    """

    def __init__(self, md: MarkdownIt, new_env: Callable[[], Env]) -> None:
        self._md = md
        self._new_env = new_env
        self._next_try = FIRST
        self._forget()

    def _forget(self) -> None:
        self._form: _Form | None = None
        self._place: Place | None = None
        self._lines = 0
        self._aside: list[str] = []
        self.html = Rope()

    @property
    def text(self) -> str:
        """The text that has been put aside."""
        return "".join(self._aside)

    @property
    def opening(self) -> str:
        """The opening behind which the rest is parsed, empty as long as nothing is put aside."""
        return self._form.opening if self._form else ""

    def end(self, rest: str, render: Callable[[str], str]) -> str | None:
        """Return the HTML that follows what is put aside, ``None`` where the whole text must be rendered."""
        return self._form.strip(render(self._form.opening + rest)) if self._form else None

    def checked(self, rest: str) -> str:
        """Return ``rest`` if the cut still holds, else give the cut up and return all of the text."""
        if not self._place or self._place.holds(self._lines, rest):
            return rest
        rest = self.text + rest
        self._forget()
        self._next_try = max(FIRST, int(len(rest) * AGAIN))
        return rest

    def move(self, rest: str) -> str:
        """Put aside what can be of ``rest``; return what remains: all of the text if the cut was wrong."""
        if len(rest) < self._next_try:
            return rest
        place = find_place(self._md, self._new_env, self.opening, rest)
        if place and self._agrees(place, rest):
            aside, rest = rest[: place.length], rest[place.length :]
            self._place = place
            self._aside.append(aside)
            self._lines += aside.count("\n")
        elif self._form and self.end(rest, self._exact) is None:
            rest = self.text + rest
            self._forget()
        self._next_try = max(FIRST, int(len(rest) * AGAIN))
        return rest

    def _agrees(self, place: Place, rest: str) -> bool:
        """Render with and without the cut; if all is well, keep the form and the HTML of what goes aside."""
        judged = rest[: place.judged]
        if has_notes(rest[: place.length]) or not place.holds(self._lines, rest):
            return False
        body: str | None = self._exact(self.opening + judged)
        if self._form and body is not None:
            body = self._form.strip(body)
        form = self._choose(place, judged)
        after = form.strip(self._exact(form.opening + judged[place.length :])) if form else None
        if not form or not body or after is None or not body.endswith(after):
            return False
        self._form = form
        self.html.append(body[: len(body) - len(after)])
        return True

    def _choose(self, place: Place, judged: str) -> _Form | None:
        """Return the form whose opening looks with this text behind it as it does alone."""
        for opening in place.openings:
            if self._form and opening == self._form.opening:
                return self._form
            sample = self._exact(opening + place.sample)
            form = _Form(opening, sample[: sample.rindex(place.closer)])
            if len(place.openings) == 1 or form.strip(self._exact(opening + judged)) is not None:
                return form
        return None

    def _exact(self, text: str) -> str:
        """Render, and find nothing right where links are defined: they may change what is put aside."""
        env = self._new_env()
        html = str(self._md.render(text, env))
        return "" if env["references"].own else html
