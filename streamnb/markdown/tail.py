"""The open tail of a growing text, rendered without doing all the work again in each frame.

A tail is rendered as a whole while it is short.  One long block would make that quadratic, so what can no
longer change *inside* the block is frozen (``block_split``), and an open code fence only grows (``fences``).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt

from .block_split import Env, PartlyFrozenBlock, Render
from .fences import OpenFence, match_opening_fence
from .footnotes import HIDDEN_NOTES_KEY, Notes, may_have_footnotes
from .forward_references import FORWARD_REFERENCES_KEY, ForwardReferences
from .frame_budget import FrameCost
from .link_references import References
from .notes_section import NotesSection
from .patch import AppendBuffer
from .repair import TOKEN_COUNT_KEY
from .segments import Segments
from .stable_prefix import stable_length

__all__ = ["RenderedTail", "Tail"]

# A boundary is searched for at or below a blank line or a fence, and else each time that so many more
# characters have come: an item, or a line of a paragraph, hardly ever ends what stands above it.
_MAY_END_BLOCK = re.compile(r"[ \t]*(?:\Z|```|~~~)")
# A line that may stand in a list, also below a blank one.
_LIST_LINE = re.compile(r"[ \t]*\Z| {2}| {0,3}(?:[-+*]|\d{1,9}[.)])[ \t]")
_CHARACTERS_BETWEEN_SEARCHES = 250


class RenderedTail(NamedTuple):
    """HTML of a tail.

    Attributes
    ----------
    frozen
        The part which only grows.
    end
        What stands behind it, made anew each time.
    env
        The parser environment of both.
    """

    frozen: AppendBuffer
    end: str
    env: Env


class Tail:
    """The text after the last segment.

    Parameters
    ----------
    md
        The exact parser: it finds boundaries.
    segments
        What stands above: its definitions and footnotes count here, and whether more are expected.
    render
        What makes the HTML that is shown, exact or repaired.
    """

    def __init__(self, md: MarkdownIt, segments: Segments, render: Render) -> None:
        self._md = md
        self._segments = segments
        self._render = render
        self._text = ""  # what is neither frozen nor in a fence
        self.fence: OpenFence | None = None
        self._split = self._new_block_split()
        self._next_search = _CHARACTERS_BETWEEN_SEARCHES
        self._new_lines = 0  # that were not searched
        self._hides_notes = False
        self._section = NotesSection(segments.notes)
        self._end: str | None = None  # the HTML after what is frozen, ``None`` where all was rendered

    def frame_cost(self, rendered: RenderedTail, above: int) -> FrameCost:
        """Return the cost of the frame: of ``rendered``, and of ``above`` characters of segments."""
        text, tokens = self._split.opening_text + self._text, rendered.env.get(TOKEN_COUNT_KEY, 0)
        return FrameCost(len(text), len(rendered.end), tokens, text.count("\n"), text.count("["), above)

    def append(self, text: str) -> None:
        """Append ``text``."""
        self._new_lines += text.count("\n")
        if self.fence and not self.fence.append(text):
            self._text, self.fence = self.fence.source, None
        elif not self.fence:
            self._text = self._split.undo_invalid_splits(self._text + text)

    def cut_off_stable(self) -> str:
        """Cut off what can no longer change and return it, or an empty text."""
        if self.fence:
            return ""
        opening = self._split.opening_text
        end, final = 0, ""
        may_end, self._new_lines = self._may_have_new_boundary(), 0
        if may_end:
            end = stable_length(self._md, opening + self._text) - len(opening)
            self._next_search = len(self._text) + _CHARACTERS_BETWEEN_SEARCHES
        if end > 0:
            final, self._text = self._split.frozen_text + self._text[:end], self._text[end:]
            self._split, self._next_search = self._new_block_split(), _CHARACTERS_BETWEEN_SEARCHES
        fence = None if self._split.opening_text else match_opening_fence(self._text)
        if fence and fence.append(self._text[len(fence.source) :]):
            self.fence, self._text = fence, ""
        return final

    def render(self, repair: bool) -> RenderedTail:
        """Render the tail; ``repair`` says whether the last line of an open fence is shown with repairs."""
        self._text = self._split.update_notes_above(self._text)
        env, notes = self._new_env(), self._segments.notes
        if self.fence:
            end = self.fence.tail_html(repair)
            if end is not None:
                footnotes = self._render("", env) if "footnotes" in env else ""
                return RenderedTail(self.fence.html, end + footnotes, env)
            return RenderedTail(AppendBuffer(), self._render(self.fence.source, env), env)
        if self._hides_notes or self._split.opening_text or not self._section.is_valid(notes, self._text):
            self._section = NotesSection(notes)
        if self._section.html.length:
            self._end = self._section.html_behind_start(
                self._render(self._text, env | self._section.env_behind_start())
            )
            if self._end is not None:
                return RenderedTail(self._section.html, self._end, env)
            self._section = NotesSection(notes)
        self._end = self._split.render_remaining(self._text, env)
        if self._end is None and self._split.is_last_split_cheap:
            self._text = self._split.undo_last_split(self._text)
            env = self._new_env()
            self._end = self._split.render_remaining(self._text, env)
        if self._end is not None:
            return RenderedTail(self._split.frozen_html_buffer, self._end, env)
        env = self._new_env(self._segments.notes)
        return RenderedTail(AppendBuffer(), self._render(self._split.frozen_text + self._text, env), env)

    def mark_end_of_text(self) -> None:
        """Forget all frozen HTML, for the text has ended: it may show repairs and expected definitions."""
        self._text = self._split.thaw(self._text)
        self._hides_notes, self._section = False, NotesSection(self._segments.notes)

    def hide_notes(self) -> None:
        """Show no footnotes until the text has ended."""
        self._hides_notes = True

    def freeze(self, length: int) -> None:
        """Freeze the part of a long open block that can no longer change, after a frame.

        ``length`` is that of the end of the rendered tail, in characters.
        """
        if self.fence:
            return
        if self._segments.expects_definitions and self._end and not self._split.opening_text:
            self._section.extend_start(self._segments.notes, self._end)
        if not self._section.html.length:
            self._text = self._split.freeze(self._text, self._end, length)

    def _may_have_new_boundary(self) -> bool:
        """Tell whether a block may have ended in the lines that were not searched."""
        recent = self._new_lines + 2  # a line before them, for what follows a blank one, and the one begun
        *lines, _ = self._text.rsplit("\n", recent)[-recent:]
        if len(self._text) >= self._next_search:
            return True
        opening = self._split.opening_text
        goes_on = opening and all(map(_LIST_LINE.match, (opening, *lines)))
        return not goes_on and any(map(_MAY_END_BLOCK.match, lines))

    def _new_block_split(self) -> PartlyFrozenBlock:
        return PartlyFrozenBlock(self._md, self._new_env, self._render, lambda: self._segments.notes)

    def _new_env(self, notes: Notes | None = None) -> Env:
        """Return the parser environment for the text behind the frozen part, with ``notes`` or its own."""
        env: Env = {"references": References(self._segments.definitions, {})}
        if self._segments.expects_definitions:
            env[FORWARD_REFERENCES_KEY] = ForwardReferences()
        if self._hides_notes:
            env[HIDDEN_NOTES_KEY] = True
        notes = notes or self._split.notes or self._segments.notes
        if notes.has_references or self._split.notes or may_have_footnotes(self._text):
            env |= notes.tail_env()
        return env
