"""``%stream compare "prompt"``: one prompt on the asynchronous and the synchronous surface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..asking import options, prompt
from ..asking.preview import preview, rehearsal
from ..display.columns import columns_for
from ..errors import UsageError
from ..several import lanes, surfaces
from ..several.many import Interrupted
from . import inside
from .begin import asked_of, filled_in
from .endings import settle_all

if TYPE_CHECKING:
    from ..markdown.images import Images
    from .magics import StreamMagics

__all__ = ["compare"]


def compare(magics: StreamMagics, words: list[str]) -> None:
    """Ask twice and show how smoothly each answer came; the variable gets both."""
    names = magics.names()
    said = options.told_apart(words, lambda text: prompt.fill_text(text, names))
    if not said.words:
        raise UsageError('compare needs a prompt: %stream compare "What is streaming?" -m MODEL')
    asked = asked_of(magics, said, names)
    if lanes.is_several(asked):
        raise UsageError("compare takes one model, on both surfaces; several go below %%stream -m A -m B")
    if said.bg:
        raise UsageError("compare lasts until both answers have come: leave out --bg")
    asked = replace(asked, models=tuple(magics.aliases.get(name, name) for name in asked.models))
    filled = filled_in(" ".join(said.words), names, raw=said.raw)
    asked, text = replace(asked, replaced=filled.replaced), list(filled.parts)
    into = said.into or magics.into
    if said.dry_run:
        print(preview(rehearsal(text, asked)))
        return
    columns = columns_for(display=asked.display, images=cast("Images", magics.images), blocking=True)
    stopped = False
    try:
        replies = surfaces.compare(text, asked, columns)
    except Interrupted as interrupt:
        replies, stopped = interrupt.replies, True
    magics.shell.user_ns[into] = replies
    if asked.xray:
        inside.show(replies, into)
    settle_all(replies, into, stopped=stopped)
