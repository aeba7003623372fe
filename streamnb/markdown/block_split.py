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
from .forward_references import EXPECTED
from .patch import AppendBuffer
from .split_points import SplitPoint, find_split_point

__all__ = ["BlockSplit"]

FIRST = 600  # characters of text and HTML before it is worth a try
AGAIN = 1.3  # after a try, in vain or not: not before there is so much more

Env = dict[str, Any]


class _Opening(NamedTuple):
    """How the rest is rendered: behind which opening, and the HTML of that opening."""

    opening: str
    skip: str

    def strip(self, html: str) -> str | None:
        """Return ``html`` without the opening, ``None`` where the opening looks different."""
        return html[len(self.skip) :] if html.startswith(self.skip) else None


class _Frozen(NamedTuple):
    """Text that has been put aside, its HTML, and what the last cut was."""

    text: str = ""
    html: AppendBuffer = AppendBuffer()  # nothing is ever added to this one
    form: _Opening | None = None
    place: SplitPoint | None = None


class BlockSplit:
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
        self._aside = self._before = _Frozen()  # before: when the rest stood behind another opening
        self._hopeful = False  # whether a link without an address may have been put aside

    @property
    def text(self) -> str:
        """The text that has been put aside."""
        return self._aside.text

    @property
    def html(self) -> AppendBuffer:
        """Its HTML."""
        return self._aside.html

    @property
    def opening(self) -> str:
        """The opening behind which the rest is parsed, empty as long as nothing is put aside."""
        return self._aside.form.opening if self._aside.form else ""

    def end(self, rest: str, render: Callable[[str], str]) -> str | None:
        """Return the HTML that follows what is put aside, ``None`` where the whole text must be rendered."""
        form = self._aside.form
        return form.strip(render(form.opening + rest)) if form else None

    def checked(self, rest: str) -> str:
        """Return ``rest`` if the cut still holds, else give up what was put aside behind its opening."""
        place = self._aside.place
        return rest if not place or place.holds(self._aside.text, rest) else self._step_back(rest)

    def expect_no_more(self, rest: str) -> str:
        """The text has ended: what was put aside as the link it would become is text."""
        if not self._hopeful:
            return rest
        rest, self._aside = self._aside.text + rest, _Frozen()
        return rest

    def move(self, rest: str, shown: int) -> str:
        """Put aside what can be of ``rest``; return what remains, which is more if a cut was wrong.

        ``shown`` is the length of its HTML, which may be long where the text is short: a table's empty cells.
        """
        if len(rest) + shown < self._next_try:
            return rest
        place = find_split_point(self._md, self._new_env, self.opening, rest)
        if place and (after := self._put_aside(place, rest)) is not None:
            rest, shown = rest[place.length :], len(after)
        elif self._aside.form and self.end(rest, self._exact) is None:
            rest = self._step_back(rest)
        self._next_try = max(FIRST, int((len(rest) + shown) * AGAIN))
        return rest

    def _step_back(self, rest: str) -> str:
        """Return to what was put aside behind the opening before this one, or else to nothing."""
        rest = self._aside.text[len(self._before.text) :] + rest
        self._aside, self._before = self._before, _Frozen()
        return rest

    def _put_aside(self, place: SplitPoint, rest: str) -> str | None:
        """Render with and without the cut; if all is well, cut.

        Returns
        -------
        str or None
            The HTML of the rest, as far as it proves the place.
        """
        now = self._aside
        judged, text = rest[: place.judged], now.text + rest[: place.length]
        if has_notes(rest[: place.length]) or not place.holds(text, rest[place.length :]):
            return None
        body: str | None = self._exact(self.opening + judged)
        if now.form and body is not None:
            body = now.form.strip(body)
        form = self._behind(place)
        after = form.strip(self._exact(form.opening + judged[place.length :])) if form else None
        if not body or after is None or not body.endswith(after):
            return None
        if form is not now.form:
            self._before, now = now, now._replace(html=AppendBuffer(str(now.html)))
        now.html.append(body[: len(body) - len(after)])
        self._aside = _Frozen(text, now.html, form, place)
        return after

    def _behind(self, place: SplitPoint) -> _Opening | None:
        """Return the form with the opening of a place, ``None`` if that is not read as such an opening."""
        form = self._aside.form
        if form and place.opening == form.opening:
            return form
        sample = self._exact(place.opening + place.sample)
        skip, closer, _ = sample.rpartition(place.closer)
        return _Opening(place.opening, skip) if closer else None

    def _exact(self, text: str) -> str:
        """Render, and find nothing right where links are defined: they may change what is put aside."""
        env = self._new_env()
        html = str(self._md.render(text, env))
        self._hopeful |= EXPECTED in env and bool(env[EXPECTED].links)
        return "" if env["references"].defined else html
