"""The static MIME bundle of a reply: for the output of a stream that has ended, and for a reply's display.

``text/html`` is safe by itself (no script, no request, nothing that reaches out of its box) and brings
its look as inline styles; ``text/plain`` is the source and the footer.  Pure: a reply goes in, text
comes out.  ``text/markdown`` is for whatever takes no HTML (LaTeX, Word): see ``portable_markdown``.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from ..core.reply import Reply
from ..core.text import sanitize_line
from . import footer, panels, portable_markdown
from .inline_css import inline_styles
from .marimo_html import adapt_html_for_marimo
from .terminal_escape import sanitize_for_terminal

if TYPE_CHECKING:
    from ..markdown.maths import MathsFormat

__all__ = [
    "ROOT_TAG",
    "MimeBundle",
    "bundle",
    "draft_html",
    "make_html_portable",
    "make_scrollable_focusable",
    "marimo_html",
    "plain_text",
    "style_answer_html",
]

ROOT_TAG = '<div class="streamnb mathjax_ignore tex2jax_ignore">'
"""What every output of ours begins with: its class, and two that keep MathJax out."""

# A Markdown reader ends a piece of HTML at a blank line, and takes what follows for Markdown.
_BLANK_LINE = re.compile(r"\n(?=[ \t]*(?:\n|$))")
# In a line of code or a row of a table: one that has more scrolls in a narrow window.
_WIDE_CHARACTERS = 60
_SCROLLING_BOX = re.compile(r"(<pre\b[^>]*><code|<table)(.*?</(?:code|table)>)", re.DOTALL)
_EMPTY_CODE = re.compile(r"<pre\b[^>]*><code\b[^>]*></code></pre>")  # a stop at a fence leaves one
# What a footer takes in height, so that nothing moves when the whole one takes its place.
_DRAFT_FOOTER_STYLE = (
    "margin:0.3em 0 0;padding:0.45em 0 0.2em;border-top:1px solid #8885;color:#757575;font:12px/1.6 system-ui"
)
_TAG = re.compile(r"^[^<]*>|<[^>]*>")


@dataclass(frozen=True, slots=True)
class MimeBundle:
    """MIME data and metadata of one output."""

    data: dict[str, Any]
    metadata: dict[str, Any]


def plain_text(answer: Reply) -> str:
    """Return the source and the footer as text that is harmless in a terminal."""
    return sanitize_for_terminal("\n\n".join(part for part in (answer.text, footer.line(answer)) if part))


def bundle(answer: Reply) -> MimeBundle:
    """Return the bundle of an answer that has ended."""
    structured = panels.json_panel(answer.text) if answer.schema else ""
    text = "" if structured else _render_and_sanitize(answer.text, "tex")
    thoughts = _render_and_sanitize(answer.reasoning, "tex")
    return MimeBundle(
        data={
            "text/html": _answer_to_html(
                answer, style_answer_html(text), thoughts, structured, _footer_box(answer)
            ),
            "text/markdown": _answer_to_markdown(answer, text, is_json=bool(structured)),
            "text/plain": plain_text(answer),
        },
        metadata={"streamnb": metadata(answer)},
    )


def marimo_html(answer: Reply) -> str:
    """Return an answer's HTML for a page of marimo's, which typesets no ``$…$`` and reads styles itself.

    Its formulas are MathML.  Around it stands what gives marimo's own Markdown its look.
    """
    structured = panels.json_panel(answer.text) if answer.schema else ""
    text = "" if structured else _render_and_sanitize(answer.text, "mathml")
    thoughts = _render_and_sanitize(answer.reasoning, "mathml")
    html = adapt_html_for_marimo(
        _answer_to_html(answer, style_answer_html(text), thoughts, structured, _footer_box(answer))
    )
    return f'<div class="markdown prose dark:prose-invert">{html}</div>'


def _render_and_sanitize(text: str, maths: MathsFormat) -> str:
    if not text:  # most answers have no reasoning, and a parser is made for each text
        return ""
    # Here and not above: a parser, a highlighter and a sanitiser are not needed before something is shown.
    from ..markdown import render
    from ..markdown.sanitizer import sanitize

    return sanitize(render(text, maths=maths))


def draft_html(answer: Reply, text: str, thoughts: str) -> str:
    """Return the HTML of an answer that has not ended, with less around it than in the end: it is sent often.

    Parameters
    ----------
    answer
        What has come.
    text
        HTML of its text, as ``style_answer_html`` returns it.
    thoughts
        HTML of its reasoning, without styles.

    Returns
    -------
    str
        The HTML of the whole output, with the model's name below the text.
    """
    structured = panels.json_panel(answer.text) if answer.schema else ""
    model = escape(sanitize_line(answer.model))
    foot = f'<div class="snb-footer" style="{_DRAFT_FOOTER_STYLE}">{model} is answering</div>'
    return _answer_to_html(answer, "" if structured else text, thoughts, structured, foot)


def style_answer_html(html: str) -> str:
    """Return the HTML of an answer's text with its styles inline."""
    return inline_styles(make_scrollable_focusable(_EMPTY_CODE.sub("", html)), tags_of="snb-answer")


