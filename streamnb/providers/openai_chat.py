"""Chat completions, at OpenAI and at the many servers that speak its language.

``ChatAdapter`` reads the chunks; ``OpenAIChat`` builds the request (its parts in ``openai_chat_request``, the
client in ``openai_client``).  Servers differ in where they put reasoning, usage, errors and tool
calls; every place that is looked at below is one that a server really uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.events import Event, Finished, ReasoningDelta, Usage
from . import openai_chat_request, openai_client
from .base import Chunk
from .choices import ChoicePicker
from .error_objects import error_text_with_code, find_error_object, possible_error
from .extract import (
    CitationCollector,
    dict_or_empty,
    images_from_data_url,
    latest_usage,
    list_or_empty,
    texts_in,
    usage_from_openai,
)
from .fault_messages import UNKNOWN_ERROR
from .finish_reasons import (
    CUT_STATES,
    MAX_REASON_CHARACTERS,
    is_final_chat_reason,
    normalize_chat_reason,
    state_of_chat_reason,
    unknown_reason_message,
)
from .reasoning_details import ReasoningDetails
from .repetition_filter import RepetitionFilter
from .server_tool_steps import StepTracker, step_from_executed_tool
from .think_tags import ThinkTags
from .tool_call_deltas import ToolCallIndexer

__all__ = ["ChatAdapter", "OpenAIChat"]

_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
_RARE_FIELDS = frozenset(
    {*_REASONING_FIELDS, "reasoning_details", "thinking_blocks", "refusal", "audio", "finish_reason", "error"}
    | {"tool_calls", "function_call", "annotations", "images", "executed_tools"}
)
_EMPTY_DICT: dict[str, Any] = {}


class ChatAdapter:
    """Reads the chunks of one answer. See ``base.Adapter``."""

    def __init__(self) -> None:
        self.finished = False
        self._reason: str | None = None
        self._error: str | None = None
        self._possible_error: Any = None  # one if no finish mark comes
        self._usage: Usage | None = None
        self._choices = ChoicePicker()
        self._tags = ThinkTags()
        self._tools = ToolCallIndexer()
        self._sources = CitationCollector()
        self._steps = StepTracker()
        self._images: set[str] = set()
        self._text, self._reasoning = RepetitionFilter(), RepetitionFilter()
        self._is_last = False  # the finish mark stands beside what is read
        self._is_reasoning_returned = False  # DeepSeek's server wants it back with its calls,
        self._details = ReasoningDetails()  # OpenRouter wants these,
        self._blocks = ReasoningDetails()  # and LiteLLM Claude's

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of one chunk."""
        events: list[Event] = []
        choices = self._choices.feed(chunk.get("choices"))
        for choice in choices:
            self._feed_choice(choice, events)
        self._feed_chunk_fields(chunk, choices[0] if choices else _EMPTY_DICT, events)
        return events

    def close(self) -> list[Event]:
        """Return what was held back, usage, and how it ended."""
        events: list[Event] = []
        for choice in self._choices.close():
            self._feed_choice(choice, events)
        events += self._tags.feed(self._text.close())
        if thought := self._reasoning.close():
            events.append(ReasoningDelta(thought))
        events += self._tags.close()
        returned: dict[str, Any] = {"reasoning_details": self._details.close()}
        returned["thinking_blocks"] = self._blocks.close()
        returned["reasoning_content"] = self._is_reasoning_returned and str(self._reasoning)
        events += self._tools.signature_deltas({key: value for key, value in returned.items() if value})
        if self._usage is not None:
            events.append(self._usage)
        events.append(self._finished_event())
        return events

    def _feed_choice(self, choice: dict[str, Any], events: list[Event]) -> None:
        delta, reason = choice.get("delta"), choice.get("finish_reason") or choice.get("finishReason")
        self._is_last = bool(reason)
        if type(delta) is dict:
            self._feed_delta(delta, events)
        else:
            self._add_content(delta, events)
        if "message" in choice:
            self._feed_whole_message(dict_or_empty(choice["message"]), events)
        elif not delta and type(choice.get("text")) is str:  # as older completions say it
            self._add_content(choice["text"], events)
        if reason:
            self._set_finish_reason(reason)

    def _set_finish_reason(self, reason: Any) -> None:
        """Take the word for an end; some servers say on every chunk that there is none yet."""
        word = str(reason.get("type") if type(reason) is dict else reason)[:MAX_REASON_CHARACTERS]
        if not is_final_chat_reason(word):
            return
        self.finished = True
        was_cut = state_of_chat_reason(self._reason) in CUT_STATES
        if not (was_cut and state_of_chat_reason(word) == "complete"):  # gateways add a "stop" of their own
            self._reason = word

    def _feed_delta(self, delta: dict[str, Any], events: list[Event]) -> None:
        is_plain = _RARE_FIELDS.isdisjoint(delta)
        if not is_plain:
            self._feed_reasoning(delta, events)
        if content := delta.get("content"):
            self._add_content(content, events)
        if not is_plain:
            self._feed_rare_fields(delta, events)

    def _feed_whole_message(self, message: dict[str, Any], events: list[Event]) -> None:
        """Read an answer in one piece; what the deltas have said of it is not said again."""
        message = dict(message)
        if self._text:
            if type(content := message.get("content")) is str:
                events += self._tags.feed(self._text.feed_whole(content))
            message |= {"content": None, "refusal": None, "audio": None}
        if self._reasoning:
            message |= dict.fromkeys((*_REASONING_FIELDS, "reasoning_details"))
        if self._tools:
            message |= {"tool_calls": None, "function_call": None}
        self._feed_delta(message, events)

    def _add_content(self, content: Any, events: list[Event]) -> None:
        if type(content) is str:
            events += self._tags.feed(self._text.feed(content, is_last=self._is_last))
        elif type(content) is list:  # Mistral: parts, as in a request
            for part in content:
                self._add_content_part(part, events)
        elif type(content) is dict:
            self._add_content_part(content, events)
        elif type(content) in (
            int,
            float,
        ):  # digits, from languages that tell no difference
            self._add_content(str(content), events)

    def _add_content_part(self, part: Any, events: list[Event]) -> None:
        if type(part) is str:
            self._add_content(part, events)
        elif type(part) is dict and part.get("type") in ("thinking", "reasoning"):
            self._add_reasoning(texts_in(part), events)
        elif type(part) is dict and part.get("type") == "image_url":
            self._add_image(part, events)
        else:
            for text in texts_in(part):
                self._add_content(text, events)

    def _feed_reasoning(self, delta: dict[str, Any], events: list[Event]) -> None:
        """Reasoning. Some servers send it under two names at once: the first that is there counts."""
        for name in _REASONING_FIELDS:
            if texts := texts_in(delta.get(name)):
                self._is_reasoning_returned |= name == "reasoning_content"
                self._add_reasoning(texts, events)
                break
        else:
            details = list_or_empty(delta.get("reasoning_details")) or delta.get("thinking_blocks")
            entries = map(dict_or_empty, list_or_empty(details))
            names = ("text", "summary", "thinking")
            self._add_reasoning(
                (next(filter(None, map(entry.get, names)), None) for entry in entries), events
            )
        for entry in list_or_empty(delta.get("reasoning_details")):
            self._details.feed(entry)
        for entry in list_or_empty(delta.get("thinking_blocks")):
            self._blocks.feed(entry)

    def _add_reasoning(self, texts: Iterable[Any], events: list[Event]) -> None:
        if text := self._reasoning.feed("".join(text for text in texts if isinstance(text, str))):
            events.append(ReasoningDelta(text))

    def _feed_rare_fields(self, delta: dict[str, Any], events: list[Event]) -> None:
        if delta.get("finish_reason"):
            self._set_finish_reason(delta["finish_reason"])
        if delta.get("error"):
            self._set_error(delta["error"])
        # A refusal is the answer that was given, so it is text; its finish mark says "stop".
        for text in (delta.get("refusal"), dict_or_empty(delta.get("audio")).get("transcript")):
            if text:
                self._add_content(text, events)
        calls = delta.get("tool_calls")
        for piece in [calls] if type(calls) is dict else list_or_empty(calls):
            events += self._tools.feed(piece)
        if delta.get("function_call") and not calls:  # some say a call by both names
            events += self._tools.feed({"index": -1, "function": delta["function_call"]})
        for number, entry in enumerate(map(dict_or_empty, list_or_empty(delta.get("executed_tools")))):
            index = entry.get("index")
            events += self._steps.feed_whole(
                index if type(index) is int else number, step_from_executed_tool(entry)
            )
        for note in list_or_empty(delta.get("annotations")):
            note = dict_or_empty(note)
            events += self._sources.feed(note.get("url_citation") or note)
        for picture in list_or_empty(delta.get("images")):
            self._add_image(dict_or_empty(picture), events)

    def _add_image(self, part: dict[str, Any], events: list[Event]) -> None:
        image = part.get("image_url")
        url = image.get("url") if type(image) is dict else image
        if type(url) is str and url not in self._images:  # gateways repeat them at the end
            self._images.add(url)
            events += images_from_data_url(url)

    def _feed_chunk_fields(self, chunk: Chunk, choice: dict[str, Any], events: list[Event]) -> None:
        if "finish_reason" in chunk and not choice and chunk["finish_reason"]:
            self._set_finish_reason(chunk["finish_reason"])
        counts = chunk.get("usage") or choice.get("usage")
        if not counts and "x_groq" in chunk:
            counts = dict_or_empty(chunk["x_groq"]).get("usage")
        if counts:
            self._usage = latest_usage(self._usage, usage_from_openai(counts))
        if "citations" in chunk or "search_results" in chunk:  # the second has the titles
            sources = list_or_empty(chunk.get("search_results")) + list_or_empty(chunk.get("citations"))
            events += self._sources.feed(*sources)
        error = find_error_object(chunk, bare=not chunk.get("choices"))
        if not (error or self._possible_error or chunk.get("choices")):
            self._possible_error = possible_error(chunk)
        error = (
            error or choice.get("error") or (self.finished and normalize_chat_reason(self._reason) == "error")
        )
        if error:
            self._set_error(error)

    def _set_error(self, error: Any) -> None:
        self._error = error_text_with_code(error) if self._error in (None, UNKNOWN_ERROR) else self._error
        self.finished = True

    def _finished_event(self) -> Finished:
        if self._error is not None:
            return Finished("error", self._reason, self._error)
        if self._reason is None and self._possible_error:
            return Finished("error", None, error_text_with_code(self._possible_error))
        if self._reason is None:
            return Finished("unfinished")
        state = state_of_chat_reason(self._reason)
        if state is None:
            return Finished("unfinished", self._reason, unknown_reason_message(self._reason))
        return Finished(state, self._reason)


class OpenAIChat:
    """The provider of every name that speaks chat completions. See ``base.Provider``."""

    optional_params = frozenset({"stream_options"})

    build_client = staticmethod(openai_client.build_client)
    request_kwargs = staticmethod(openai_chat_request.request_kwargs)
    list_models = staticmethod(openai_client.list_models)
    make_adapter = ChatAdapter

    def send(self, client: Any, body: dict[str, Any]) -> None:
        """Send it; the stream that the SDK returns is empty, its bytes are with our transport."""
        client.chat.completions.create(**body, stream=True).close()

    async def asend(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        await (await client.chat.completions.create(**body, stream=True)).close()
