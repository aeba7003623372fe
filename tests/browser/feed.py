"""What the browser tests run in a notebook: a view that is fed by hand, with a pace that the test sets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import Any

from IPython.display import DisplayHandle

from streamnb.core.events import Event, Finished, TextDelta
from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.views.base import View
from streamnb.views.pacing import Pacer
from streamnb.views.widget import WidgetView


def pieces(text: str, size: int = 4) -> Iterator[Event]:
    """Cut a text into deltas of one size."""
    for at in range(0, len(text), size):
        yield TextDelta(text[at : at + size])


async def play(events: Iterable[Event], *, rate: float = 400.0, view: View | None = None) -> Reply:
    """Show events at ``rate`` a second, as the conductor does, until they end or Stop is clicked."""
    view = view or WidgetView("demo:test")
    draft, stopped = ReplyBuilder("demo:test"), False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    began = time.monotonic()
    draft.timing_builder.mark_sent(began)
    pacer = Pacer(25, began)
    view.open(stop)
    for count, event in enumerate(events):
        while (now := time.monotonic()) < began + count / rate and not stopped:
            if pacer.is_due(now):
                _paint(view, pacer)
            await asyncio.sleep(0.005)
        if stopped:
            break
        draft.feed([event], now)
        pacer.feed([event], now)
    draft.feed(
        [Finished("interrupted" if stopped else "complete", error="stopped by hand" if stopped else None)],
        now,
    )
    view.show(pacer.take_frame())
    reply = draft.build_reply(time.monotonic())
    view.close(reply)
    return reply


def block(events: Iterable[Event], *, rate: float) -> None:
    """Show events while the kernel hears nothing, as a synchronous SDK does, until it is interrupted."""
    view = WidgetView("demo:test", blocking=True)
    view.open(lambda: None)
    for event in events:
        view.show([event])
        time.sleep(1 / rate)


def _paint(view: View, pacer: Pacer) -> None:
    began = time.monotonic()
    view.show(pacer.take_frame())
    pacer.note_painted(began, time.monotonic())


async def repeat(events: Iterable[Event], *, rate: float = 400.0, between: float = 0.0) -> None:
    """Show events as many notebooks do: the whole text so far, displayed again for each or every so often."""
    handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's has no types
    text, shown_at = "", 0.0
    handle.display({"text/markdown": text}, raw=True)
    began = time.monotonic()
    for count, event in enumerate(events):
        while time.monotonic() < began + count / rate:
            await asyncio.sleep(0.001)
        text += event.text if isinstance(event, TextDelta) else ""
        if time.monotonic() - shown_at >= between:
            handle.update({"text/markdown": text}, raw=True)
            shown_at = time.monotonic()
    handle.update({"text/markdown": text}, raw=True)


def noted(events: Iterable[Event], times: list[float]) -> Iterator[Event]:
    """Pass events on; keep the time of the first and of the last."""
    for event in events:
        times[:] = [*times[:1], time.time()]
        yield event