def _footer_box(answer: Reply) -> str:
    return inline_styles(f'<div class="snb-footer">{answer_footer_html(answer)}</div>')


def metadata(answer: Reply) -> dict[str, Any]:
    """Return an output's metadata about its answer: model, state, usage, timing, but not each gap."""
    timing = {part.name: getattr(answer.timing, part.name) for part in fields(answer.timing)}
    del timing["gaps"]
    return {
        "model": answer.model,
        "state": answer.state,
        "finish_reason": answer.finish_reason,
        "usage": asdict(answer.usage),
        "timing": timing,
    }


def answer_footer_html(answer: Reply) -> str:
    """Return the HTML of an answer's footer, without its box."""
    return panels.footer_html(footer.line(answer), answer.state, answer.details, answer.sent)


def _answer_to_html(answer: Reply, text: str, thoughts: str, structured: str, foot: str) -> str:
    before = inline_styles(panels.reasoning_panel(make_scrollable_focusable(thoughts)), tags_of="snb-answer")
    after = inline_styles(
        structured
        + "".join(panels.picture_elements(answer.images))
        + panels.steps_panel(answer.steps)
        + panels.tool_calls_panel(answer.tool_calls)
        + panels.sources_panel(answer.citations)
    )
    root = inline_styles(ROOT_TAG)
    # The boxes are those of the live view, so that nothing moves when it gives way.
    html = f'{root}{before}<div class="snb-answer">{text}</div>{after}{foot}</div>'
    return make_html_portable(html)


def _answer_to_markdown(answer: Reply, text: str, *, is_json: bool) -> str:
    """Return the answer as Markdown: its text, what tools did, pictures by name, sources, the footer."""
    parts = [
        portable_markdown.fenced_code(answer.text, "json")
        if is_json
        else portable_markdown.html_to_markdown(text)
    ]
    parts += [
        portable_markdown.escape(f"[picture: {image.mime_type}, {len(image.data):,} bytes]")
        for image in answer.images
    ]
    calls = [*answer.steps, *answer.tool_calls][: panels.MAX_ITEMS]
    if calls:
        lines = (panels.call_text(call, panels.MAX_UNFOLDED_CHARACTERS) for call in calls)
        parts.append(portable_markdown.fenced_code(sanitize_for_terminal("\n".join(lines))))
    if answer.citations:
        parts.append(portable_markdown.html_to_markdown(panels.sources_panel(answer.citations)))
    parts.append(f"*{portable_markdown.escape(footer.line(answer))}*")
    return "\n\n".join(part for part in parts if part)


def make_html_portable(html: str) -> str:
    """Return the same HTML without blank lines and ``dataframe``, which other programs misread.

    No line of it is blank; and GitLab shows an output as nothing but a table of pandas if it finds the name
    of one in its first lines.
    """
    return _BLANK_LINE.sub("&#10;", html.replace("dataframe", "data&#102;rame"))


def make_scrollable_focusable(text: str) -> str:
    """Return an answer's HTML with ``tabindex`` on code and tables that will scroll sideways.

    A browser could tell exactly, but a saved output has no script to ask it.
    """
    return _SCROLLING_BOX.sub(
        lambda box: f'{box[1]} tabindex="0"{box[2]}' if _has_wide_line(box) else box[0], text
    )


def _has_wide_line(box: re.Match[str]) -> bool:
    lines = box[2].split("\n") if box[2].endswith("</code>") else box[2].replace("\n", " ").split("</tr>")
    return any(len(unescape(_TAG.sub("", line))) > _WIDE_CHARACTERS for line in lines)
