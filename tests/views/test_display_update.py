"""How often an output without a widget is updated, and how much that sends, by a clock of the test's own."""

from __future__ import annotations

import re
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from streamnb.core.events import Finished, TextDelta, TextWasReasoning
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.render.snapshot import MimeBundle, bundle
from streamnb.views import display_update, growing_html
from streamnb.views.growing_html import GrowingHtml
from tests.benchmarks import figures
from tests.markdown.growing import growing

FRAME_S = 0.05  # the magic's twenty frames a second


class Updates:
    """An output that notes when it was updated, and with how many characters of HTML."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []
        self.last = 0
        self.in_all = 0  # characters of all there was in updates and at the end
        self.whole = 0  # of what is left there
        self.html = ""

    def show(self, bundle: MimeBundle) -> None:
        pass

    def update(self, bundle: MimeBundle) -> None:
        self.html = bundle.data["text/html"]
        self.sent.append((self.now, len(self.html)))
        self.in_all += sum(map(len, bundle.data.values()))

    def finalize(self, bundle: MimeBundle) -> None:
        self.last = len(bundle.data["text/html"])
        self.whole = sum(map(len, bundle.data.values()))
        self.in_all += self.whole


PROSE = "It rains, and it goes on raining. " * 12 + "\n\n"


def play(monkeypatch: pytest.MonkeyPatch, *, seconds: float, per_second: int, unit: str = PROSE) -> Updates:
    """Play an answer that grows evenly, of plain paragraphs if nothing else is said."""
    output: Any = Updates()
    monkeypatch.setattr(display_update, "time", SimpleNamespace(monotonic=lambda: output.now))
    view, draft = display_update.DisplayUpdateView("demo:test", output=output), ReplyBuilder("demo:test")
    view.open(lambda: None)
    text = unit * (1 + int(seconds * per_second) // len(unit))
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
    view = display_update.DisplayUpdateView("demo:test", output=output)
    view.open(lambda: None)
    view.show([TextDelta("One word.")])
    for second in range(1, 60):
        output.now = float(second)
        view.show([])
    assert len(output.sent) == 1


@pytest.mark.parametrize(
    ("unit", "per_second"),
    [
        (PROSE, 50),
        (PROSE, 800),
        (growing("answer", 1_522), 50),
        (growing("answer", 1_522), 800),
        (figures.PARAGRAPH, 50),
        (figures.PARAGRAPH, 200),
    ],
    ids=[
        "prose, slow",
        "prose, fast",
        "mixed, slow",
        "mixed, fast",
        "code and lists, slow",
        "code and lists",
    ],
)
def test_an_answer_of_any_kind_is_updated_four_times_a_second_for_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch, unit: str, per_second: int
) -> None:
    updates = play(monkeypatch, seconds=20, per_second=per_second, unit=unit)
    assert updates.sent[0][0] <= 0.1
    for second in range(20):
        sizes = [size for at, size in updates.sent if second <= at < second + 1]
        assert len(sizes) >= 4
        assert sum(sizes) - max(sizes) <= 250_000
    assert updates.in_all <= 20 * updates.whole


@pytest.mark.parametrize("seconds", [30, 120])
def test_what_is_sent_for_a_longer_answer_is_bounded_too(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    updates = play(monkeypatch, seconds=seconds, per_second=200)
    assert updates.in_all <= 20 * updates.whole
    times = [at for at, _ in updates.sent]
    assert all(later - earlier <= 0.11 * earlier + 0.3 for earlier, later in pairwise(times))


def test_an_update_looks_like_the_end_but_for_colours_and_the_footer() -> None:
    text = "Hello *you*.\n\n```python\nx = 1\n```\n\n- a\n- b\n\n| a |\n|---|\n| 1 |\n\n"
    draft = ReplyBuilder("demo:test")
    draft.feed([TextDelta(text)], 1.0)
    html = GrowingHtml().update(draft.reply(1.0))
    end = bundle(draft.reply(1.0)).data["text/html"]
    (answer, foot), (final, _) = (one.split('<div class="snb-footer"') for one in (html, end))
    assert re.sub(r' style="[^"]*"', "", answer) == re.sub(r' style="[^"]*"|</?span[^>]*>', "", final)
    assert {"display:block", "padding:0.6em 0.9em", "font-weight:600"} <= set(re.split('[;"]', answer))
    assert foot.endswith(">demo:test is answering</div></div>")


def test_an_answer_that_runs_from_right_to_left_does_so_while_it_grows() -> None:
    draft, growing_answer = ReplyBuilder("demo:test"), GrowingHtml()
    draft.feed([TextDelta("One paragraph.\n\n")], 1.0)
    assert "unicode-bidi" not in growing_answer.update(draft.reply(1.0))
    draft.feed([TextDelta("\u0645\u0631\u062d\u0628\u0627\n\n")], 2.0)
    assert growing_answer.update(draft.reply(2.0)).count("unicode-bidi:plaintext") == 2


def test_what_was_text_and_turns_out_to_be_reasoning_is_shown_as_that() -> None:
    growing_html, draft = GrowingHtml(), ReplyBuilder("demo:test")
    draft.feed([TextDelta("Let me see.")], 1.0)
    assert "Let me see." in growing_html.update(draft.reply(1.0))
    draft.feed([TextWasReasoning(), TextDelta("It is *blue*.")], 2.0)
    html = growing_html.update(draft.reply(2.0))
    assert html.index("Let me see.") < html.index("<em>blue</em>")
    assert html.count("Let me see.") == 1
    assert html.index("<details") < html.index("Let me see.")


def test_an_update_costs_what_is_new_and_not_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    finished: list[int] = []
    sanitize = growing_html.sanitize
    monkeypatch.setattr(growing_html, "sanitize", lambda html: finished.append(len(html)) or sanitize(html))
    growing_answer, draft = GrowingHtml(), ReplyBuilder("demo:test")
    for _ in range(50):
        draft.feed([TextDelta(PROSE)], 1.0)
        growing_answer.update(draft.reply(1.0))
    assert sum(finished) < 3 * 50 * len(PROSE)
