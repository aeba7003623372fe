"""``%stream compare "prompt"``: one prompt on the asynchronous and the synchronous surface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ...core.errors import UsageError
from ...parallel import sync_async, variants
from ...parallel.side_by_side import ParallelInterrupted
from ...request import options, template
from ...streaming.dry_run import dry_run_plan, preview
from ...views.columns import columns_for
from ..cell_errors import raise_for_states
from ..prepare import filled_in, options_for
from . import xray

if TYPE_CHECKING:
    from ...markdown.images import Images
    from ..state import MagicState

__all__ = ["compare"]


def compare(magics: MagicState, words: list[str]) -> None:
    """Ask twice and show how smoothly each answer came; the variable gets both."""
    names = magics.names()
    said = options.parse_words(words, lambda text: template.render_text(text, names))
    if not said.words:
        raise UsageError('compare needs a prompt: %stream compare "What is streaming?" -m MODEL')
    asked = options_for(magics, said, names)
    if variants.has_variants(asked):
        raise UsageError("compare takes one model, on both surfaces; several go below %%stream -m A -m B")
    if said.bg:
        raise UsageError("compare lasts until both answers have come: leave out --bg")
    asked = replace(asked, models=tuple(magics.aliases.get(name, name) for name in asked.models))
    filled = filled_in(" ".join(said.words), names, raw=said.raw)
    asked, text = replace(asked, replaced=filled.replaced), list(filled.parts)
    into = said.into or magics.into
    if said.dry_run:
        print(preview(dry_run_plan(text, asked)))
        return
    columns = columns_for(display=asked.display, images=cast("Images", magics.images), blocking=True)
    stopped = False
    try:
        replies = sync_async.compare(text, asked, columns)
    except ParallelInterrupted as interrupt:
        replies, stopped = interrupt.replies, True
    magics.shell.user_ns[into] = replies
    if asked.xray:
        xray.show(replies, into)
    raise_for_states(replies, into, stopped=stopped)
