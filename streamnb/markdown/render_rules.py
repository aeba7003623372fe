"""Render rules of markdown-it that need nothing of their token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

__all__ = ["RenderRule", "constant_html_rule"]

RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]
"""A renderer, all tokens, the index of one, options and environment of the parser -> HTML of the token."""


def constant_html_rule(html: str) -> RenderRule:
    """Return the rule that writes ``html`` for every token."""

    def rule(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        return html

    return rule
