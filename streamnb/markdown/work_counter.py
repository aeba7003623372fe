"""Counters of the work that rendering takes, independent of the machine's speed.

A clock says how busy the machine is; a count says what was done, and is the same on every machine.  Whoever
wants to know hands a ``WorkCounter`` to ``LiveMarkdown``.  Without one nothing is counted and nothing is
slower: the parser rules that count are then not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

__all__ = ["WorkCounter", "count_work"]


@dataclass(slots=True)
class WorkCounter:
    """Counters of parsing and rendering so far; each only grows.

    Attributes
    ----------
    text_characters
        Characters that the block phase has read.
    block_attempts
        Places where the block phase looked for a block.
    inline_attempts
        Places where the inline phase tried its rules, ahead of itself or not.
    tokens
        Tokens made, those of inline texts among them.
    html_characters
        Characters of HTML written.
    """

    text_characters: int = 0
    block_attempts: int = 0
    inline_attempts: int = 0
    tokens: int = 0
    html_characters: int = 0

    @property
    def total(self) -> int:
        """The sum of all counters, to compare with that of another text."""
        attempts = self.block_attempts + self.inline_attempts
        return self.text_characters + attempts + self.tokens + self.html_characters


def count_work(md: MarkdownIt, work: WorkCounter) -> None:
    """Make a parser, and every copy of it, count its work in ``work``."""

    def count_blocks(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        work.block_attempts += 1
        if not state.tokens and not state.level and not state.src[: state.bMarks[start]].strip():
            work.text_characters += len(state.src)  # the first block of the text
        return False

    def count_inline(state: StateInline, silent: bool) -> bool:
        work.inline_attempts += 1
        return False

    def count_tokens(state: StateCore) -> None:
        work.tokens += sum(1 + len(token.children or ()) for token in state.tokens)

    md.block.ruler.before(md.block.ruler.get_active_rules()[0], "count_blocks", count_blocks)
    md.inline.ruler.before(md.inline.ruler.get_active_rules()[0], "count_inline", count_inline)
    md.core.ruler.push("count_tokens", count_tokens)
    md.renderer = _CountingRenderer(md.renderer, work)


class _CountingRenderer:
    """A renderer that counts what another one writes."""

    __output__: ClassVar[str] = "html"

    def __init__(self, renderer: RendererProtocol, work: WorkCounter) -> None:
        self._renderer = renderer
        self._work = work

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> Any:
        """Render the tokens and count the characters of HTML."""
        html = self._renderer.render(tokens, options, env)
        self._work.html_characters += len(html)
        return html
