"""What the browser tests run in a notebook: a view that is fed by hand, with a pace that the test sets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator

from streamnb.display.base import View
from streamnb.display.pacing import Pacer
from streamnb.display.widget import WidgetView
from streamnb.events import Event, Finished, TextDelta
from streamnb.reply import Draft, Reply


def pieces(text: str, size: int = 4) -> Iterator[Event]:
    """Cut a text into deltas of one size."""
    for at in range(0, len(text), size):
        yield TextDelta(text[at : at + size])


async def play(events: Iterable[Event], *, rate: float = 400.0, view: View | None = None) -> Reply:
    """Show events at ``rate`` a second, as the conductor does, until they end or Stop is clicked."""
    view = view or WidgetView("demo:test")
    draft, stopped = Draft("demo:test"), False

    def stop() -> None:
        nonlocal stopped
        stopped = True

    began = time.monotonic()
    draft.clock.sent(began)
    pacer = Pacer(25, began)
    view.open(stop)
    for count, event in enumerate(events):
        while (now := time.monotonic()) < began + count / rate and not stopped:
            if pacer.due(now):
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
    view.show(pacer.take())
    reply = draft.reply(time.monotonic())
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
    view.show(pacer.take())
    pacer.painted(began, time.monotonic())
