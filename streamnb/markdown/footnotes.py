"""Footnotes: parsing, numbers that run through all segments, and the section at the end.

The footnote plugin numbers a footnote where it is first used and puts all of them below the text.  In pieces
the same is reached by replay: a ``Notes`` holds the numbers given so far, every sealed segment with footnotes
goes on from it, and the tail goes on from there and shows the section.  A footnote counts only where its
definition is known, and a definition may come late: when the set of known labels changes, the segments with
footnotes are replayed in order. Only pieces that hold ``[^`` or ``^[`` take part.

No element has an ``id``: two answers on one page would jump into each other.  A view follows the click by
``data-snb-note``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin

from .compat import footnote_ref, footnote_tail
from .forward_references import FORWARD_REFERENCES_KEY
from .render_rules import constant_html_rule

__all__ = [
    "FIRST_NOTE_KEY",
    "HIDDEN_NOTES_KEY",
    "SECTION_CLOSING",
    "SECTION_OPENING",
    "Notes",
    "add_footnotes",
    "add_footnotes_across_segments",
    "footnote_labels",
    "may_have_footnotes",
]

HIDDEN_NOTES_KEY = "streamnb hidden notes"
"""The key of ``env`` under which a caller asks for no section, as long as text grows above it."""

FIRST_NOTE_KEY = "streamnb first note"
"""The key of ``env`` for how many footnotes at the start of the section its caller has already."""

SECTION_OPENING = '<section class="snb-notes">\n<ol>\n'
SECTION_CLOSING = "</ol>\n</section>\n"
_DEFINITIONS_ABOVE_KEY = "streamnb notes"
_NEW_DEFINITIONS_KEY = "streamnb collected notes"
_MAX_BACK_LINKS = 9  # of one note: what is used in every line would have a section as long as the text
_MAX_LABEL_CHARACTERS = 1_002  # with its brackets, as for links; without a limit a row of "[^" takes ages
_NOTE_LABEL = re.compile(r"\[\^([^ \n\]]{1,999})\]")


def may_have_footnotes(text: str) -> bool:
    """Tell whether a piece of text may hold footnotes."""
    return "[^" in text or "^[" in text


def footnote_labels(text: str) -> frozenset[str]:
    """Return the labels of all footnotes that ``text`` may use, each behind a colon as the parser has it."""
    if not may_have_footnotes(text) or "]" not in text:  # a row of "[^" is looked through from each of them
        return frozenset()
    return frozenset(f":{label}" for label in _NOTE_LABEL.findall(text))


class _NoteNumbers(dict[str, int]):
    """Label -> number, -1 until its first use; ``defined_labels`` are those whose definition was parsed."""

    defined_labels: frozenset[str] = frozenset()

    def __setitem__(self, label: str, number: int) -> None:
        if number < 0 and label not in self.defined_labels:
            self.defined_labels |= {label}
        if number >= 0 or label not in self:  # reading a definition again takes no number back
            super().__setitem__(label, number)

    def copy(self) -> _NoteNumbers:
        """Return a copy."""
        twin = _NoteNumbers(self)
        twin.defined_labels = self.defined_labels
        return twin


class _NoteUses(dict[int, dict[str, Any]]):
    """Number -> label and count of uses, which the plugin changes; copies share what neither has asked for.

    An answer may have a thousand footnotes, and each frame needs a copy.
    """

    def __init__(self, uses: Mapping[int, dict[str, Any]] = MappingProxyType({})) -> None:
        super().__init__(uses)
        self._own: set[int] = set()  # the numbers whose entry no copy shares

    def __getitem__(self, number: int) -> dict[str, Any]:
        if number not in self._own:
            self[number] = dict(super().__getitem__(number))
        return super().__getitem__(number)

    def __setitem__(self, number: int, use: dict[str, Any]) -> None:
        self._own.add(number)
        super().__setitem__(number, use)

    def copy(self) -> _NoteUses:
        """Return a copy; what either of the two changes from now on is its own."""
        self._own.clear()
        return _NoteUses(self)


class Notes:
    """Numbers and definitions of the footnotes up to some position in the text.

    ``labels`` are those that the whole text defines, as far as it has come.  ``origin`` is the same object in
    all that were copied from one another.
    """

    def __init__(self, labels: frozenset[str] = frozenset()) -> None:
        self.labels = labels
        self.origin = object()
        self._numbers = _NoteNumbers(dict.fromkeys(labels, -1))
        self._uses = _NoteUses()
        self._definitions: dict[str, list[Token]] = {}  # parsed, so that showing them changes them no more

    def copy_with_labels(self, labels: frozenset[str]) -> Notes:
        """Return a copy for which ``labels`` are the known ones; those used so far have to be among them."""
        twin = Notes()
        twin.labels, twin.origin, twin._numbers = labels, self.origin, self._numbers.copy()
        for label in labels - self.labels:
            twin._numbers.setdefault(label, -1)
        for label in self.labels - labels:
            if twin._numbers.get(label, 0) < 0:
                del twin._numbers[label]
        twin._uses = self._uses.copy()
        twin._definitions = dict(self._definitions)
        return twin

    def segment_env(self) -> dict[str, Any]:
        """Return the environment for the next segment: parsing adds to these notes and shows no section."""
        return {
            "footnotes": {"refs": self._numbers, "list": self._uses},
            _NEW_DEFINITIONS_KEY: self._definitions,
        }

    def tail_env(self) -> dict[str, Any]:
        """Return the environment for the open tail: parsing changes nothing here and shows the section."""
        footnotes = {"refs": self._numbers.copy(), "list": self._uses.copy()}
        return {"footnotes": footnotes, _DEFINITIONS_ABOVE_KEY: self._definitions}

    def defined_labels_with(self, tail_env: dict[str, Any]) -> frozenset[str]:
        """Return the labels defined here or in the tail that was rendered with ``tail_env``."""
        tail = tail_env.get("footnotes", {}).get("refs")
        return self._numbers.defined_labels | (
            tail.defined_labels if isinstance(tail, _NoteNumbers) else frozenset()
        )

    def labels_in_order(self) -> list[str]:
        """Return the labels in the order of their numbers, up to the first that is not defined here."""
        labels = (use["label"] for use in self._uses.values())
        return list(takewhile(self._definitions.__contains__, labels))

    @property
    def has_references(self) -> bool:
        """Whether any footnote was referred to so far, so that the section has to be shown."""
        return bool(self._uses)


def add_footnotes_across_segments(md: MarkdownIt) -> None:
    """Change a parser with ``add_footnotes`` so that it can render a text in segments and a tail."""

    def rule(state: StateCore) -> None:
        if _NEW_DEFINITIONS_KEY in state.env:
            _collect_definitions(state, state.env[_NEW_DEFINITIONS_KEY])
        elif HIDDEN_NOTES_KEY in state.env:
            _collect_definitions(state, {})
        else:
            _move_notes_to_end(state)

    md.core.ruler.at("footnote_tail", rule)


def _collect_definitions(state: StateCore, definitions: dict[str, list[Token]]) -> None:
    """Move the footnote definitions out of the tokens into ``definitions``."""
    text: list[Token] = []
    inside: list[Token] | None = None
    label = ""
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            label, inside = token.meta["label"], []
            definitions[label] = inside
        elif token.type == "footnote_reference_close":
            inside = None
        else:
            (text if inside is None else inside).append(token)
    state.tokens = text


def _move_notes_to_end(state: StateCore) -> None:
    """Move the footnotes to the end of a text, with a limited number of links back."""
    footnotes = state.env.get("footnotes")
    if footnotes is None:  # neither a mark nor a definition was met
        return
    uses = footnotes.get("list", {})
    numbers: Sequence[int] = range(state.env.get(FIRST_NOTE_KEY, 0), len(uses))
    if FORWARD_REFERENCES_KEY in state.env:
        numbers = _numbers_with_text(state, footnotes.get("refs", {}), numbers)
    definitions_above = state.env.get(_DEFINITIONS_ABOVE_KEY, {})
    shown_uses: dict[int, dict[str, Any]] = {}
    earlier: list[Token] = []
    for number in numbers:
        use = shown_uses[number] = uses[number]
        use["count"] = min(use["count"], _MAX_BACK_LINKS)
        definition = definitions_above.get(use["label"])
        if definition:
            opening = Token("footnote_reference_open", "", 1, meta={"label": use["label"]})
            earlier += opening, *definition, Token("footnote_reference_close", "", -1)
    state.tokens = [*earlier, *state.tokens]
    footnotes["list"] = shown_uses
    footnote_tail(state)
    footnotes["list"] = uses


def _numbers_with_text(state: StateCore, refs: dict[str, int], numbers: Sequence[int]) -> list[int]:
    """Return those of ``numbers`` whose notes are defined: most may be expected only."""
    definitions = {token.meta["label"] for token in state.tokens if token.type == "footnote_reference_open"}
    definitions |= state.env.get(_DEFINITIONS_ABOVE_KEY, {}).keys()
    return sorted(number for label in definitions if (number := refs.get(f":{label}", -1)) in numbers)


def add_footnotes(md: MarkdownIt) -> None:
    """Add GitHub's footnotes (``[^label]``) to a parser."""
    footnote_plugin(md, inline=False)
    md.inline.ruler.at("footnote_ref", _reference_rule)
    md.core.ruler.at("footnote_tail", _move_notes_to_end)
    for name, rule in (
        ("footnote_ref", _render_reference),
        ("footnote_block_open", constant_html_rule(SECTION_OPENING)),
        ("footnote_block_close", constant_html_rule(SECTION_CLOSING)),
        ("footnote_open", _render_note_open),
        ("footnote_close", constant_html_rule("</li>\n")),
        ("footnote_anchor", _render_back_link),
    ):
        md.add_render_rule(name, rule)


def _reference_rule(state: StateInline, silent: bool) -> bool:
    """Parse ``[^label]`` outside of a link's text: a link cannot hold another."""
    src, start = state.src, state.pos
    if state.linkLevel or not src.startswith("[^", start):
        return False
    if src.find("]", start, start + _MAX_LABEL_CHARACTERS) < 0:
        return False
    return bool(_NOTE_LABEL.match(src, start)) and footnote_ref(state, silent)


def _note_number(token: Token) -> int:
    return int(token.meta["id"]) + 1


def _render_reference(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    number = _note_number(tokens[index])
    return f'<sup class="snb-note-ref">{_jump_link_html(f"note-{number}", str(number))}</sup>'


def _render_back_link(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    again = int(tokens[index].meta.get("subId", 0))
    return " " + _jump_link_html(
        f"ref-{_note_number(tokens[index])}" + (f"-{again + 1}" if again else ""), "\u21a9"
    )


def _jump_link_html(target: str, text: str) -> str:
    return f'<a href="#snb-{target}" rel="noopener noreferrer nofollow">{text}</a>'


def _render_note_open(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f'<li class="snb-note" data-snb-note="{_note_number(tokens[index])}">\n'
