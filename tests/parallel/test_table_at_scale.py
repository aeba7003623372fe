"""2,000 requests, a provider with a rate limit and faults: nothing lost, doubled or asked twice."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from typing import Any

import pytest

import streamnb
from streamnb import StreamInterrupted
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request, error_answer

REQUESTS = 2000
WINDOW = 400  # answers, then the provider asks to wait
PAUSE_S = 1


def prompt_of(request: Request) -> str:
    return str(request.json["messages"][-1]["content"])


class LimitedProvider:
    """Answers with the prompt; refuses when its window is used up, and fails now and then."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.broken_pauses = 0
        self._seen: Counter[str] = Counter()
        self._in_window = 0
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Answer:
        prompt, now = prompt_of(request), time.monotonic()
        number = int(prompt)
        with self._lock:
            if now < self._closed_until:
                # What was on its way when the first one was refused is no fault; anything later is.
                self.broken_pauses += now > self._closed_until - PAUSE_S + 0.3
                return error_answer("chat", 429, "slow down", {"Retry-After": str(PAUSE_S)})
            self._in_window += 1
            if self._in_window > WINDOW:
                self._in_window, self._closed_until = 0, now + PAUSE_S
                return error_answer("chat", 429, "slow down", {"Retry-After": str(PAUSE_S)})
            self._seen[prompt] += 1
            if number % 400 == 7 and self._seen[prompt] == 1:
                return error_answer("chat", 500, "oops")
            whole = answer_request(request, ModelAnswer(deltas=[f"<{prompt}>", "."]))
            if number % 500 == 3 and self._seen[prompt] == 1:
                return Answer(tuple(whole.body)[:2], whole.status, whole.headers, end="reset")
            self.answers[prompt] += 1
            return whole


@pytest.mark.slow
def test_two_thousand_requests_lose_double_and_repeat_nothing() -> None:
    provider = LimitedProvider()
    prompts = [str(number) for number in range(REQUESTS)]

    def ask(**more: Any) -> Any:
        return streamnb.map(
            prompts, model="openai:m", base_url=server.openai_url, display=False, concurrency=16, **more
        )

    with Upstream(provider) as server:

        def press() -> None:
            server.wait_until(lambda seen: len(provider.answers) > REQUESTS // 2, 60)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=press, daemon=True).start()
        with pytest.raises(StreamInterrupted) as caught:
            ask()
        halfway = caught.value.replies  # type: ignore[attr-defined]
        whole = {prompt for prompt, reply in zip(prompts, halfway, strict=True) if reply.state == "complete"}
        assert len(halfway) == REQUESTS
        assert len(whole) > REQUESTS // 3
        server.requests.clear()
        resumed = ask(resume=halfway)
        assert not whole & {prompt_of(request) for request in server.requests}
        again = ask(resume=resumed)  # what was lost in mid-answer
    assert {reply.state for reply in resumed} <= {"complete", "lost"}
    assert {reply.state for reply in again} == {"complete"}
    assert [reply.text for reply in again] == [f"<{prompt}>." for prompt in prompts]
    doubled = [prompt for prompt, count in provider.answers.items() if count > 1]
    assert len(doubled) <= 16  # on their way when it was stopped
    assert not whole & set(doubled)
    assert provider.broken_pauses == 0
