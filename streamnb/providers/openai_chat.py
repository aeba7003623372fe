"""Chat completions, at OpenAI and at the many servers that speak its language.

``ChatAdapter`` reads the chunks; ``OpenAIChat`` builds the request (its parts in ``openai_chat_request``, the
client in ``openai_client``).  Servers differ in where they put reasoning, usage, errors and tool
calls; every place that is looked at below is one that a server really uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.events import Event, Finished, ReasoningDelta, State, TextDelta, Usage
from . import openai_chat_request, openai_client
from .base import Chunk, Endpoint, Request
from .error_messages import UNEXPLAINED, error_text, unknown_finish_reason
from .extract import CitationCollector, image_from_url, usage_from_openai
from .steps import Steps, step_from_chat
from .think_tags import ThinkTags
from .tool_call_deltas import ToolCallIndexer

__all__ = ["ChatAdapter", "OpenAIChat"]

# The providers' words for an end. A word that is not here is kept, but proves nothing.
_STATES: dict[str, State] = {
    "stop": "complete",
    "tool_calls": "complete",
    "function_call": "complete",
    "end_turn": "complete",  # xAI; Claude behind a gateway says these four in its own words
    "stop_sequence": "complete",
    "tool_use": "complete",
    "eos": "complete",  # Together
    "eos_token": "complete",  # text-generation-inference
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",  # Mistral: the model's own window is full
    "content_filter": "filtered",
    "refusal": "filtered",
    "safety": "filtered",
    "sensitive": "filtered",  # z.ai
}
_RARE = frozenset(
    {"reasoning_content", "reasoning", "reasoning_details", "refusal", "audio"}
    | {"tool_calls", "function_call", "annotations", "images", "executed_tools"}
)
_LONGEST_WORD = 100  # characters of a word for an end; longer is none
_NONE: dict[str, Any] = {}


class ChatAdapter:
    """Reads the chunks of one answer. See ``base.Adapter``."""

    def __init__(self) -> None:
        self.finished = False
        self._reason: str | None = None
        self._error: str | None = None
        self._usage: Usage | None = None
        self._tags = ThinkTags()
        self._tools = ToolCallIndexer()
        self._sources = CitationCollector()
        self._steps = Steps()
        self._images: set[str] = set()

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of one chunk."""
        events: list[Event] = []
        choice = _first_choice(chunk.get("choices"))
        delta = choice.get("delta")
        if type(delta) is not dict:
            # A server that was asked to stream and did not: the answer in one piece.
            delta = _dict(choice.get("message"))
        if not _RARE.isdisjoint(delta):
            self._before_text(delta, events)
        content = delta.get("content")
        if content:
            self._content(content, events)
        if not _RARE.isdisjoint(delta):
            self._after_text(delta, events)
        if reason := choice.get("finish_reason"):
            self._reason = str(reason)[:_LONGEST_WORD]
            self.finished = True
        self._beside_choices(chunk, choice, events)
        return events

    def close(self) -> list[Event]:
        """Return what was held back, usage, and how it ended."""
        events: list[Event] = [*self._tags.close()]
        if self._usage is not None:
            events.append(self._usage)
        events.append(self._end())
        return events

    def _content(self, content: Any, events: list[Event]) -> None:
        if type(content) is str:
            if self._tags.done:
                events.append(TextDelta(content))
            else:
                events += self._tags.feed(content)
        elif type(content) is list:  # Mistral: parts, as in a request
            for part in content:
                self._part(part, events)

    def _part(self, part: Any, events: list[Event]) -> None:
        if type(part) is str:
            self._content(part, events)
        elif type(part) is dict and part.get("type") == "thinking":
            thought = part.get("thinking")
            texts = thought if type(thought) is list else [{"text": thought}]
            _reasoning((_dict(text).get("text") for text in texts), events)
        elif type(part) is dict and part.get("type") == "image_url":
            self._picture(part, events)
        elif type(part) is dict and type(part.get("text")) is str:
            self._content(part["text"], events)

    def _before_text(self, delta: dict[str, Any], events: list[Event]) -> None:
        """Reasoning. Some servers send it under two names at once: the first that is there counts."""
        for name in ("reasoning_content", "reasoning"):
            if type(delta.get(name)) is str and delta[name]:
                events.append(ReasoningDelta(delta[name]))
                return
        details = [_dict(entry) for entry in _list(delta.get("reasoning_details"))]
        _reasoning((entry.get("text") or entry.get("summary") for entry in details), events)

    def _after_text(self, delta: dict[str, Any], events: list[Event]) -> None:
        # A refusal is the answer that was given, so it is text; its finish mark says "stop".
        for said in (delta.get("refusal"), _dict(delta.get("audio")).get("transcript")):
            if said:
                self._content(said, events)
        for piece in _list(delta.get("tool_calls")):
            events += self._tools.feed(piece)
        if delta.get("function_call"):
            events += self._tools.feed({"index": -1, "function": delta["function_call"]})
        for number, entry in enumerate(map(_dict, _list(delta.get("executed_tools")))):
            events += self._steps.whole(entry.get("index", number), step_from_chat(entry))
        for note in _list(delta.get("annotations")):
            note = _dict(note)
            events += self._sources.feed(note.get("url_citation") or note)
        for picture in _list(delta.get("images")):
            self._picture(_dict(picture), events)

    def _picture(self, part: dict[str, Any], events: list[Event]) -> None:
        place = part.get("image_url")
        url = place.get("url") if type(place) is dict else place
        if type(url) is str and url not in self._images:  # gateways repeat them at the end
            self._images.add(url)
            events += image_from_url(url)

    def _beside_choices(self, chunk: Chunk, choice: dict[str, Any], events: list[Event]) -> None:
        counts = chunk.get("usage") or choice.get("usage")
        if not counts and "x_groq" in chunk:
            counts = _dict(chunk["x_groq"]).get("usage")
        if counts:
            self._usage = usage_from_openai(counts) or self._usage
        if "citations" in chunk or "search_results" in chunk:  # the second has the titles
            found = _list(chunk.get("search_results")) + _list(chunk.get("citations"))
            events += self._sources.feed(*found)
        error = chunk.get("error") or choice.get("error") or (choice.get("finish_reason") == "error")
        if not error and "choices" not in chunk:
            error = _bare_error(chunk)
        if error:
            self._error = error_text(error) if self._error in (None, UNEXPLAINED) else self._error
            self.finished = True

    def _end(self) -> Finished:
        if self._error is not None:
            return Finished("error", self._reason, self._error)
        if self._reason is None:
            return Finished("unfinished")
        state = _STATES.get(self._reason)
        if state is None:
            return Finished("unfinished", self._reason, unknown_finish_reason(self._reason))
        return Finished(state, self._reason)


