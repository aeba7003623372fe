"""Preparation of a cell run from the line and the text of a cell; nothing is sent here.

In this order: the line is read and its names are looked up, the prompt is rendered, a plan is
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
from ..request import line_parser, options, template
from ..request.environment import key_from_named_variable, speed_from_env
from ..storage import journal
from ..streaming.dry_run import make_preview_plan, request_preview
from ..streaming.plan import Plan
from ..streaming.planner import make_plan
from ..views.base import View
from ..views.choose import view_for
from ..views.columns import columns_for
from ..views.current_cell import current_cell
from .cell_run import CellRun, ParallelCellRun
from .code_cell import CodeInserter
from .command_table import COMMANDS
from .each import EachCellRun, prepare_each_cell_run
from .notebook_context import FIX_PROMPT, context_for_line
from .state import HELP, MagicState

if TYPE_CHECKING:
    from ..markdown.images import ImagePolicy

__all__ = ["cell_run_for_plan", "options_for_line", "prepare_cell_run", "render_cell_prompt", "view_of_plan"]


def prepare_cell_run(
    magics: MagicState, line: str, cell: str, *, blocking: bool
) -> CellRun | ParallelCellRun | EachCellRun | None:
    """Check line and cell; return what can be run, ``None`` for ``--help`` and ``--dry-run``.

    Parameters
    ----------
    magics
        The defaults and the notebook's names.
    line
        What stands behind ``%%stream``.
    cell
        The text below it.
    blocking
        Whether the cell blocks until the stream has ended, and does not await it.

    Returns
    -------
    CellRun | ParallelCellRun | EachCellRun | None
        One stream, several side by side, or one for each element; ``None`` where nothing is asked.

    Raises
    ------
    UsageError
        What was typed cannot be sent.
    """
    names = magics.notebook_variables()
    if (word := next(iter(line.split()), "")) in COMMANDS and word not in magics.aliases:
        raise UsageError(
            f"{word} is a command: type %stream {word}, with one %; a model of that name: -m {word}"
        )
    line_ = line_parser.parse_line(line, lambda text: template.render_option_value(text, names))
    if line_.help:
        print(HELP)
        return None
    if line_.each:
        options_ = options_for_line(magics, line_, names)
        return prepare_each_cell_run(
            line_, options_, cell, names, aliases=magics.aliases, into=line_.into or magics.into
        )
    if line_.error and not cell.strip():
        cell = FIX_PROMPT
    prompt = render_cell_prompt(cell, names, raw=line_.raw)
    options_ = options_for_line(magics, line_, names)
    options_ = replace(options_, prompt_details=prompt.details, sent=prompt.sent)
    if options.has_variants(options_):
        return _parallel_cell_run(magics, line_, options_, prompt, blocking=blocking)
    options_ = options.resolve_aliases(options_, magics.aliases)
    if line_.dry_run:
        print(request_preview(make_preview_plan(list(prompt.parts), options_, cell_run_id=current_cell())))
        return None
    plan_ = make_plan(list(prompt.parts), options_, cell_run_id=current_cell())
    view = view_of_plan(magics, plan_, blocking=blocking and not line_.bg)
    into = line_.into or magics.into
    code_inserter = CodeInserter.below_current_cell(magics, into, background=line_.bg) if line_.code else None
    if code_inserter is not None and line_.bg and not code_inserter.may_reach_page:
        # Said by this cell: when the answer has ended, a runner of notebooks listens to it no more.
        code_inserter.print_code_hint("--code")
        code_inserter = None
    return CellRun(plan_, view, into, background=line_.bg, code_inserter=code_inserter)


def cell_run_for_plan(magics: MagicState, plan_: Plan, into: str) -> CellRun:
    """Return the run of a plan for a ``%stream`` command, which blocks its cell.

    Parameters
    ----------
    magics
        The defaults of the view.
    plan_
        What is streamed.
    into
        The variable that gets the reply.

    Returns
    -------
    CellRun
        The run of the plan, with the view that the defaults want.
    """
    return CellRun(plan_, view_of_plan(magics, plan_, blocking=True), into)


def view_of_plan(magics: MagicState, plan_: Plan, *, blocking: bool) -> View:
    """Return the view of a plan, as the defaults want it.

    Parameters
    ----------
    magics
        The defaults of the view.
    plan_
        What will be shown.
    blocking
        Whether the cell blocks until the stream has ended.

    Returns
    -------
    View
        The view, which nothing has been shown in.
    """
    return view_for(
        plan_.model_spec,
        display=plan_.options.display,
        images=cast("ImagePolicy", magics.images),
        blocking=blocking,
        schema=plan_.extras.schema_name,
        plain=plan_.options.plain,
    )


def _parallel_cell_run(
    magics: MagicState,
    line_: line_parser.ParsedLine,
    options_: options.Options,
    prompt: template.RenderedPrompt,
    *,
    blocking: bool,
) -> ParallelCellRun | None:
    """Return the run of several models side by side, ``None`` for ``--dry-run``."""
    if line_.bg:
        raise UsageError("--bg runs one stream: leave it out, or name one model")
    variants_ = variants.expand_variants(options_, aliases=magics.aliases)
    plan_ = variants.plan_variants(
        list(prompt.parts), variants_, current_cell(), make=make_preview_plan if line_.dry_run else make_plan
    )
    if line_.dry_run:
        print("\n\n".join(request_preview(variants_) for variants_ in plan_.values()))
        return None
    images = cast("ImagePolicy", magics.images)
    columns = columns_for(display=options_.display, images=images, blocking=blocking, plain=options_.plain)
    into = line_.into or magics.into
    return ParallelCellRun(
        plan_, variants_, columns, into, CodeInserter.below_current_cell(magics, into) if line_.code else None
    )


def options_for_line(
    magics: MagicState, line_: line_parser.ParsedLine, names: Mapping[str, Any]
) -> options.Options:
    """Return the options of a line, its names looked up, with what the defaults say.

    Parameters
    ----------
    magics
        The defaults.
    line_
        The options as typed.
    names
        The notebook's variables, in which attachments, tools and schema are looked up.

    Returns
    -------
    options.Options
        The options, each checked by itself.
    """
    parts = [
        part for expression in line_.attach for part in template.parts_of_attach_expression(expression, names)
    ]
    return line_.to_options(
        attach=tuple(parts),
        tools=tuple(template.look_up_name(name, names, "--tool") for name in line_.tool),
        schema=line_.schema and template.look_up_name(line_.schema, names, "--schema"),
        api_key=key_from_named_variable(line_.key_env, needed=not line_.dry_run),
        context=context_for_line(magics, line_, names),
        **_options_from_defaults(magics, line_),
    )


def render_cell_prompt(cell: str, names: Mapping[str, Any], *, raw: bool) -> template.RenderedPrompt:
    """Return the prompt of a cell: as typed, without the one line feed that IPython adds.

    Parameters
    ----------
    cell
        The text below the ``%%stream`` line.
    names
        The notebook's variables.
    raw
        Whether ``{{ }}`` stays as typed.

    Returns
    -------
    template.RenderedPrompt
        The parts of the prompt, and what was filled in for which name.
    """
    cell = cell.removesuffix("\n")
    return template.RenderedPrompt((Text(cell),)) if raw else template.render_prompt(cell, names)


def _options_from_defaults(magics: MagicState, line_: line_parser.ParsedLine) -> dict[str, Any]:
    """Return the options that come from the defaults and not from the line."""
    return {
        "models": () if line_.replay else (magics.default_model(),),
        "system": magics.system or None,
        "speed": speed_from_env() if magics.speed is None else magics.speed,
        "timeout": magics.timeout,
        "retries": magics.retries,
        "max_text": magics.max_text,
        "max_line": magics.max_line,
        "journal": journal.journal_folder() if magics.journal else None,
        "cassette": Path(magics.cassette).expanduser() if magics.cassette else None,
        "cassette_since": magics.cassette_since,
    }
