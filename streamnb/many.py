"""Several streams at once, side by side: who takes part, and the one loop that runs them all.

In order: ``spread`` makes a lane for each stream, ``plans`` checks them all before anything is sent,
``conduct`` or ``aconduct`` steps every ``Stage`` in one beat after the other.  One beat for all costs less
than as many loops as there are streams, and whatever happens to one is no other's affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .chats import Place
from .checks import Several
from .display.columns import Columns
from .errors import StreamInterrupted, UsageError, one_line
from .interrupts import held
from .options import Options
from .plan import Plan, plan
from .reply import Reply
from .secret import ENVIRON
from .stage import FRAMES_PER_SECOND, Stage

__all__ = ["Interrupted", "Lane", "aconduct", "conduct", "is_several", "plans", "spread"]

MOST = 16
REST = 3.0  # pause after a beat, in multiples of what the beat cost: painting takes a quarter at most,
LONGEST_PAUSE = 0.06  # seconds, unless text would come too late
AS_DUE = 1000.0  # frames a second of each stage: whenever there is a beat

_TRIES = re.compile(r"(?P<name>.+?)\*(?P<count>\d*)")


class Interrupted(StreamInterrupted):
    """Several streams were stopped by hand; ``replies`` has all of them, with what had come."""

    def __init__(self, message: str, replies: Any) -> None:
        stopped = list(replies.values() if isinstance(replies, Mapping) else replies)
        super().__init__(message, next((each for each in stopped if each.state == "interrupted"), Reply()))
        self.replies = replies


@dataclass(frozen=True, slots=True)
class Lane:
    """One of several streams: its options, and in what they differ from those of its neighbours."""

    options: Options
    varied: str = ""


def is_several(options: Options) -> bool:
    """Say whether options stand for more than one stream."""
    return (
        len(options.models) > 1
        or any(_TRIES.fullmatch(name) for name in options.models)
        or any(isinstance(value, Several) for value in options.options.values())
    )


def spread(
    options: Options,
    *,
    sets: Sequence[Mapping[str, Any]] = (),
    aliases: Mapping[str, str] | None = None,
) -> dict[str, Lane]:
    """Return a lane for each stream, by the name that its answer has in the dict.

    Parameters
    ----------
    options
        ``models`` may have several names, and ``A*3`` for three tries of one; a value of
        ``options`` that is ``Several`` stands for a stream with each.
    sets
        Option sets: every model is asked with each of them.
    aliases
        What short names stand for; answers keep the name that was typed.

    Raises
    ------
    UsageError
        There are too many, or an option fits one stream only.
    """
    _refuse_what_fits_one(options)
    models = options.models or tuple(filter(None, [ENVIRON.get("STREAMNB_MODEL")]))
    names = [name for typed in models for name in _tries(typed)]
    chosen = list(sets) or [{}]
    lanes: dict[str, Lane] = {}
    for name, (values, varied) in itertools.product(names, _each_set(options.options, chosen)):
        model = (aliases or {}).get(name, name)
        lanes[_free(name, lanes)] = Lane(replace(options, models=(model,), options=values), varied)
    if not 1 <= len(lanes) <= MOST:
        raise UsageError(
            f"{len(lanes)} streams side by side are too many: {MOST} at most"
            if lanes
            else 'no model was named: models=["demo:tour", "demo:haiku"]'
        )
    return lanes


def _tries(typed: str) -> list[str]:
    """Return a model's name as often as it is to be asked.

    >>> _tries("demo*2"), _tries("demo")
    (['demo', 'demo'], ['demo'])
    """
    found = _TRIES.fullmatch(typed)
    if found is None:
        return [typed]
    count = int(found["count"] or 0)
    if not 1 <= count <= MOST:
        raise UsageError(f"{typed!r} asks for {count} tries: a number from 1 to {MOST} follows the *")
    return [found["name"]] * count


def _each_set(
    options: Mapping[str, Any], sets: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], str]]:
    """Return every combination of option values, each with the words for what varies."""
    several = {key: value for key, value in options.items() if isinstance(value, Several)}
    made = []
    for values in itertools.product(*several.values()):
        for extra in sets:
            own = {**dict(zip(several, values, strict=True)), **extra}
            made.append(
                ({**options, **own}, ", ".join(f"{key} {_word(value)}" for key, value in own.items()))
            )
    return made


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _free(name: str, taken: Mapping[str, object]) -> str:
    return next(
        key
        for key in itertools.chain([name], (f"{name} #{number}" for number in itertools.count(2)))
        if key not in taken
    )


def _refuse_what_fits_one(options: Options) -> None:
    for given, refusal in (
        (options.record, "--record keeps one stream in a file: leave it out, or name one model"),
        (options.replay, "--replay plays one stream back: leave it out, or name no model"),
        (options.chat, "a conversation goes on with one model: leave --chat out, or name one model"),
    ):
        if given is not None:
            raise UsageError(f"several models side by side: {refusal}")


def plans(prompt: str | list[Any], lanes: Mapping[str, Lane], place: Place | None = None) -> dict[str, Plan]:
    """Check everything that can be checked before sending; one refusal refuses all."""
    made = {}
    for name, lane in lanes.items():
        try:
            made[name] = plan(prompt, lane.options, place=place)
        except UsageError as refused:
            told = str(refused)
            raise UsageError(told if name in told else f"{name}: {told}") from None
    return made


class _Together:
    """Streams that are stepped together; says how long to sleep between two beats."""

    def __init__(
        self,
        planned: Mapping[str, Plan],
        lanes: Mapping[str, Lane],
        columns: Columns,
        frames_per_second: float,
    ) -> None:
        self._columns = columns
        self._interval = 1.0 / frames_per_second
        self._replies: dict[str, Reply] = {}
        self._closed = False
        self._stages = {
            name: Stage(planned[name], columns.column(name, lane.varied), AS_DUE)
            for name, lane in lanes.items()
        }

    def open(self) -> None:
        self._columns.open()
        for stage in self._stages.values():
            stage.open()

    @property
    def done(self) -> bool:
        return len(self._replies) == len(self._stages)

    def beat(self) -> float:
        """Step every stream that goes on and paint what is due; return the seconds to sleep."""
        began = time.perf_counter()
        for name, stage in self._stages.items():
            if name not in self._replies:
                stage.step()
                if stage.done:
                    self._replies[name] = stage.finish()
        self._columns.beat()
        cost = time.perf_counter() - began
        return 0.0 if self.done else max(self._interval - cost, min(LONGEST_PAUSE, REST * cost))

    def finish(self) -> dict[str, Reply]:
        """Close every stream and what shows them; return all replies in order. Safe to call again."""
        with held():  # a second Ctrl-C must not cost the text of those that come last
            self._replies = {name: stage.finish() for name, stage in self._stages.items()}
            if not self._closed:
                self._closed = True
                self._columns.close(self._replies)
        return self._replies


def conduct(
    planned: Mapping[str, Plan],
    lanes: Mapping[str, Lane],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Run several plans to their ends; whatever happens to one is its reply's state.

    Raises
    ------
    Interrupted
        All were stopped by a signal. One that was stopped by its own button stops no other.
    """
    together = _Together(planned, lanes, columns, frames_per_second)
    stopped = False
    try:
        together.open()
        while not together.done:
            time.sleep(together.beat())
    except KeyboardInterrupt:
        stopped = True  # what has come is kept; ``finish`` ends what still runs as interrupted
    finally:
        replies = _finished(together)
    if stopped:
        raise Interrupted(told(replies), replies)
    return replies


async def aconduct(
    planned: Mapping[str, Plan],
    lanes: Mapping[str, Lane],
    columns: Columns,
    frames_per_second: float = FRAMES_PER_SECOND,
) -> dict[str, Reply]:
    """Do the same on a running event loop; cancelled, the ``CancelledError`` has ``replies``."""
    together = _Together(planned, lanes, columns, frames_per_second)
    try:
        together.open()
        while not together.done:
            await asyncio.sleep(together.beat())
    except asyncio.CancelledError as cancelled:
        cancelled.replies = together.finish()  # type: ignore[attr-defined]
        raise
    finally:
        replies = together.finish()
    return replies


def _finished(together: _Together) -> dict[str, Reply]:
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # held back until then: the replies are there
            return together.finish()


def told(replies: Mapping[str, Reply]) -> str:
    """Return the line about streams that were stopped together."""
    kept = ", ".join(f"{name} {len(reply):,}" for name, reply in replies.items())
    return one_line(f"stopped by hand; characters kept: {kept}")
