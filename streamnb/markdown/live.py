"""Live rendering of a growing Markdown text: ``feed`` pieces, get patches.

In order: ``normalize`` cleans a piece; ``frame_budget`` says whether it is rendered now; ``stable_prefix``
says how much of the open tail can no longer change, which ``segments`` takes over; the remaining text is
rendered as the new tail; the definitions found in it may change segments above; ``patch`` says how all this
differs from what was shown.  No clock is in here: how often to feed is the painter's choice.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .block_split import Env
from .fences import CLOSING_HTML
from .footnotes import add_footnotes_across_segments
from .forward_references import add_forward_reference_rules
from .frame_budget import FrameBudget
from .hold_back import MAX_HELD_CHARACTERS
from .inline_parser import InlineParser
from .normalize import Normalizer, normalize
from .parser import ImagePolicy, MathsFormat, new_parser
from .patch import Patch, ShownState
from .repair import Repair
from .sanitizer import escape
from .segments import Segments
from .tail import RenderedTail, Tail
from .work_counter import WorkCounter, count_work

__all__ = ["LiveMarkdown", "gc_paused", "render"]

_NOTE_LINK_CHARACTERS = 100  # of the HTML of one use of a footnote
_MAX_NOTES_SHARE = 2.7  # of all text: a note in each line of 37 letters
_FREE_NOTES_CHARACTERS = 3_000


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector until the block has ended; one that is switched off stays so.

    A parse makes thousands of tokens and drops them all when it is over, without a cycle among them.  While
    they live, the collector takes them for objects that last, and looks through everything in the kernel
    again and again: half of what a long answer cost.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def render(text: str, *, maths: MathsFormat = "mathml", images: ImagePolicy = "ask") -> str:
    """Render a whole text.

    Parameters
    ----------
    text
        Markdown; any text is some.
    maths
        Formulas as MathML (``"mathml"``), or as the ``$…$`` source that notebooks typeset (``"tex"``).
    images
        What remote pictures are: a placeholder that loads on a click (``"ask"``), a placeholder for good
        (``"never"``), or the picture (``"always"``).

    Returns
    -------
    str
        HTML that is safe to put into a page: elements of an allow-list, no script, no handler.
    """
    with gc_paused():
        return str(new_parser(maths=maths, images=images).render(normalize(text)))


class LiveMarkdown:
    """Renders a text that comes in pieces; every patch leads to the HTML of the text so far.

    Parameters
    ----------
    repair
        Show unfinished syntax at the end as what it is about to be.  Without it, ``html`` equals ``render``
        of the text so far, byte for byte, after every piece; with it, after ``close``.  With it, the newest
        text of a tail that is long and can be cut nowhere may stand there as it came until more follows
        (``frame_budget``): a line of thousands of stars would cost too much otherwise.
    images
        What remote pictures are: a placeholder that loads on a click, a placeholder for good, or the picture.
    maths
        Formulas as MathML, or as the ``$…$`` source that notebooks typeset.
    work
        Where what is done is counted; ``None``: nowhere.
    """

    def __init__(
        self,
        repair: bool = True,
        images: ImagePolicy = "ask",
        maths: MathsFormat = "mathml",
        work: WorkCounter | None = None,
    ) -> None:
        self._md = new_parser(maths=maths, images=images)
        if work is not None:
            count_work(self._md, work)
        if isinstance(self._md.inline, InlineParser):
            self._md.inline.caches_html = True
        add_footnotes_across_segments(self._md)
        if repair:
            add_forward_reference_rules(self._md)
        self._repair = Repair(self._md) if repair else None
        self._normalizer = Normalizer()
        self._segments = Segments(self._md, expects_definitions=repair)
        self._tail = Tail(self._md, self._segments, self._render)
        self._shown_state = ShownState()
        self._budget = FrameBudget()
        self._characters = self._note_marks = 0
        self._waiting = ""  # text that no frame has rendered yet

    @property
    def html(self) -> str:
        """What is shown now."""
        return self._shown_state.html

    @property
    def segments(self) -> Sequence[str]:
        """The finished segments that are shown, what a receiver of every patch has of them."""
        return self._shown_state.segments

    @property
    def tail(self) -> str:
        """The open tail that is shown below the segments."""
        return self._shown_state.tail

    def feed(self, piece: str) -> Patch:
        """Take the next piece of text.

        Parameters
        ----------
        piece
            Of any length, cut anywhere, also within a letter of two code points.

        Returns
        -------
        Patch
            What changes of what is shown.
        """
        text, waiting = self._normalizer.feed(piece), self._waiting
        if not waiting and (code := self._try_append_code(text)) is not None:
            return self._shown_state.show_appended(code)
        if self._repair and self._is_deferred(waiting + text):
            self._waiting += text
            is_shown = self._budget.last_cost.has_visible_text and not self._shown_state.is_deep
            return (
                self._shown_state.append_to_last_text(escape(text))
                if is_shown
                else self._shown_state.show_unchanged()
            )
        self._waiting = ""
        text = waiting + text
        self._limit_expected_notes(text)
        # Footnotes stand below all text: each frame would send them again.
        if self._repair and self._shown_state.has_costly_patches:
            self._tail.hide_notes()
        return self._render_frame(text)

    def close(self) -> Patch:
        """End the text and show it without repairs.

        Returns
        -------
        Patch
            What changes of what is shown; nothing is held back after it.
        """
        text = self._waiting + self._normalizer.close()
        if not self._repair and not text:
            return self._shown_state.show_unchanged()  # exact already
        self._repair = None
        self._segments.mark_end_of_text()
        self._tail.mark_end_of_text()
        return self._render_frame(text, is_last=True)

    def _try_append_code(self, text: str) -> str | None:
        """Append ``text`` if it can only be code of an open fence; return its HTML, ``None`` if it cannot."""
        fence, shown = self._tail.fence, self._shown_state
        if not fence or fence.html is not shown.buffer or shown.end != CLOSING_HTML:
            return None
        code = fence.try_append_code(text)
        if code is not None:
            self._characters += len(text)
        return code

    def _is_deferred(self, text: str) -> bool:
        """Tell whether ``text``, which no frame has rendered yet, waits for a later frame."""
        is_costly = self._shown_state.has_costly_patches
        if is_costly and self._shown_state.is_deep and len("".join(text.split())) <= MAX_HELD_CHARACTERS:
            return True
        return not self._budget.allows(text, is_costly, self._shown_state.repeats)

    def _render(self, text: str, env: Env) -> str:
        return self._repair.render(text, env) if self._repair else str(self._md.render(text, env))

    def _limit_expected_notes(self, text: str) -> None:
        """Stop expecting definitions of footnotes where their links would outweigh the text."""
        self._characters += len(text)
        self._note_marks += text.count("[^")
        limit = _MAX_NOTES_SHARE * self._characters + _FREE_NOTES_CHARACTERS
        if _NOTE_LINK_CHARACTERS * self._note_marks > limit:
            self._segments.stop_expecting_notes()

    @gc_paused()
    def _render_frame(self, text: str, *, is_last: bool = False) -> Patch:
        count = len(self._shown_state.segments)
        self._tail.append(text)
        if "\n" in text and (final := self._tail.cut_off_stable()):
            self._segments.append(final)
        above = self._segments.rendered_characters
        tail, changed = self._render_tail_and_references()
        above = self._segments.rendered_characters - above
        new = [self._segments.html(index) for index in range(count, len(self._segments))]
        if not any(new):  # definitions: they wait for what shows, or the footnotes below would be sent again
            new = []
        fix = {index: self._segments.html(index) for index in sorted(changed) if index < count}
        patch = self._shown_state.show(new, fix, tail.frozen, tail.end)
        if not is_last:
            self._budget.spend(text, self._tail.frame_cost(tail, above))
            self._tail.freeze(len(tail.end))
        return patch

    def _render_tail_and_references(self) -> tuple[RenderedTail, set[int]]:
        """Render the tail and update the segments for it; new footnotes there need the tail once more."""
        changed: set[int] = set()
        while True:
            tail = self._tail.render(self._repair is not None)
            notes = self._segments.notes
            changed |= self._segments.resolve_references(tail.env)
            if notes is self._segments.notes:
                return tail, changed
