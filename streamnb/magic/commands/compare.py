"""``%stream compare "prompt"``: one prompt through the SDK's asynchronous and its synchronous client."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ...core.errors import UsageError
from ...parallel import sync_async
from ...parallel.errors import ParallelInterrupted
from ...request import line_parser, options, template
from ...streaming.dry_run import make_preview_plan, request_preview
from ...views.columns import columns_for
from ..cell_errors import raise_for_states
from ..prepare import options_for_line, render_cell_prompt
from ..xray import show_xray_of_answer

if TYPE_CHECKING:
    from ...markdown.images import ImagePolicy

from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Ask twice and show how smoothly each answer came; the variable gets both.

    Raises
    ------
    UsageError
        There is no prompt, or an option that two streams cannot have.
    """
    names = magics.notebook_variables()
    line = line_parser.parse_args(args, lambda text: template.render_option_value(text, names))
    if not line.positionals:
        raise UsageError('compare needs a prompt: %stream compare "What is streaming?" -m MODEL')
    options_ = options_for_line(magics, line, names)
    if options.has_variants(options_):
        raise UsageError(
            "compare asks one model, through both clients of its SDK; several models: %%stream -m A -m B"
        )
    if line.bg:
        raise UsageError("compare lasts until both answers have come: leave out --bg")
    options_ = options.resolve_aliases(options_, magics.aliases)
    prompt = render_cell_prompt(" ".join(line.positionals), names, raw=line.raw)
    options_, text = replace(options_, prompt_details=prompt.details, sent=prompt.sent), list(prompt.parts)
    into = line.into or magics.into
    if line.dry_run:
        print(request_preview(make_preview_plan(text, options_)))
        return
    columns = columns_for(display=options_.display, images=cast("ImagePolicy", magics.images), blocking=True)
    stopped = False
    try:
        replies = sync_async.compare_sync_async(text, options_, columns)
    except ParallelInterrupted as interrupt:
        replies, stopped = interrupt.replies, True
    magics.shell.user_ns[into] = replies
    if options_.xray:
        show_xray_of_answer(replies, into)
    raise_for_states(replies, into, columns, stopped=stopped)
