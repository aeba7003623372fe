"""HTML of an unfinished answer, kept small for an output that is replaced as a whole.

Each finished part is made once, and making an update costs what is new.  But every update sends all again, so
what says nothing yet is left out: the colours of code (each coloured word is a hundred characters with its
look), what styles say of grounds and for paper, the titles of links, the direction of paragraphs and items in
an answer that knows one direction only, and the mark around each formula (fifty characters) where a part of
the answer can have one for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..core.reply import Reply
from ..markdown.sanitizer import sanitize
from ..render import snapshot
from ..render.inline_css import remove_css_if

__all__ = ["DraftHtmlRenderer"]

_CODE = re.compile(r"(<pre\b[^>]*><code\b[^>]*>)(.*?)(?=</code>)", re.DOTALL)
_SPAN = re.compile(r"</?span[^>]*>")
_DIRECTION = re.compile(r' style="text-align:(?:start|left);unicode-bidi:plaintext"')
_FORMULA_CLASSES = "mathjax_process tex2jax_process"
_FORMULA = re.compile(rf'<span class="{_FORMULA_CLASSES}">(.*?)</span>', re.DOTALL)
_FORMULA_OR_CODE = re.compile(rf"{_FORMULA.pattern}|<code\b.*?</code>", re.DOTALL)  # or never
_TEX_CHARACTER = re.compile(r"[$\\]")  # to those who typeset, anywhere else
# Grounds and letters have the page's own colours without being told; of others, the one for everywhere is
# enough (it stands before the page's); and a wide formula need not scroll in its box yet.
_OPTIONAL_STYLES = re.compile(
    r'(?<=[;"])(?:(color|background):(?:[^;"]*;\1:)?|[a-z-]+:)[^;"]*var\([^;"]*;?'
    r"|;overflow-x:auto;overflow-y:hidden|;text-underline-offset:[^;\"]*"
)
_LINK = re.compile(
    r'(<a href="[^"]*")(?: title="[^"]*")?([^>]*) style="text-decoration:underline">(.*?)</a>', re.DOTALL
)
_FROM_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


class DraftHtmlRenderer:
    """Renders a growing reply as HTML, again and again; each finished part of it once."""

    def __init__(self) -> None:
        self._text = _GrowingMarkdown(_style_draft_html)
        self._thoughts = _GrowingMarkdown(lambda html: html)

    def render(self, reply: Reply) -> str:
        """Return the HTML of the reply so far."""
        self._text = self._text.update(reply.text)
        self._thoughts = self._thoughts.update(reply.reasoning)
        return snapshot.draft_html(reply, self._text.html, self._thoughts.html)

    @property
    def omitted_bytes(self) -> int:
        """How many bytes longer the text's HTML is with all that was left out."""
        return self._text.omitted_bytes


class _GrowingMarkdown:
    """A growing Markdown text and its HTML, each segment of which went through ``finish``."""

    def __init__(self, finish: Callable[[str], str]) -> None:
        from ..markdown import LiveMarkdown  # a page that has widgets never comes here

        self._finish = finish
        self._live = LiveMarkdown(maths="tex")
        self._source = ""
        self._segments: list[str] = []
        self._omitted_bytes = 0  # in the segments

    def update(self, source: str) -> _GrowingMarkdown:
        """Feed what is new in ``source``; return ``self``, or a new text if it does not go on."""
        if not source.startswith(self._source):  # what was said turned out to be thoughts
            return _GrowingMarkdown(self._finish).update(source)
        patch = self._live.feed(source[len(self._source) :])
        self._source = source
        for index in patch.fix:
            self._segments[index] = self._finish(_shorten_html(self._live.segments[index]))
        for html in self._live.segments[len(self._segments) :]:
            self._segments.append(self._finish(_shorten_html(html)))
            self._omitted_bytes += _count_omitted_bytes(html, self._segments[-1])
        return self

    @property
    def omitted_bytes(self) -> int:
        """How many bytes longer the text's HTML is with all that was left out."""
        tail = self._live.tail
        return self._omitted_bytes + _count_omitted_bytes(tail, self._finish(_shorten_html(tail)))

    @property
    def html(self) -> str:
        """The HTML of all of it."""
        html = "".join((*self._segments, self._finish(_shorten_html(self._live.tail))))
        return html if _FROM_RIGHT_TO_LEFT.search(self._source) else _DIRECTION.sub("", html)


def _style_draft_html(html: str) -> str:
    html = _OPTIONAL_STYLES.sub("", remove_css_if(snapshot.style_answer_html(html)))
    return _LINK.sub(r"\1\2><u>\3</u></a>", html)  # the shortest way to say the same


def _shorten_html(html: str) -> str:
    """Return sanitized HTML without the colours of code, and with one mark around all formulas."""
    return _mark_formulas_once(sanitize(_CODE.sub(lambda code: code[1] + _SPAN.sub("", code[2]), html)))


def _mark_formulas_once(html: str) -> str:
    """Return HTML with one mark around all formulas, if nothing else in it could be taken for one."""
    if html.count(_FORMULA_CLASSES) < 2 or _TEX_CHARACTER.search(_FORMULA_OR_CODE.sub("", html)):
        return html
    return f'<div class="{_FORMULA_CLASSES}">{_FORMULA.sub(lambda formula: formula[1], html)}</div>'


def _count_omitted_bytes(html: str, light: str) -> int:
    """Return how many bytes HTML of an answer has more at the end than while it grows."""
    return len(snapshot.style_answer_html(sanitize(html)).encode()) - len(_DIRECTION.sub("", light).encode())
