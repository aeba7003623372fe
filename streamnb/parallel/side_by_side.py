"""Several streams at once, side by side: the one loop that runs them all, and ``compare``.

``run_plans`` and ``arun_plans`` step the ``StreamDriver`` of every stream, one after the other.
One step for all costs less than one loop for each, and a fault of one stream does not touch the others.
``variants`` decides which streams there are.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.reply import Reply
from ..render import comparison
from ..request.keywords import Prompt, check_prompt, hide_api_key, options_from_keywords
from ..streaming.driver import StreamDriver
from ..streaming.painter import OutputGuard
from ..streaming.plan import Plan
from ..streaming.sigint import SigintGate
from ..views.cell_result import note_shown_result
from ..views.columns import Columns, NoColumns, columns_for
from ..views.pacing import FRAMES_PER_SECOND
from .errors import ParallelInterrupted, interrupt_message
from .variants import Variant, expand_variants, plan_variants

__all__ = ["StreamGroup", "acompare", "arun_plans", "compare", "run_plans"]

PAUSE_PER_COST = (
    6.0  # pause after a step, in multiples of what the step cost: painting takes a seventh at most,
)
PAUSE_PER_STREAM_S = 0.004  # and the more streams there are the fewer steps do for the eye,
MAX_PAUSE_S = 0.065  # unless text would come too late
UNLIMITED_FRAMES_PER_SECOND = 1000.0  # frames a second of each driver: whenever there is a step


class StreamGroup:
    """Streams that are stepped together; says how long to sleep between two steps."""

    def __init__(
        self,
        plans_by_name: Mapping[str, Plan],
        variants: Mapping[str, Variant],
        columns: Columns,
        frames_per_second: float,
    ) -> None:
        self._columns, self._guard = columns, OutputGuard()
        self._labels = {name: variant.label for name, variant in variants.items()}
        self._interval = 1.0 / frames_per_second
        self._replies: dict[str, Reply] = {}
        self._closed = False
        self._drivers = {
            name: StreamDriver(
                plan,
                columns.add_column(name, self._labels[name], plan.extras.schema_name),
                UNLIMITED_FRAMES_PER_SECOND,
            )
            for name, plan in plans_by_name.items()
        }

    def open(self) -> None:
        with self._guard:
            self._columns.open()
        for driver in self._drivers.values():
            driver.open()

    @property
    def done(self) -> bool:
        return len(self._replies) == len(self._drivers)

    def step(self) -> float:
        """Step every stream that goes on and paint what is due; return the seconds to sleep."""
        began = time.perf_counter()
        for name, driver in self._drivers.items():
            if name not in self._replies:
                driver.step()
                if driver.done:
                    self._replies[name] = driver.finish()
        if self._guard.error is None:
            with self._guard:
                self._columns.flush()
        cost = time.perf_counter() - began
        going_on = len(self._drivers) - len(self._replies)
        pause = min(MAX_PAUSE_S, max(PAUSE_PER_COST * cost, PAUSE_PER_STREAM_S * going_on))
        return max(self._interval - cost, pause) if going_on else 0.0

    def finish(self) -> dict[str, Reply]:
        """Close every stream and what shows them; return all replies in order. Safe to call again."""
        with SigintGate():  # a second Ctrl-C must not cost the text of those that come last
            self._replies = {name: driver.finish() for name, driver in self._drivers.items()}
            if not self._closed:
                self._closed = True
                self._guard.close(
                    lambda: self._columns.close(comparison.answers_table(self._replies, self._labels))
                )
        return self._replies


def run_plans(
    plans_by_name: Mapping[str, Plan],
    variants: Mapping[str, Variant],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Run several plans to their ends; whatever happens to one is its reply's state.

    Parameters
    ----------
    plans_by_name
        What is streamed, by the name of the answer.
    variants
        The variant of each name, for the labels of columns.
    columns
        Shows all of them.
    frames_per_second
        How often the columns are painted at most.

    Returns
    -------
    dict[str, Reply]
        A reply for each plan, by the plan's name and in the order given.

    Raises
    ------
    ParallelInterrupted
        All were stopped by a signal. One that was stopped by its own button stops no other.
    """
    group = StreamGroup(plans_by_name, variants, columns, frames_per_second)
    with SigintGate() as gate:
        stopped = False
        try:
            with gate.open():
                group.open()
            while not group.done:
                with gate.open():
                    time.sleep(group.step())
        except KeyboardInterrupt:
            stopped = True  # what has come is kept; ``finish`` ends what still runs as interrupted
        finally:
            replies = group.finish()
        if stopped or gate.has_deferred:
            raise ParallelInterrupted(interrupt_message(replies), replies)
    return replies


