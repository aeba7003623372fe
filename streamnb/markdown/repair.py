"""Repair of the unfinished tail of a growing answer: it is rendered as what it is about to be.

``Repair`` is the same parser with a few rules more.  In the order in which they get their turn:

1. a last line that is not decided yet is held back (``incomplete_block``);
2. blocks are parsed, with rules for a table and a formula that have only begun (``incomplete_block``);
3. the last inline text, if it is open, is parsed with rules that know the text ends here
   (``incomplete_inline``), every other one as ever;
4. a block or a footnote that has nothing to show yet is left out.

Everything is decided on the parser's own tokens, so escapes, code, lists and nesting come right by
themselves.  The repair keeps nothing: when an answer ends, its tail is rendered without it, and no trace is
left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .compat import copy_parser
from .forward_references import FORWARD_REFERENCES_KEY
from .incomplete_block import add_incomplete_block_rules, ends_with_blank_line, hold_last_line_rule
from .incomplete_inline import add_incomplete_inline_rules
from .inline_parser import InlineParser

__all__ = ["TOKEN_COUNT_KEY", "Repair"]

TOKEN_COUNT_KEY = "streamnb tokens"
"""The key of ``env`` for the number of tokens that a rendering made."""

_GROWING_TEXT_KEY = "open"  # marks the last inline text in its meta
_CELL_OPEN_TYPES = ("td_open", "th_open")


class Repair:
    """Renders the tail of a growing answer with its incomplete syntax repaired.

    Parameters
    ----------
    md
        The parser that renders the rest of the answer; it is left as it is.
    """

    def __init__(self, md: MarkdownIt) -> None:
        self._parser = _parser_with_repair_rules(md)

    def render(self, text: str, env: dict[str, Any]) -> str:
        """Return the HTML of ``text``, whose end is unfinished.

        Parameters
        ----------
        text
            Markdown that ends where the answer ends so far.
        env
            The parser's environment, as ``MarkdownIt.render`` takes it: definitions, footnotes.

        Returns
        -------
        str
            HTML that is safe, as that of a whole text is.
        """
        return str(self._parser.render(text, env))


def _parser_with_repair_rules(md: MarkdownIt) -> MarkdownIt:
    """Return a parser like ``md``, with the same renderer and the rules of the repair."""
    parser, of_last = copy_parser(md), copy_parser(md)
    if isinstance(of_last.inline, InlineParser):
        of_last.inline.caches_html = False  # it never reads a text twice
    add_incomplete_inline_rules(of_last.inline)
    add_incomplete_block_rules(parser.block)
    parser.core.ruler.before("block", "hold_last_line", hold_last_line_rule)
    parser.core.ruler.at("inline", _inline_texts_rule(of_last))
    if "footnote_tail" in parser.core.ruler.get_active_rules():
        parser.core.ruler.after("footnote_tail", "leave_out_notes", _remove_empty_notes_rule)
    parser.core.ruler.push("note_tokens", _count_tokens_rule)
    return parser


def _inline_texts_rule(parser: MarkdownIt) -> Callable[[StateCore], None]:
    """Return the rule that parses inline texts, a last one that still grows with ``parser``."""

    def rule(state: StateCore) -> None:
        last = _growing_text_token(state)
        for token in state.tokens:
            if token.type != "inline":
                continue
            token.children = token.children or []
            md = parser if token is last else state.md
            # The blank that a block drops at its end still decides what stands before it.
            blank = state.src[-1] if token is last and state.src[-1] in " \n" else ""
            md.inline.parse(token.content + blank, md, state.env, token.children)
            if blank and token.children and token.children[-1].type in ("softbreak", "hardbreak"):
                del token.children[-1]
        if last is not None:
            last.meta[_GROWING_TEXT_KEY] = True
            _remove_empty_block(state.tokens, last)

    return rule


def _growing_text_token(state: StateCore) -> Token | None:
    """Return the token of the inline text that the next letter may belong to, or ``None``."""
    if ends_with_blank_line(state.src):
        return None
    for position in range(len(state.tokens) - 1, 0, -1):
        token, block = state.tokens[position], state.tokens[position - 1].type
        if token.type == "inline" and (token.content or block not in _CELL_OPEN_TYPES):
            return token if _takes_next_letter(state.src, block) else None
        if token.type not in ("inline", *_CELL_OPEN_TYPES) and token.nesting >= 0:
            return None
    return None


def _takes_next_letter(text: str, block: str) -> bool:
    """Tell whether the next letter belongs to the last block: a heading and a row end with their line."""
    if text.endswith("\n"):
        return block == "paragraph_open"
    line = text.rstrip()
    return block not in _CELL_OPEN_TYPES or not line.endswith("|") or line.endswith("\\|")


def _remove_empty_block(tokens: list[Token], text: Token) -> None:
    """Remove the paragraph or heading around ``text`` if nothing of it is visible yet."""
    position = next(index for index in range(len(tokens) - 1, 0, -1) if tokens[index] is text)
    is_visible = any(token.content or token.nesting or token.type == "image" for token in text.children or ())
    if not is_visible and tokens[position - 1].type in ("paragraph_open", "heading_open"):
        del tokens[position - 1 : position + 2]


def _count_tokens_rule(state: StateCore) -> None:
    state.env[TOKEN_COUNT_KEY] = sum(1 + len(token.children or ()) for token in state.tokens)


def _remove_empty_notes_rule(state: StateCore) -> None:
    """Remove footnotes without text, all links back but the first, and that of a note still growing.

    The section below an open list is sent with each frame, and a note may be used in every item.
    """
    tokens: list[Token] = []
    start = 0
    for token in state.tokens:
        if token.type == "footnote_anchor" and token.meta.get("subId"):
            continue
        tokens.append(token)
        if token.type == "footnote_open":
            start = len(tokens)
        elif token.type == "footnote_close":
            text = [one for one in tokens[start:-1] if one.type != "footnote_anchor"]
            if not text and FORWARD_REFERENCES_KEY in state.env:
                del tokens[start - 1 :]
            elif any(one.meta.get(_GROWING_TEXT_KEY) for one in text):
                tokens[start:-1] = text
        elif token.type == "footnote_block_close" and tokens[-2].type == "footnote_block_open":
            del tokens[-2:]
    state.tokens = tokens
