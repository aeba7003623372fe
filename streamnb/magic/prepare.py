"""From the line and the text of a cell to something that can be streamed; nothing is sent here.

In this order: the line is read and its names are looked up, the prompt is filled in, a plan is
made, a view is chosen.  What cannot be sent is refused in one line and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..core.content import Text
from ..core.errors import UsageError
from ..parallel import variants
from ..request import options, template
from ..request.environment import key_from_env
from ..storage import journal
from ..streaming.dry_run import dry_run_plan, preview
from ..streaming.plan import Plan, plan
from ..views.base import View
from ..views.choose import view_for
from ..views.columns import columns_for
from ..views.current_cell import current_cell
from .cell_run import CellRun, ParallelCellRun
from .each import EachCellRun, each_cell_run
from .state import HELP

if TYPE_CHECKING:
    from ..markdown.images import Images
    from .state import MagicState

__all__ = ["cell_run_for", "filled_in", "options_for", "prepare", "view_of"]


def prepare(
    magics: MagicState, line: str, cell: str, *, blocking: bool
) -> CellRun | ParallelCellRun | EachCellRun | None:
    """Check line and cell; return what can be run, ``None`` for ``--help`` and ``--dry-run``."""
    names = magics.names()
    said = options.parse_line(line, lambda text: template.render_text(text, names))
    if said.help:
        print(HELP)
        return None
    if said.each:
        options_ = options_for(magics, said, names)
        return each_cell_run(
            said, options_, cell, names, aliases=magics.aliases, into=said.into or magics.into
        )
    filled = filled_in(cell, names, raw=said.raw)
    asked = replace(options_for(magics, said, names), replaced=filled.replaced)
    if variants.has_variants(asked):
        return _parallel_cell_run(magics, said, asked, filled, blocking=blocking)
    asked = replace(asked, models=tuple(magics.aliases.get(name, name) for name in asked.models))
    planned = (dry_run_plan if said.dry_run else plan)(list(filled.parts), asked, cell_run=current_cell())
    if said.dry_run:
        print(preview(planned))
        return None
    view = view_of(magics, planned, blocking=blocking and not said.bg)
    return CellRun(planned, view, said.into or magics.into, background=said.bg)


def cell_run_for(magics: MagicState, planned: Plan, into: str) -> CellRun:
    """Return the order of a ``%stream`` command, which blocks its cell."""
    return CellRun(planned, view_of(magics, planned, blocking=True), into)


def view_of(magics: MagicState, planned: Plan, *, blocking: bool) -> View:
    """Return the view of a plan, as the defaults want it."""
    return view_for(
        planned.model_spec,
        display=planned.options.display,
        images=cast("Images", magics.images),
        blocking=blocking,
        schema=planned.extras.schema_name,
    )


def _parallel_cell_run(
    magics: MagicState,
    said: options.ParsedLine,
    asked: options.Options,
    filled: template.RenderedPrompt,
    *,
    blocking: bool,
) -> ParallelCellRun | None:
    """Return what is to be waited for where several models were named."""
    if said.bg:
        raise UsageError("--bg runs one stream: leave it out, or name one model")
    each = variants.expand(asked, aliases=magics.aliases)
    planned = variants.plans(
        list(filled.parts), each, current_cell(), make=dry_run_plan if said.dry_run else plan
    )
    if said.dry_run:
        print("\n\n".join(preview(each) for each in planned.values()))
        return None
    images = cast("Images", magics.images)
    columns = columns_for(display=asked.display, images=images, blocking=blocking)
    return ParallelCellRun(planned, each, columns, said.into or magics.into)


def options_for(magics: MagicState, said: options.ParsedLine, names: Mapping[str, Any]) -> options.Options:
    """Return the options of a line, its names looked up, with what the defaults say."""
    attached = [part for expression in said.attach for part in template.attach_expression(expression, names)]
    return said.options(
        attach=tuple(attached),
        tools=tuple(template.look_up(name, names, "--tool") for name in said.tool),
        schema=said.schema and template.look_up(said.schema, names, "--schema"),
        api_key=key_from_env(said.key_env, needed=not said.dry_run),
        **_settings(magics, said),
    )


def filled_in(cell: str, names: Mapping[str, Any], *, raw: bool) -> template.RenderedPrompt:
    """Return the prompt of a cell: as typed, without the one line feed that IPython adds."""
    cell = cell.removesuffix("\n")
    return template.RenderedPrompt((Text(cell),)) if raw else template.render_prompt(cell, names)


def _settings(magics: MagicState, said: options.ParsedLine) -> dict[str, Any]:
    """Return the options that come from the defaults and not from the line."""
    return {
        "models": () if said.replay else (magics.default_model(),),
        "timeout": magics.timeout,
        "retries": magics.retries,
        "max_text": magics.max_text,
        "max_line": magics.max_line,
        "journal": journal.folder() if magics.journal else None,
        "cassette": Path(magics.cassette).expanduser() if magics.cassette else None,
        "cassette_since": magics.anew_since,
    }
