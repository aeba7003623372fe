"""One question for each of many prompts: ``map``.

A few are asked at the same time, each by a ``StreamDriver`` without a view; what happens to one is no other's
affair.  A provider that asks for a pause gets it from all: no new prompt is sent before it is over.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import UsageError
from ..core.events import FAULT_STATES, Notice
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..request.keywords import checked_prompt, hide_key, options_from
from ..request.options import Options
from ..streaming.driver import StreamDriver
from ..streaming.plan import Plan, plan
from ..streaming.sigint import defer_sigint
from ..views.progress import Count, Progress, progress_for
from .side_by_side import ParallelInterrupted
from .variants import refuse_what_fits_one

__all__ = ["map"]

SECONDS_BETWEEN_LOOKS = 0.01
KEPT = ("complete", "length", "filtered", "unfinished", "capped")  # what ``resume`` does not ask again


def map(
    prompts: Iterable[Any],
    *,
    model: str | None = None,
    concurrency: int = 8,
    resume: Iterable[Reply | None] | None = None,
    **keywords: Any,
) -> Any:
    """Ask one model every prompt, several at the same time, and return the answers in order.

    Parameters
    ----------
    prompts
        Texts, or lists of parts: a list, or a pandas Series (``df["question"]``).
    model
        As for ``stream``.
    concurrency
        How many are asked at the same time, 1 to 64.
    resume
        What an earlier call returned, or the ``.replies`` of its interrupt: answers in it are
        kept, and only the others are asked.
    **keywords
        As for ``stream``.

    Returns
    -------
    list[Reply]
        One for each prompt; one that failed, or that cannot be asked, is a reply with its
        state.  For a Series, a Series with the same index.

    Raises
    ------
    UsageError
        None of the prompts can be sent.
    StreamInterrupted
        It was stopped by hand; ``.replies`` has one reply for each prompt, for ``resume``.

    Examples
    --------
    >>> replies = map(["one", "two"], model="demo:haiku", speed=0, display=False)
    >>> [reply.state for reply in replies]
    ['complete', 'complete']
    """
    hide_key(keywords)  # type: ignore[arg-type]
    if not isinstance(concurrency, int) or not 1 <= concurrency <= 64:
        raise UsageError(f"concurrency={concurrency!r} is not a whole number from 1 to 64")
    options = options_from({**keywords, "model": model})
    refuse_what_fits_one(options, "many prompts")
    rows = _rows(_listed(prompts), _kept(resume), options)
    replies = _ask(rows, concurrency, progress_for(display=options.display))
    return _like(prompts, replies)


@dataclass(slots=True)
class _Row:
    """One prompt: what there is to do, or what came of it."""

    plan: Plan | None = None
    stage: StreamDriver | None = None
    reply: Reply | None = None


def _listed(prompts: Iterable[Any]) -> list[Any]:
    if isinstance(prompts, str) or hasattr(prompts, "columns"):
        what = 'a list of prompts is needed: map(["…", "…"], …), or a column: map(df["question"], …)'
        raise UsageError(f"one {type(prompts).__name__} was given, and {what}")
    return list(prompts)


def _kept(resume: Iterable[Reply | None] | None) -> list[Reply | None]:
    """Return the answers of an earlier call that need no other."""
    earlier = [] if resume is None else list(resume)
    return [each if isinstance(each, Reply) and each.state in KEPT else None for each in earlier]


def _rows(prompts: Sequence[Any], kept: Sequence[Reply | None], options: Options) -> list[_Row]:
    """Plan every prompt that has no answer yet; raise if that is possible for none."""
    if len(kept) > len(prompts):
        raise UsageError(f"resume has {len(kept)} answers for {len(prompts)} prompts: pass the same prompts")
    rows, refusals = [], []
    for index, prompt in enumerate(prompts):
        earlier = kept[index] if index < len(kept) else None
        try:
            rows.append(_Row(reply=earlier) if earlier is not None else _Row(plan(_prompt(prompt), options)))
        except UsageError as refused:
            refusals.append(refused)
            model = options.models[0] if options.models else ""
            rows.append(_Row(reply=Reply(state="error", error=sanitize_line(str(refused)), model=model)))
    if refusals and len(refusals) == len(rows):
        raise refusals[0]
    return rows


def _prompt(value: Any) -> str | list[Any]:
    return str(value) if isinstance(value, str) else checked_prompt(value)


def _ask(rows: list[_Row], concurrency: int, progress: Progress) -> list[Reply]:
    crew = _Pool(rows, concurrency)
    stopped = False
    try:
        while not crew.done:
            crew.look()
            progress.show(crew.count)
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except KeyboardInterrupt:
        stopped = True
    finally:
        replies = crew.finish()
        progress.close(crew.count)
    if stopped:
        done = sum(reply.state in KEPT for reply in replies)
        raise ParallelInterrupted(
            f"stopped by hand with {done:,} of {len(rows):,} answered; resume=error.replies asks the others",
            replies,
        )
    return replies


class _Pool:
    """The rows under way, and those that wait for their turn."""

    def __init__(self, rows: list[_Row], concurrency: int) -> None:
        self._rows = rows
        self._waiting: Iterator[_Row] = iter([row for row in rows if row.reply is None])
        self._under_way: list[_Row] = []
        self._concurrency = concurrency
        self._all_started = False
        self._began = time.monotonic()
        self._not_before = 0.0  # when a new prompt may be sent
        ended = [row.reply for row in rows if row.reply is not None]
        self._answered, self._failed = len(ended), sum(reply.state in FAULT_STATES for reply in ended)

    @property
    def done(self) -> bool:
        return self._all_started and not self._under_way

    @property
    def count(self) -> Count:
        now = time.monotonic()
        waiting = max(0.0, self._not_before - now)
        return Count(len(self._rows), self._answered, self._failed, waiting, now - self._began)

    def look(self) -> None:
        """Step what is under way, start what may start."""
        for row in self._under_way:
            assert row.stage is not None
            for event in row.stage.step():
                if isinstance(event, Notice) and event.seconds:
                    self._not_before = max(self._not_before, time.monotonic() + event.seconds)
            if row.stage.done:
                row.reply = row.stage.finish()
                self._answered += 1
                self._failed += row.reply.state in FAULT_STATES
        self._under_way = [row for row in self._under_way if row.reply is None]
        while len(self._under_way) < self._concurrency and time.monotonic() >= self._not_before:
            fresh = next(self._waiting, None)
            if fresh is None:
                self._all_started = True
                break
            assert fresh.plan is not None
            fresh.stage = StreamDriver(fresh.plan, None)
            self._under_way.append(fresh)

    def finish(self) -> list[Reply]:
        """End what is under way; return a reply for each row."""
        with defer_sigint():  # a second Ctrl-C must not cost what has come
            return [self._reply(row) for row in self._rows]

    def _reply(self, row: _Row) -> Reply:
        if row.reply is None and row.stage is not None:
            row.reply = row.stage.finish()
        if row.reply is not None:
            return row.reply
        model = row.plan.model_spec if row.plan is not None else ""
        return Reply(state="interrupted", error="not asked yet", model=model)


def _like(prompts: Any, replies: list[Reply]) -> Any:
    """Return the replies as what the prompts came in: a Series keeps its index."""
    kind = type(prompts)
    if kind.__module__.partition(".")[0] == "pandas" and hasattr(prompts, "index"):
        return kind(replies, index=prompts.index, name=prompts.name, dtype=object)
    return replies
