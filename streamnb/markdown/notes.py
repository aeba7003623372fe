"""Footnotes: how a reference and the notes at the end are written.

The footnote plugin finds them; its HTML is replaced.  A note has an ``id`` only if the caller gives
``env[NOTES]``, a text that no other answer on the page has; without one, two answers would jump into
each other.  ``data-snb-note`` is there always, for a view that follows the click itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

__all__ = ["NOTES", "add_notes"]

NOTES = "snb-notes"
"""The key of ``env`` under which a caller may give this answer's own word: letters, digits, hyphens."""

_WORD = re.compile(r"[A-Za-z0-9-]{1,40}")
_LABEL = re.compile(r"\[\^[^ \n\]]{1,999}\]")  # no longer than that of a link, or a row of "[^" takes ages


def add_notes(md: MarkdownIt) -> None:
    """Add GitHub's footnotes (``[^label]``) to a parser."""
    footnote_plugin(md, inline=False)
    md.inline.ruler.at("footnote_ref", _reference_outside_links)
    for name, rule in (
        ("footnote_ref", _reference),
        ("footnote_block_open", _open_notes),
        ("footnote_block_close", _close_notes),
        ("footnote_open", _open_note),
        ("footnote_close", _close_note),
        ("footnote_anchor", _back),
    ):
        md.add_render_rule(name, rule)


def _reference_outside_links(state: StateInline, silent: bool) -> bool:
    """Leave ``[^label]`` inside a link's text as text: a link cannot hold another."""
    return state.linkLevel == 0 and bool(_LABEL.match(state.src, state.pos)) and footnote_ref(state, silent)


def _place(token: Token, env: EnvType, back: bool = False) -> tuple[str, str]:
    """Return the number that a reader sees and the name of the place, with the answer's word in it."""
    word = str(env.get(NOTES, ""))
    number = int(token.meta["id"]) + 1
    again = int(token.meta.get("subId", 0))
    name = f"snb-{word}-" if _WORD.fullmatch(word) else "snb-"
    name += f"ref-{number}" + (f"-{again + 1}" if again else "") if back else f"note-{number}"
    return str(number), name


def _reference(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    number, note = _place(tokens[index], env)
    _, own = _place(tokens[index], env, back=True)
    mark = f' id="{own}"' if env.get(NOTES) else ""
    return f'<sup class="snb-note-ref"{mark}>{_jump(note, number)}</sup>'


def _back(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return " " + _jump(_place(tokens[index], env, back=True)[1], "\u21a9")


def _jump(place: str, text: str) -> str:
    return f'<a href="#{place}" rel="noopener noreferrer nofollow">{text}</a>'


def _open_note(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    number, place = _place(tokens[index], env)
    mark = f' id="{place}"' if env.get(NOTES) else ""
    return f'<li class="snb-note" data-snb-note="{number}"{mark}>\n'


def _close_note(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "</li>\n"


def _open_notes(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return '<section class="snb-notes">\n<ol>\n'


def _close_notes(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "</ol>\n</section>\n"
