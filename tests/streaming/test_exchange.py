"""Every fault is a list of messages: what an exchange makes of them, without a network."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.content import Text, Turn
from streamnb.core.events import Event, Finished, Notice, TextDelta
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent
from streamnb.providers.base import Request
from streamnb.providers.openai_chat import ChatAdapter
from streamnb.streaming.exchange import Exchange, Limits

REQUEST = Request("gpt-x", (Turn("user", (Text("hello"),)),))
STREAM = {"content-type": "text/event-stream"}
REFUSED = Fault("lost", "127.0.0.1:9 refused the connection", retry=True)


def chunk(text: str | None = None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    body = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class Trial:
    """An exchange with a clock that only moves when it is told to."""

    def __init__(self, limits: Limits | None = None, added: frozenset[str] = frozenset()) -> None:
        self.exchange = Exchange(REQUEST, ChatAdapter, limits or Limits(), added)
        self.now = 0.0
        self.events: list[Event] = []
        self.requests: list[Request] = []

    def send(self) -> None:
        request = self.exchange.due_request(self.now)
        assert request is not None, "no request is due"
        self.requests.append(request)
        self.feed(RequestSent(self.now))

    def feed(self, *messages: WireEvent) -> None:
        for message in messages:
            for batch in self.exchange.feed(message):
                self.events += batch.events

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for batch in self.exchange.check_deadlines(self.now):
            self.events += batch.events

    def answer(self, *blocks: bytes, status: int = 200, headers: dict[str, str] = STREAM) -> None:
        self.send()
        self.feed(ResponseHead(self.now, status, headers), *(Data(self.now, block) for block in blocks))

    def end(self, fault: Fault | None = None) -> None:
        self.feed(EndOfBody(self.now, fault))

    @property
    def finished(self) -> Finished:
        (last,) = [event for event in self.events if isinstance(event, Finished)]
        assert self.events[-1] is last, "Finished is not the last event"
        return last

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def notices(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Notice)]


def test_a_stream_with_its_finish_mark_is_complete() -> None:
    trial = Trial()
    trial.answer(chunk("Hel"), chunk("lo"), chunk(finish="stop"), DONE)
    trial.end()
    assert (trial.text, trial.finished.state, trial.finished.reason) == ("Hello", "complete", "stop")


def test_an_orderly_end_without_a_finish_mark_is_unfinished() -> None:
    trial = Trial()
    trial.answer(chunk("half"))
    trial.end()
    assert (trial.text, trial.finished.state) == ("half", "unfinished")


def test_an_empty_answer_is_unfinished_and_says_that_none_came() -> None:
    trial = Trial()
    trial.answer()
    trial.end()
    assert trial.finished.state == "unfinished"
    assert "no answer came" in str(trial.finished.error)


def test_a_connection_that_breaks_after_content_is_lost_and_never_asked_again() -> None:
    trial = Trial()
    trial.answer(chunk("half"))
    trial.end(Fault("lost", "the connection broke", retry=True))
    assert (trial.text, trial.finished.state) == ("half", "lost")
    assert trial.exchange.due_request(1e9) is None


def test_a_break_after_the_finish_mark_changes_nothing() -> None:
    trial = Trial()
    trial.answer(chunk("whole"), chunk(finish="stop"))
    trial.end(Fault("lost", "the connection broke", retry=True))
    assert trial.finished.state == "complete"


def test_a_refused_connection_is_tried_as_often_as_was_asked_and_no_more() -> None:
    trial = Trial(Limits(retries=2))
    for _ in range(3):
        trial.send()
        trial.end(REFUSED)
        trial.wait(20.0)
    assert len(trial.requests) == 3
    assert trial.finished.state == "lost"
    assert len(trial.notices) == 2


def test_a_retry_that_works_leaves_a_complete_answer_and_a_notice() -> None:
    trial = Trial()
    trial.answer(b'{"error": {"message": "busy"}}', status=503, headers={})
    trial.end()
    trial.wait(20.0)
    trial.answer(chunk("fine"), chunk(finish="stop"), DONE)
    trial.end()
    assert (trial.text, trial.finished.state) == ("fine", "complete")
    assert "busy" in trial.notices[0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_refusal_that_asking_again_cannot_mend_is_not_asked_again(status: int) -> None:
    trial = Trial()
    trial.answer(b'{"error": {"message": "no"}}', status=status, headers={})
    trial.end()
    assert trial.finished.state == "error"
    assert str(status) in str(trial.finished.error)


def test_retry_after_is_waited_for() -> None:
    trial = Trial()
    trial.answer(b"{}", status=429, headers={"retry-after": "7"})
    trial.end()
    assert trial.exchange.seconds_until_deadline(0.0) == pytest.approx(7.0)
    assert trial.exchange.due_request(6.9) is None
    assert trial.exchange.due_request(7.0) is not None


def test_a_retry_after_of_more_than_two_minutes_ends_at_once() -> None:
    trial = Trial()
    trial.answer(b"{}", status=429, headers={"retry-after": "130"})
    trial.end()
    assert trial.finished.state == "error"
    assert "130 s" in str(trial.finished.error)


def test_a_parameter_of_ours_that_is_refused_is_left_out_once() -> None:
    trial = Trial(Limits(retries=1), added=frozenset({"stream_options"}))
    trial.answer(b'{"error": {"message": "unknown field stream_options"}}', status=400, headers={})
    trial.end()
    trial.answer(chunk("fine"), chunk(finish="stop"), DONE)
    assert trial.requests[1].dropped_params == {"stream_options"}
    assert "stream_options" in trial.notices[0]


def test_a_parameter_of_the_person_that_is_refused_is_not_left_out() -> None:
    trial = Trial(added=frozenset({"stream_options"}))
    trial.answer(b'{"error": {"message": "unknown field temperature"}}', status=400, headers={})
    trial.end()
    assert trial.finished.state == "error"


@pytest.mark.parametrize(
    ("request_", "message", "option"),
    [
        (replace(REQUEST, temperature=3.0), "temperature must be below 2", "--temperature"),
        (replace(REQUEST, max_tokens=9), "maxOutputTokens is too small", "--max-tokens"),
        (replace(REQUEST, options={"top_k": 1}), "unknown parameter: top_k", "--option top_k"),
    ],
)
def test_a_refused_parameter_of_the_person_is_named_as_its_option(
    request_: Request, message: str, option: str
) -> None:
    trial = Trial()
    trial.exchange = Exchange(request_, ChatAdapter, Limits())
    trial.answer(json.dumps({"error": {"message": message}}).encode(), status=400, headers={})
    trial.end()
    assert f"does not take {option}" in str(trial.finished.error)
    assert message in str(trial.finished.error)


def test_silence_is_noticed_once_and_ends_at_the_timeout() -> None:
    trial = Trial(Limits(first_content_s=30, between_content_s=30))
    trial.answer(chunk("half"))
    for _ in range(6):
        trial.wait(4.9)
    assert len(trial.notices) == 1
    assert not trial.exchange.done
    trial.wait(1.0)
    assert (trial.text, trial.finished.state) == ("half", "timed-out")


def test_comments_and_empty_deltas_do_not_extend_the_timeout() -> None:
    trial = Trial(Limits(first_content_s=10, between_content_s=10))
    trial.answer(chunk("half"))
    for _ in range(11):
        trial.now += 1.0
        trial.feed(Data(trial.now, b": still here\n\n"), Data(trial.now, chunk("")))
        trial.wait(0.0)
    assert trial.finished.state == "timed-out"


def test_a_finished_stream_whose_socket_stays_open_is_complete_after_a_short_grace() -> None:
    trial = Trial()
    trial.answer(chunk("whole"), chunk(finish="stop"))
    trial.wait(0.9)
    assert not trial.exchange.done
    trial.wait(0.2)
    assert trial.finished.state == "complete"
    assert trial.exchange.ended_at == 0.0  # the grace is not part of the answer's duration


@given(pieces=st.lists(st.text(max_size=7), max_size=9), most=st.integers(1, 30), finished=st.booleans())
def test_an_answer_longer_than_the_bound_is_cut_at_it_to_the_character(
    pieces: list[str], most: int, finished: bool
) -> None:
    trial, whole = Trial(Limits(max_text_characters=most)), "".join(pieces)
    trial.answer(b"".join([*map(chunk, pieces), *([chunk(finish="stop"), DONE] if finished else [])]))
    trial.end()
    trial.wait(1.0)
    within = "complete" if finished else "unfinished"
    assert (trial.text, trial.finished.state) == (whole[:most], "capped" if len(whole) > most else within)


def test_what_an_adapter_held_back_counts_against_the_bound_as_well() -> None:
    trial = Trial(Limits(max_text_characters=3))
    trial.answer(chunk("<thin"))
    trial.end()
    assert (trial.text, trial.finished.state) == ("<th", "capped")
    assert "3 characters" in str(trial.finished.error)


def test_an_endless_line_is_capped() -> None:
    trial = Trial(Limits(max_line_bytes=1000))
    trial.answer(chunk("kept"), b"data: " + b"x" * 2000)
    assert (trial.text, trial.finished.state) == ("kept", "capped")


def test_a_stop_keeps_what_came_and_says_interrupted() -> None:
    trial = Trial()
    trial.answer(chunk("half"))
    for batch in trial.exchange.stop(1.0):
        trial.events += batch.events
    assert (trial.text, trial.finished.state) == ("half", "interrupted")


def test_a_line_that_cannot_be_read_costs_no_text_and_is_not_called_complete() -> None:
    trial = Trial()
    trial.answer(chunk("a"), b"data: {oops\n\n", chunk("b"), chunk(finish="stop"), DONE)
    trial.end()
    assert (trial.text, trial.finished.state) == ("ab", "error")


@given(st.lists(st.integers(1, 400), max_size=12))
def test_any_cut_of_the_bytes_gives_the_same_events(cuts: list[int]) -> None:
    body = chunk("Grüße, ") + chunk("Welt 🌍") + chunk(finish="stop") + DONE
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(body[start : start + cut])
        start += cut
    whole, cut_up = Trial(), Trial()
    whole.answer(body)
    cut_up.answer(*pieces, body[start:])
    for trial in (whole, cut_up):
        trial.end()
    assert (cut_up.text, cut_up.finished) == (whole.text, whole.finished)


def test_a_finish_mark_on_every_chunk_ends_nothing_while_text_still_comes() -> None:
    trial = Trial()
    trial.answer(chunk("one ", finish="stop"))
    trial.wait(4.0)
    trial.feed(Data(trial.now, chunk("two", finish="stop")))
    trial.end()
    assert (trial.text, trial.finished.state) == ("one two", "complete")
