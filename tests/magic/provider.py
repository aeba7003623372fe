"""The test provider of a file of tests: what it says next is set by each test, what it was sent is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

__all__ = ["Provider", "running_provider"]


class Provider:
    """The test provider, and its next answer: of a model, as bytes, or made from the request."""

    def __init__(self) -> None:
        self.upstream = Upstream(self._answer)
        self.next: ModelAnswer | Answer | Callable[[Request], Answer] = ModelAnswer()

    def _answer(self, request: Request) -> Answer:
        if isinstance(self.next, ModelAnswer):
            return answer_request(request, self.next)
        return self.next if isinstance(self.next, Answer) else self.next(request)

    @property
    def line(self) -> str:
        """The options that send a cell to the provider."""
        return f"openai:test --base-url {self.upstream.openai_url}"

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The bodies of all requests."""
        return [request.json for request in self.upstream.requests]

    @property
    def prompt(self) -> object:
        """The prompt of the last request."""
        return self.sent[-1]["messages"][-1]["content"]

    def turns(self) -> list[tuple[str, str]]:
        """Return role and content of each message of the last request."""
        return [(message["role"], message["content"]) for message in self.sent[-1]["messages"]]

    def asks(self, name: str, arguments: str) -> None:
        """Ask for a call until its answer has come."""

        def script(request: Request) -> Answer:
            if request.json["messages"][-1]["role"] == "tool":
                return answer_request(request, ModelAnswer(text="So it is."))
            return answer_request(request, ModelAnswer(text="", tool_calls=[(name, arguments)]))

        self.next = script


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider until the end of the block."""
    provider = Provider()
    with provider.upstream:
        yield provider
