"""``%%stream --each NAME``: the cell's prompt, once for each element of a variable and each model.

All is asked as ``streamnb.map`` asks it; the variable of the cell is the ``Replies``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import UsageError
from ..core.replies import Replies
from ..parallel import request_pool, variants
from ..parallel.errors import ParallelInterrupted
from ..parallel.table_requests import MAX_REQUESTS, TableRequest, TableSettings, plan_requests
from ..request import template
from ..request.each_elements import element_parts, elements_of, table_row_values
from ..request.line_parser import ParsedLine
from ..request.options import Options
from ..streaming.dry_run import make_preview_plan, request_preview
from ..views.progress import Progress, progress_for
from .cell_errors import raise_for_states

__all__ = ["EachCellRun", "prepare_each_cell_run"]


@dataclass(frozen=True, slots=True)
class EachCellRun:
    """Many requests and the variable that gets the replies.

    Attributes
    ----------
    requests
        One for each element and model, in the order of the table.
    progress
        Shows how far they are.
    variable
        The name that gets the ``Replies``.
    """

    requests: list[TableRequest]
    progress: Progress
    variable: str

    def run(self, names: MutableMapping[str, Any], frames_per_second: float) -> None:
        """Ask all, block until all have ended, keep the replies."""
        try:
            self._store_replies(
                names, request_pool.run_requests(self.requests, TableSettings(), self.progress), stopped=False
            )
        except ParallelInterrupted as interrupt:
            self._store_replies(names, interrupt.replies, stopped=True)

    async def arun(self, names: MutableMapping[str, Any], frames_per_second: float) -> None:
        """Ask all on the running event loop, await the end, keep the replies."""
        try:
            replies = await request_pool.arun_requests(self.requests, TableSettings(), self.progress)
            stopped = False
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            replies, stopped = cancelled.replies, True  # type: ignore[attr-defined]
        self._store_replies(names, replies, stopped=stopped)

    def _store_replies(self, names: MutableMapping[str, Any], replies: Replies, *, stopped: bool) -> None:
        names[self.variable] = replies
        raise_for_states(
            {str(index): reply for index, reply in enumerate(replies)}, self.variable, None, stopped=stopped
        )


def prepare_each_cell_run(
    line: ParsedLine,
    options: Options,
    cell: str,
    names: Mapping[str, Any],
    *,
    aliases: Mapping[str, str],
    into: str,
) -> EachCellRun | None:
    """Return the run of an ``--each`` cell, ``None`` for ``--dry-run``, which shows the first request.

    Parameters
    ----------
    line
        What was typed, ``--each`` among it.
    options
        The options of every request.
    cell
        The prompt, with ``{{ it }}`` in it.
    names
        The notebook's variables.
    aliases
        Short names of models.
    into
        The variable that gets the replies.

    Returns
    -------
    EachCellRun | None
        The run of all requests; ``None`` where nothing is to be waited for.

    Raises
    ------
    UsageError
        The variable has no elements, the prompt does not name them, or nothing can be sent.
    """
    name = line.each
    assert name is not None
    for flag in ("--bg", "--code", "--xray", "--raw"):
        if getattr(line, flag[2:]):
            raise UsageError(f"--each asks many times, {flag} is for one prompt: leave one of them out")
    variants.refuse_single_stream_options(options, f"--each {name}")
    elements = elements_of(name, template.look_up_name(name, names, "--each"))
    cell = cell.removesuffix("\n")
    if "it" not in template.variables_in_placeholders(cell):
        raise UsageError("--each needs {{ it }} in the prompt, or every element would be asked the same")
    models = [variant.options for variant in variants.expand_variants(options, aliases=aliases).values()]
    count = len(elements) * len(models)
    if count > MAX_REQUESTS:
        raise UsageError(
            f"--each {name}: {count:,} requests, {MAX_REQUESTS:,} are the most: take a part of it"
        )
    if line.dry_run:
        prompt = template.render_prompt(cell, {**names, "it": elements[0]}, element_parts)
        options = replace(models[0], prompt_details=prompt.details)
        preview = request_preview(make_preview_plan(list(prompt.parts), options))
        print(f"{count:,} requests; the first:\n\n{preview}")
        return None
    requests = plan_requests(_prompts_of_elements(cell, names, elements), models, TableSettings())
    return EachCellRun(requests, progress_for(display=options.display), into)


def _prompts_of_elements(
    cell: str, names: Mapping[str, Any], elements: list[Any]
) -> Iterator[tuple[list[Any] | UsageError, Mapping[str, Any]]]:
    """Yield the prompt of every element; one that cannot be filled in is that reply's error."""
    for element in elements:
        values = table_row_values(element)
        try:
            yield list(template.render_prompt(cell, {**names, "it": element}, element_parts).parts), values
        except UsageError as refused:
            yield refused, values
