"""How often an output without a widget is updated, and how much that sends, by a clock of the test's own."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from streamnb.core.events import Finished, TextDelta
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.render.snapshot import MimeBundle
from streamnb.views import display_update

FRAME_S = 0.05  # the magic's twenty frames a second


class Updates:
    """An output that notes when it was updated, and with how many characters of HTML."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []
        self.last = 0

    def show(self, bundle: MimeBundle) -> None:
        pass

    def update(self, bundle: MimeBundle) -> None:
        self.sent.append((self.now, len(bundle.data["text/html"])))

    def finalize(self, bundle: MimeBundle) -> None:
        self.last = len(bundle.data["text/html"])


def play(monkeypatch: pytest.MonkeyPatch, *, seconds: float, per_second: int) -> Updates:
    """Play an answer of plain paragraphs that grows evenly."""
    output: Any = Updates()
    monkeypatch.setattr(display_update, "time", SimpleNamespace(monotonic=lambda: output.now))
    view, draft = display_update.UpdatesView("demo:test", output=output), ReplyBuilder("demo:test")
    view.open(lambda: None)
    text = ("It rains, and it goes on raining. " * 12 + "\n\n") * (1 + int(seconds * per_second) // 400)
    step = max(1, round(per_second * FRAME_S))
    for frame in range(int(seconds / FRAME_S)):
        output.now = round(frame * FRAME_S, 4)
        event = TextDelta(text[frame * step : (frame + 1) * step])
        draft.feed([event], output.now)
        view.show([event])
    draft.feed([Finished("complete", "stop")], output.now)
    view.close(draft.reply(output.now))
    result: Updates = output
    return result


def test_an_answer_of_eight_thousand_characters_is_updated_four_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    updates = play(monkeypatch, seconds=10, per_second=800)
    assert updates.sent[0][0] <= 0.1
    for second in range(8):
        assert sum(second <= at < second + 1 for at, _ in updates.sent) >= 4


@pytest.mark.parametrize(("seconds", "per_second"), [(3, 800), (10, 200), (10, 800), (60, 400), (20, 4_000)])
def test_all_updates_together_are_at_most_twenty_times_the_end(
    monkeypatch: pytest.MonkeyPatch, seconds: float, per_second: int
) -> None:
    updates = play(monkeypatch, seconds=seconds, per_second=per_second)
    assert sum(size for _, size in updates.sent) + updates.last <= 20 * updates.last
    for second in range(int(seconds)):
        # One that was sent a moment ago may be followed by one that is as large.
        within = [size for at, size in updates.sent if second <= at < second + 1]
        assert sum(within) - max(within, default=0) <= 250_000


def test_a_long_answer_slows_down_and_never_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    times = [at for at, _ in play(monkeypatch, seconds=90, per_second=400).sent]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) <= 10.0
    assert times[-1] > 80.0


def test_where_nothing_new_has_come_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    output: Any = Updates()
    monkeypatch.setattr(display_update, "time", SimpleNamespace(monotonic=lambda: output.now))
    view = display_update.UpdatesView("demo:test", output=output)
    view.open(lambda: None)
    view.show([TextDelta("One word.")])
    for second in range(1, 60):
        output.now = float(second)
        view.show([])
    assert len(output.sent) == 1
