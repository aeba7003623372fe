"""Rendering of code: plain while its fence is open, coloured by Pygments once it is closed.

A token of Pygments is one of a dozen families here, each a short class; the live view's style sheet and
the static bundle give each family one colour.  Text never reaches the HTML but through ``escape``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .sanitizer import escape

__all__ = ["TOKEN_CLASSES", "add_code", "fence_opening_html", "highlight", "is_closed_fence"]

TOKEN_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "Comment": "snb-c",
        "Generic.Deleted": "snb-gd",
        "Generic.Heading": "snb-gh",
        "Generic.Inserted": "snb-gi",
        "Generic.Prompt": "snb-c",
        "Generic.Subheading": "snb-gh",
        "Keyword": "snb-k",
        "Keyword.Constant": "snb-l",
        "Literal": "snb-l",
        "Literal.Number": "snb-m",
        "Literal.String": "snb-s",
        "Literal.String.Escape": "snb-e",
        "Literal.String.Interpol": "snb-e",
        "Name.Attribute": "snb-a",
        "Name.Builtin": "snb-b",
        "Name.Class": "snb-t",
        "Name.Constant": "snb-l",
        "Name.Decorator": "snb-d",
        "Name.Exception": "snb-t",
        "Name.Function": "snb-f",
        "Name.Tag": "snb-k",
        "Name.Variable": "snb-v",
        "Operator.Word": "snb-k",
    }
)
"""Pygments' name of a family of tokens and the class it gets; a token takes its nearest ancestor's."""

MAX_CODE_CHARACTERS = 100_000  # characters; colouring more takes longer than a reader's patience
# A model that has lost its thread repeats itself; that can take a lexer minutes, and nothing stops it.
_REPETITION = re.compile(r"(.{1,4}?)\1{200}", re.DOTALL)
_SLOW_LANGUAGES = frozenset({"lilypond", "mcschema"})  # take as long for a word or a comment
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,40}")


def add_code(md: MarkdownIt) -> None:
    """Add the rules for code in a line, indented code and fences."""
    md.add_render_rule("code_inline", _render_inline_code)
    md.add_render_rule("code_block", _render_code_block)
    md.add_render_rule("fence", _render_fence)


def is_closed_fence(token: Token) -> bool:
    """Tell whether a fence token has a closing marker.

    It has one exactly if it covers two lines more than its content has.
    """
    first, end = token.map or (0, 0)
    lines = token.content.count("\n")
    return end - first == lines + 2 and (not token.content or token.content.endswith("\n"))


def fence_opening_html(info: str) -> str:
    """Return the HTML before a fence's text; ``</code></pre>`` and a newline come behind it."""
    name = fence_language(info)
    if not name:
        return '<pre class="snb-pre"><code class="snb-code">'
    return f'<pre class="snb-pre" data-snb-language="{name}"><code class="snb-code snb-language-{name}">'


def fence_language(info: str) -> str:
    """Return the language that a fence's info string names, or an empty text."""
    word = (unescapeAll(info).split() or [""])[0].strip("{}").lstrip(".").lower()
    word = re.split("[:,]", word)[0]  # python:main.py
    return word if _LANGUAGE.fullmatch(word) else ""


@lru_cache(maxsize=16)  # a closed fence at the end of an answer is rendered again at each frame
def highlight(code: str, name: str) -> str:
    """Return code as HTML, coloured where the language is known.

    Parameters
    ----------
    code
        the text, shown character for character
    name
        what Pygments may know as a language; empty or unknown: not coloured

    Returns
    -------
    str
        Escaped HTML, whose text is ``code``.
    """
    if not name or name in _SLOW_LANGUAGES or len(code) > MAX_CODE_CHARACTERS or _REPETITION.search(code):
        return escape(code)
    try:
        from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

        pieces = [(kind, text) for _, kind, text in get_lexer_by_name(name).get_tokens_unprocessed(code)]
    except Exception:  # some 500 lexers, each with its own bugs, and ClassNotFound: plain text is right
        return escape(code)
    if "".join(text for _, text in pieces) != code:
        return escape(code)
    return _highlighted_html((_token_class(kind), text) for kind, text in pieces)


def _highlighted_html(pieces: Iterable[tuple[str, str]]) -> str:
    """Return spans of highlighted code, neighbours of one class joined."""
    out: list[str] = []
    run: list[str] = []
    current = ""
    for css_class, text in pieces:
        if css_class != current and not text.isspace():  # blanks have no colour: they join what stands before
            out.append(_highlighted_span_html(current, "".join(run)))
            current, run = css_class, []
        run.append(text)
    out.append(_highlighted_span_html(current, "".join(run)))
    return "".join(out)


def _highlighted_span_html(css_class: str, text: str) -> str:
    visible = text.rstrip()
    if not visible or not css_class:
        return escape(text)
    return f'<span class="{css_class}">{escape(visible)}</span>{escape(text[len(visible) :])}'


@cache  # Pygments has some 90 kinds
def _token_class(kind: Any) -> str:
    while kind:
        if css_class := TOKEN_CLASSES.get(".".join(kind)):
            return css_class
        kind = kind.parent
    return ""


def _render_inline_code(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"<code>{escape(tokens[index].content)}</code>"


def _render_code_block(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"{fence_opening_html('')}{escape(tokens[index].content)}</code></pre>\n"


def _render_fence(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    name = fence_language(token.info) if is_closed_fence(token) else ""
    return f"{fence_opening_html(token.info)}{highlight(token.content, name)}</code></pre>\n"
