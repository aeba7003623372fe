"""From the line and the text of a cell to something that can be streamed; nothing is sent here.

In this order: the line is read and its names are looked up, the prompt is filled in, a plan is
made, a view is chosen.  What cannot be sent is refused in one line and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..asking import options, prompt
from ..asking.environment import key_named
from ..asking.place import here
from ..asking.preview import preview, rehearsal
from ..display.base import View
from ..display.choose import view_for
from ..display.columns import columns_for
from ..errors import UsageError
from ..keeping import journal
from ..keeping.cassette import Cassette
from ..parts import Text
from ..several import lanes
from ..streaming.plan import Plan, plan
from .about import HELP
from .orders import Order, Orders

if TYPE_CHECKING:
    from ..markdown.images import Images
    from .magics import StreamMagics

__all__ = ["HELP", "asked_of", "begin", "filled_in", "order_of", "view_of"]


def begin(magics: StreamMagics, line: str, cell: str, *, blocking: bool) -> Order | Orders | None:
    """Check line and cell; return what can be run, ``None`` for ``--help`` and ``--dry-run``."""
    names = magics.names()
    said = options.read(line, lambda text: prompt.fill_text(text, names))
    if said.help:
        print(HELP)
        return None
    filled = filled_in(cell, names, raw=said.raw)
    asked = replace(asked_of(magics, said, names), replaced=filled.replaced)
    if lanes.is_several(asked):
        return _orders(magics, said, asked, filled, blocking=blocking)
    asked = replace(asked, models=tuple(magics.aliases.get(name, name) for name in asked.models))
    planned = (rehearsal if said.dry_run else plan)(list(filled.parts), asked, place=here())
    if said.dry_run:
        print(preview(planned))
        return None
    view = view_of(magics, planned, blocking=blocking and not said.bg)
    return Order(planned, view, said.into or magics.into, background=said.bg)


def order_of(magics: StreamMagics, planned: Plan, into: str) -> Order:
    """Return the order of a ``%stream`` command, which blocks its cell."""
    return Order(planned, view_of(magics, planned, blocking=True), into)


def view_of(magics: StreamMagics, planned: Plan, *, blocking: bool) -> View:
    """Return the view of a plan, as the defaults want it."""
    return view_for(
        planned.spec,
        display=planned.options.display,
        images=cast("Images", magics.images),
        blocking=blocking,
        schema=planned.extras.schema_name,
    )


def _orders(
    magics: StreamMagics,
    said: options.Line,
    asked: options.Options,
    filled: prompt.Filled,
    *,
    blocking: bool,
) -> Orders | None:
    """Return what is to be waited for where several models were named."""
    if said.bg:
        raise UsageError("--bg runs one stream: leave it out, or name one model")
    each = lanes.spread(asked, aliases=magics.aliases)
    planned = lanes.plans(list(filled.parts), each, here(), make=rehearsal if said.dry_run else plan)
    if said.dry_run:
        print("\n\n".join(preview(each) for each in planned.values()))
        return None
    images = cast("Images", magics.images)
    columns = columns_for(display=asked.display, images=images, blocking=blocking)
    return Orders(planned, each, columns, said.into or magics.into)


def asked_of(magics: StreamMagics, said: options.Line, names: Mapping[str, Any]) -> options.Options:
    """Return the options of a line, its names looked up, with what the defaults say."""
    attached = [part for expression in said.attach for part in prompt.attached(expression, names)]
    return said.options(
        attach=tuple(attached),
        tools=tuple(prompt.look_up(name, names, "--tool") for name in said.tool),
        schema=said.schema and prompt.look_up(said.schema, names, "--schema"),
        api_key=key_named(said.key_env, needed=not said.dry_run),
        **_settings(magics, said),
    )


def filled_in(cell: str, names: Mapping[str, Any], *, raw: bool) -> prompt.Filled:
    """Return the prompt of a cell: as typed, without the one line feed that IPython adds."""
    cell = cell.removesuffix("\n")
    return prompt.Filled((Text(cell),)) if raw else prompt.fill(cell, names)


def _settings(magics: StreamMagics, said: options.Line) -> dict[str, Any]:
    """Return the options that come from the defaults and not from the line."""
    cassette = (
        Cassette(Path(magics.cassette).expanduser(), since=magics.anew_since) if magics.cassette else None
    )
    return {
        "models": () if said.replay else (magics.default_model(),),
        "timeout": magics.timeout,
        "retries": magics.retries,
        "max_text": magics.max_text,
        "max_line": magics.max_line,
        "journal": journal.folder() if magics.journal else None,
        "cassette": cassette,
    }
