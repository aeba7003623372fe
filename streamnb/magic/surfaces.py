"""``%stream compare "prompt"``: one prompt on the asynchronous and the synchronous surface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ..asking import options, prompt
from ..display.columns import columns_for
from ..errors import StreamInterrupted, UsageError
from ..several import lanes, surfaces
from .begin import asked_of
from .endings import Stopped

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
    asked = replace(asked, models=tuple(magics.aliases.get(name, name) for name in asked.models))
    columns = columns_for(display=asked.display, images=cast("Images", magics.images), blocking=True)
    try:
        replies = surfaces.compare(" ".join(said.words), asked, columns)
    except StreamInterrupted as stopped:
        raise Stopped("Interrupted: nothing more was asked", stopped.reply) from None
    magics.shell.user_ns[said.into or magics.into] = replies