async def arun_plans(
    plans_by_name: Mapping[str, Plan],
    variants: Mapping[str, Variant],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Do the same on a running event loop; cancelled, the ``CancelledError`` has ``replies``.

    Parameters
    ----------
    plans_by_name, variants, columns, frames_per_second
        As for ``run_plans``.

    Returns
    -------
    dict[str, Reply]
        A reply for each plan, by the plan's name and in the order given.
    """
    group = StreamGroup(plans_by_name, variants, columns, frames_per_second)
    try:
        group.open()
        while not group.done:
            await asyncio.sleep(group.step())
    except asyncio.CancelledError as cancelled:
        cancelled.replies = group.finish()  # type: ignore[attr-defined]
        raise
    finally:
        replies = group.finish()
    return replies


OptionSets = Sequence[Mapping[str, Any]] | Mapping[str, Any] | None


def compare(
    prompt: Prompt,
    *,
    models: Sequence[str] = (),
    options: OptionSets = None,
    **keywords: Any,
) -> dict[str, Reply]:
    """Ask several models at the same time, shown side by side, and return their answers.

    Parameters
    ----------
    prompt
        As for ``stream``.
    models
        2 to 16 names; ``"A*3"`` asks ``A`` three times.
    options
        A dict that goes to all, or a list of them: then every model is asked with each.
    **keywords
        As for ``stream``.

    Returns
    -------
    dict[str, Reply]
        By the model as it was given, ``A #2`` … for repeats, in that order.  One that failed
        is a reply with its state.

    Raises
    ------
    UsageError
        One of them cannot be sent; nothing was.
    StreamInterrupted
        They were stopped by hand; ``.replies`` is the dict, with all that had come.

    Examples
    --------
    >>> replies = compare("Hello", models=["demo:haiku*2"], speed=0, display=False)
    >>> list(replies)
    ['demo:haiku', 'demo:haiku #2']
    """
    hide_api_key(keywords)  # type: ignore[arg-type]
    # In a kernel's main thread this call keeps the kernel from hearing a page's clicks.
    blocking = threading.current_thread() is threading.main_thread()
    plans, variants, columns = _plans_and_columns(prompt, models, options, keywords, blocking=blocking)
    return _note_shown_result(columns, run_plans(plans, variants, columns))


async def acompare(
    prompt: Prompt,
    *,
    models: Sequence[str] = (),
    options: OptionSets = None,
    **keywords: Any,
) -> dict[str, Reply]:
    """Ask several models at the same time on a running event loop, shown side by side.

    Parameters
    ----------
    prompt, models, options, **keywords
        As for ``compare``.

    Returns
    -------
    dict[str, Reply]
        As from ``compare``.

    Raises
    ------
    UsageError
        One of them cannot be sent; nothing was.
    asyncio.CancelledError
        The task was cancelled; ``.replies`` is the dict, with all that had come.
    """
    hide_api_key(keywords)  # type: ignore[arg-type]
    plans, variants, columns = _plans_and_columns(prompt, models, options, keywords, blocking=False)
    return _note_shown_result(columns, await arun_plans(plans, variants, columns))


def _note_shown_result(columns: Columns, replies: dict[str, Reply]) -> dict[str, Reply]:
    if not isinstance(columns, NoColumns):
        note_shown_result(replies)
    return replies


def _plans_and_columns(
    prompt: Prompt, models: Sequence[str], options: OptionSets, keywords: dict[str, Any], *, blocking: bool
) -> tuple[dict[str, Plan], dict[str, Variant], Columns]:
    names = [models] if isinstance(models, str) else list(models)
    common, sets = (options or {}, ()) if isinstance(options, Mapping) or options is None else ({}, options)
    base = replace(options_from_keywords({**keywords, "options": common}), models=tuple(names))
    variants = expand_variants(base, sets=sets)
    plans_by_name = plan_variants(check_prompt(prompt), variants)
    return plans_by_name, variants, columns_for(display=base.display, blocking=blocking)
