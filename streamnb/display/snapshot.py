"""The static bundle: what an output holds once a stream has ended, and what a reply shows of itself.

``text/html`` is safe by itself (no script, no request, nothing that reaches out of its box) and brings
its look as inline styles; ``text/plain`` is the source and the footer.  Pure: a reply goes in, text
comes out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from html import unescape
from typing import Any, Protocol

from .. import footer
from ..events import Citation, Image
from . import asides
from .controls import harmless
from .looks import inlined

__all__ = ["Answer", "Bundle", "bundle", "plain"]

_WIDE = 60  # characters in a line of code or a row of a table: one that has more scrolls in a narrow window
_BOX = re.compile(r"(<pre\b[^>]*><code|<table)(.*?</(?:code|table)>)", re.DOTALL)
_TAG = re.compile(r"^[^<]*>|<[^>]*>")


@dataclass(frozen=True, slots=True)
class Bundle:
    """MIME data and metadata of one output."""

    data: dict[str, Any]
    metadata: dict[str, Any]


class Answer(footer.Answer, Protocol):
    """What a snapshot shows: what a footer does, and what stands above it; ``reply.Reply`` has it."""

    @property
    def text(self) -> str: ...
    @property
    def reasoning(self) -> str: ...
    @property
    def tool_calls(self) -> Sequence[asides.Call]: ...
    @property
    def steps(self) -> Sequence[asides.Call]: ...
    @property
    def citations(self) -> Sequence[Citation]: ...
    @property
    def images(self) -> Sequence[Image]: ...
    @property
    def schema(self) -> str | None: ...
    @property
    def details(self) -> Sequence[str]: ...


def plain(answer: Answer) -> str:
    """Return the source and the footer as text that is harmless in a terminal."""
    return harmless("\n\n".join(part for part in (answer.text, footer.line(answer)) if part))


def bundle(answer: Answer) -> Bundle:
    """Return the bundle of an answer that has ended."""
    return Bundle(
        data={"text/html": _html(answer), "text/plain": plain(answer)},
        metadata={"streamnb": about(answer)},
    )


def about(answer: Answer) -> dict[str, Any]:
    """Return the facts about an answer that its output's metadata keeps, but not each gap."""
    timing = {part.name: getattr(answer.timing, part.name) for part in fields(answer.timing)}
    del timing["gaps"]
    return {
        "model": answer.model,
        "state": answer.state,
        "finish_reason": answer.finish_reason,
        "usage": asdict(answer.usage),
        "timing": timing,
    }


def closing(answer: Answer) -> str:
    """Return the content of the footer, without its box."""
    return asides.foot(footer.line(answer), answer.state, answer.details)


def _html(answer: Answer) -> str:
    # Here and not above: a parser, a highlighter and a sanitiser are not needed before something is shown.
    from ..markdown import render
    from ..markdown.safety import check

    structured = asides.structured(answer.text) if answer.schema else ""
    source = "" if structured else answer.text
    text = inlined(_reachable(check(render(source, maths="tex"))), tags_of="snb-answer")
    before = inlined(asides.reasoning(answer.reasoning))
    after = inlined(
        structured
        + "".join(asides.pictures(answer.images))
        + asides.steps(answer.steps)
        + asides.calls(answer.tool_calls)
        + asides.sources(answer.citations)
    )
    foot = inlined(f'<div class="snb-footer">{closing(answer)}</div>')
    root = inlined('<div class="streamnb mathjax_ignore tex2jax_ignore">')
    # The boxes are those of the live view, so that nothing moves when it gives way.
    return f'{root}{before}<div class="snb-answer">{text}</div>{after}{foot}</div>'


def _reachable(text: str) -> str:
    """Return an answer's HTML with what will scroll sideways made a stop for the keyboard.

    A browser could tell exactly, but a saved output has no script to ask it.
    """
    return _BOX.sub(lambda box: f'{box[1]} tabindex="0"{box[2]}' if _is_wide(box) else box[0], text)


def _is_wide(box: re.Match[str]) -> bool:
    lines = box[2].split("\n") if box[2].endswith("</code>") else box[2].replace("\n", " ").split("</tr>")
    return any(len(unescape(_TAG.sub("", line))) > _WIDE for line in lines)
