"""The requests of a table: one for each prompt and model, all checked before the first is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.content import Blob, Part, Text
from ..core.errors import UsageError
from ..core.replies import ANSWERED_STATES
from ..core.reply import Reply
from ..core.table_row import TableRow
from ..core.text import sanitize_line
from ..render.replies_table import LiveRow
from ..request.options import Options
from ..request.template import prompt_parts
from ..streaming.plan import Plan
from ..streaming.planner import make_plan

__all__ = [
    "DEFAULT_CONCURRENCY",
    "MAX_REQUESTS",
    "Score",
    "TableRequest",
    "TableSettings",
    "check_request_count",
    "plan_requests",
]

MAX_REQUESTS = 10_000
DEFAULT_CONCURRENCY = 8  # requests under way at a time, for each provider
MAX_CONCURRENCY = 64

Score = Callable[[Reply], Any]


@dataclass(frozen=True, slots=True)
class TableSettings:
    """How a table is asked and scored.

    Attributes
    ----------
    concurrency
        How many requests are under way at a time, for each provider.
    score
        A function of a reply, whose value becomes a column; ``None`` without.
    resume
        The replies of an earlier call, in the order of the requests: what they answer is not asked again.
    max_requests
        The most requests that may be sent, ``None`` for ``MAX_REQUESTS``.
    """

    concurrency: int = DEFAULT_CONCURRENCY
    score: Score | None = None
    resume: Sequence[Reply | None] = ()
    max_requests: int | None = None

    @property
    def effective_max_requests(self) -> int:
        """The most requests that may be sent."""
        return MAX_REQUESTS if self.max_requests is None else self.max_requests

    def check(self) -> None:
        """Refuse settings that are out of bounds, before anything is sent.

        Raises
        ------
        UsageError
            A number is out of its bounds, or ``score`` is no plain function.
        """
        if not isinstance(self.concurrency, int) or not 1 <= self.concurrency <= MAX_CONCURRENCY:
            raise UsageError(
                f"concurrency={self.concurrency!r} is not a whole number from 1 to {MAX_CONCURRENCY}"
            )
        if self.score is not None and not callable(self.score):
            raise UsageError(
                f"score= is a function of a reply, for example score=len, not {type(self.score).__name__}"
            )
        if asyncio.iscoroutinefunction(self.score):
            raise UsageError("score= is a plain function of a reply: one that is async is never awaited here")
        if self.max_requests is not None and (
            not isinstance(self.max_requests, int) or self.max_requests < 1
        ):
            raise UsageError(f"limit={self.max_requests!r} is not a whole number from 1 on")


@dataclass(slots=True, eq=False)
class TableRequest:
    """One request of a table: what there is to do, or what came of it.

    Attributes
    ----------
    row
        What it is asked with, for the table.
    model
        The model as it was typed.
    plan
        ``None`` where it cannot be sent, or was answered in an earlier call.
    reply
        ``None`` until it is answered.
    paused
        Whether it waits because its provider asked for that.
    live_row
        What the table shows of it meanwhile.
    """

    row: TableRow
    model: str
    plan: Plan | None = None
    reply: Reply | None = None
    paused: bool = False
    live_row: LiveRow = field(default_factory=LiveRow)


def check_request_count(requests: int, settings: TableSettings) -> None:
    """Refuse more requests than were allowed.

    Raises
    ------
    UsageError
        There are more than ``limit``.
    """
    if requests > settings.effective_max_requests:
        raise UsageError(
            f"more than {settings.effective_max_requests:,} requests: "
            f"limit={max(requests, 2 * settings.effective_max_requests)} would allow it"
        )


def plan_requests(
    prompts: Iterable[tuple[str | list[Any] | UsageError, Mapping[str, Any]]],
    variants: Sequence[Options],
    settings: TableSettings,
) -> list[TableRequest]:
    """Plan a request for each prompt and each of ``variants``; answers of an earlier call stay.

    Parameters
    ----------
    prompts
        Each with the values that filled it in; a refusal in the place of a prompt becomes its reply.
    variants
        The options of each model.
    settings
        Those of the call; ``resume`` has the answers that stay.

    Returns
    -------
    list[TableRequest]
        The requests, prompt by prompt and, within one, in the order of the variants.

    Raises
    ------
    UsageError
        None of them can be sent, or ``resume`` belongs to other requests.
    """
    requests: list[TableRequest] = []
    refusals: list[UsageError] = []
    for prompt, values in prompts:
        for options in variants:
            model = options.models[0] if options.models else ""
            text = "" if isinstance(prompt, UsageError) else _prompt_text(prompt)
            request = TableRequest(TableRow(text, dict(values)), model)
            requests.append(request)
            request.reply = _earlier_reply(request, len(requests) - 1, settings.resume)
            if request.reply is not None:
                continue
            try:
                if isinstance(prompt, UsageError):
                    raise prompt
                request.plan = make_plan(prompt, options)
                request.model = request.plan.model_spec
            except UsageError as refused:
                refusals.append(refused)
                request.reply = Reply(state="error", error=sanitize_line(str(refused)), model=model)
    if len(settings.resume) > len(requests):
        raise UsageError(
            f"resume has {len(settings.resume)} answers for {len(requests)} prompts: pass the same prompts"
        )
    if refusals and len(refusals) == len(requests):
        raise refusals[0]
    return requests


def _earlier_reply(request: TableRequest, index: int, resume: Sequence[Reply | None]) -> Reply | None:
    """Return the answer of an earlier call to this request, if it needs no other."""
    earlier = resume[index] if index < len(resume) else None
    if not isinstance(earlier, Reply) or earlier.state not in ANSWERED_STATES:
        return None
    if earlier.row is not None and (earlier.row.prompt, earlier.model) != (request.row.prompt, request.model):
        raise UsageError(
            f"resume: answer {index} is {earlier.model}'s to {sanitize_line(earlier.row.prompt, 40)!r}: "
            "pass the same prompts and models, in the same order"
        )
    return earlier


def _prompt_text(prompt: str | list[Any]) -> str:
    """Return a prompt as text, a part that is none by what it is."""
    if isinstance(prompt, str):
        return str(prompt)
    try:
        return " ".join(map(_prompt_part_text, prompt_parts(prompt)))
    except UsageError as refused:  # planning it says so once more
        return f"[{refused}]"


def _prompt_part_text(part: Part) -> str:
    if isinstance(part, Text):
        return part.text
    return (
        f"[{part.name or part.mime_type}]" if isinstance(part, Blob) else f"[{type(part).__name__.lower()}]"
    )