def _first_choice(choices: Any) -> dict[str, Any]:
    """Return choice 0: the others are other answers. No number means 0."""
    if type(choices) is not list:
        return _NONE
    for choice in choices:
        if type(choice) is dict and not choice.get("index"):
            return choice
    return _NONE


def _bare_error(chunk: Chunk) -> Any:
    """Return an error that stands alone in the chunk: vLLM, FastAPI, Anthropic's form."""
    if chunk.get("object") == "error" or chunk.get("type") == "error":
        return chunk
    return chunk.get("detail")


def _reasoning(texts: Iterable[Any], events: list[Event]) -> None:
    events += [ReasoningDelta(text) for text in texts if isinstance(text, str) and text]


def _dict(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else _NONE


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


class OpenAIChat:
    """The provider of every name that speaks chat completions. See ``base.Provider``."""

    optional_params = frozenset({"stream_options"})

    def client(self, endpoint: Endpoint, http: Any, *, asynchronous: bool) -> Any:
        """Build an ``OpenAI`` or an Azure client over ``http``."""
        return openai_client.build(endpoint, http, asynchronous=asynchronous)

    def request_kwargs(self, request: Request, endpoint: Endpoint) -> dict[str, Any]:
        """Return the keyword arguments of ``chat.completions.create``."""
        return openai_chat_request.body(request, endpoint)

    def send(self, client: Any, body: dict[str, Any]) -> None:
        """Send it; the stream that the SDK returns is empty, its bytes are with our transport."""
        client.chat.completions.create(**body, stream=True).close()

    async def asend(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        await (await client.chat.completions.create(**body, stream=True)).close()

    def list_models(self, client: Any, endpoint: Endpoint) -> list[str]:
        """Return the models that the endpoint offers."""
        return openai_client.names(client, endpoint)

    def adapter(self) -> ChatAdapter:
        """Return a fresh adapter."""
        return ChatAdapter()
