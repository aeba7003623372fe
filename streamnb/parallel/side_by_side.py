"""Several streams at once, side by side: the one loop that runs them all, and ``compare``.

``run_plans`` and ``arun_plans`` step the ``StreamDriver`` of every stream in one tick after the other.
One tick for all costs less than as many loops as there are streams, and whatever happens to one is no
other's affair. Who takes part is ``variants``'.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.errors import StreamInterrupted
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..render import comparison
from ..request.keywords import Prompt, checked_prompt, hide_key, options_from
from ..streaming.driver import FRAMES_PER_SECOND, StreamDriver
from ..streaming.plan import Plan
from ..streaming.sigint import defer_sigint
from ..views.columns import Columns, columns_for
from .variants import Variant, expand, plans

__all__ = ["ParallelInterrupted", "acompare", "arun_plans", "compare", "run_plans"]

REST = 6.0  # pause after a beat, in multiples of what the beat cost: painting takes a seventh at most,
PAUSE_PER_STREAM = 0.004  # seconds, and the more streams there are the fewer beats do for the eye,
LONGEST_PAUSE = 0.065  # seconds, unless text would come too late
AS_DUE = 1000.0  # frames a second of each stage: whenever there is a beat


class ParallelInterrupted(StreamInterrupted):
    """Several streams were stopped by hand; ``replies`` has all of them, with what had come."""

    def __init__(self, message: str, replies: Any) -> None:
        stopped = list(replies.values() if isinstance(replies, Mapping) else replies)
        super().__init__(message, next((each for each in stopped if each.state == "interrupted"), Reply()))
        self.replies = replies


class _Group:
    """Streams that are stepped together; says how long to sleep between two beats."""

    def __init__(
        self,
        planned: Mapping[str, Plan],
        lanes: Mapping[str, Variant],
        columns: Columns,
        frames_per_second: float,
    ) -> None:
        self._columns = columns
        self._varied = {name: lane.label for name, lane in lanes.items()}
        self._interval = 1.0 / frames_per_second
        self._replies: dict[str, Reply] = {}
        self._closed = False
        self._stages = {
            name: StreamDriver(one, columns.column(name, self._varied[name], one.extras.schema_name), AS_DUE)
            for name, one in planned.items()
        }

    def open(self) -> None:
        self._columns.open()
        for stage in self._stages.values():
            stage.open()

    @property
    def done(self) -> bool:
        return len(self._replies) == len(self._stages)

    def tick(self) -> float:
        """Step every stream that goes on and paint what is due; return the seconds to sleep."""
        began = time.perf_counter()
        for name, stage in self._stages.items():
            if name not in self._replies:
                stage.step()
                if stage.done:
                    self._replies[name] = stage.finish()
        self._columns.tick()
        cost = time.perf_counter() - began
        going_on = len(self._stages) - len(self._replies)
        rest = min(LONGEST_PAUSE, max(REST * cost, PAUSE_PER_STREAM * going_on))
        return max(self._interval - cost, rest) if going_on else 0.0

    def finish(self) -> dict[str, Reply]:
        """Close every stream and what shows them; return all replies in order. Safe to call again."""
        with defer_sigint():  # a second Ctrl-C must not cost the text of those that come last
            self._replies = {name: stage.finish() for name, stage in self._stages.items()}
            if not self._closed:
                self._closed = True
                self._columns.close(comparison.answers(self._replies, self._varied))
        return self._replies


def run_plans(
    planned: Mapping[str, Plan],
    lanes: Mapping[str, Variant],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Run several plans to their ends; whatever happens to one is its reply's state.

    Raises
    ------
    Interrupted
        All were stopped by a signal. One that was stopped by its own button stops no other.
    """
    together = _Group(planned, lanes, columns, frames_per_second)
    stopped = False
    try:
        together.open()
        while not together.done:
            time.sleep(together.tick())
    except KeyboardInterrupt:
        stopped = True  # what has come is kept; ``finish`` ends what still runs as interrupted
    finally:
        replies = _finished(together)
    if stopped:
        raise ParallelInterrupted(interrupt_message(replies), replies)
    return replies


async def arun_plans(
    planned: Mapping[str, Plan],
    lanes: Mapping[str, Variant],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Do the same on a running event loop; cancelled, the ``CancelledError`` has ``replies``."""
    together = _Group(planned, lanes, columns, frames_per_second)
    try:
        together.open()
        while not together.done:
            await asyncio.sleep(together.tick())
    except asyncio.CancelledError as cancelled:
        cancelled.replies = together.finish()  # type: ignore[attr-defined]
        raise
    finally:
        replies = together.finish()
    return replies


def _finished(together: _Group) -> dict[str, Reply]:
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # held back until then: the replies are there
            return together.finish()


def interrupt_message(replies: Mapping[str, Reply]) -> str:
    """Return the line about streams that were stopped together."""
    kept = ", ".join(f"{name} {len(reply):,}" for name, reply in replies.items())
    return sanitize_line(f"stopped by hand; characters kept: {kept}")


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
    hide_key(keywords)  # type: ignore[arg-type]
    # In a kernel's main thread this call keeps the kernel from hearing a page's clicks.
    blocking = threading.current_thread() is threading.main_thread()
    return run_plans(*_prepared(prompt, models, options, keywords, blocking=blocking))


async def acompare(
    prompt: Prompt,
    *,
    models: Sequence[str] = (),
    options: OptionSets = None,
    **keywords: Any,
) -> dict[str, Reply]:
    """Do what ``compare`` does on a running event loop; cancelled, the ``CancelledError`` has ``replies``."""
    hide_key(keywords)  # type: ignore[arg-type]
    return await arun_plans(*_prepared(prompt, models, options, keywords, blocking=False))


def _prepared(
    prompt: Prompt, models: Sequence[str], options: OptionSets, keywords: dict[str, Any], *, blocking: bool
) -> tuple[dict[str, Plan], dict[str, Variant], Columns]:
    named = [models] if isinstance(models, str) else list(models)
    common, sets = (options or {}, ()) if isinstance(options, Mapping) or options is None else ({}, options)
    asked = replace(options_from({**keywords, "options": common}), models=tuple(named))
    lanes = expand(asked, sets=sets)
    planned = plans(checked_prompt(prompt), lanes)
    return planned, lanes, columns_for(display=asked.display, blocking=blocking)
