"""The Responses API of OpenAI, and of the servers that speak it.

``ResponsesAdapter`` reads the events; ``OpenAIResponses`` builds the request (its parts in
``openai_responses_request``, the client in ``openai_client``).  Whatever is streamed comes as deltas and
then once more as a whole; deltas count, and a whole only where no delta came.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.events import Event, Finished, ReasoningDelta, Usage
from . import openai_client, openai_responses_request
from .base import Chunk
from .error_objects import error_text_with_code, find_error_object, possible_error
from .extract import (
    CitationCollector,
    dict_or_empty,
    images_from_base64,
    latest_usage,
    list_or_empty,
    text_or_none,
    texts_in,
    usage_from_openai,
)
from .finish_reasons import INCOMPLETE_REASON_STATES, MAX_REASON_CHARACTERS, unknown_reason_message
from .responses_item_tracking import CallTracker, TextTracker
from .server_tool_steps import StepTracker, is_step_type, step_from_item
from .think_tags import ThinkTags
from .tool_call_deltas import arguments_to_text

__all__ = ["OpenAIResponses", "ResponsesAdapter"]

_CALL_TYPES = ("function_call", "custom_tool_call")


class ResponsesAdapter:
    """Reads the events of one response. See ``base.Adapter``."""

    def __init__(self) -> None:
        self.finished = False
        self._end: Finished | None = None
        self._possible_error: Any = None  # one if no end comes
        self._usage: Usage | None = None
        self._sources = CitationCollector()
        self._steps = StepTracker()
        self._tags = ThinkTags()
        self._texts, self._thoughts = TextTracker(), TextTracker()
        self._calls = CallTracker()
        self._partial_images: dict[Any, Any] = {}  # pictures that have not come whole
        self._has_events = False

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of one server-sent event."""
        kind = chunk.get("type")
        handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
        events: list[Event] = []
        if handler is not None:
            handler(self, chunk, events)
        elif kind is None and chunk.get("object") == "response":  # asked to stream, this server did not
            self._feed_final_response({"response": chunk}, events)
        elif error := find_error_object(chunk, bare=not str(kind).startswith("response.")):
            self._set_error(error_text_with_code(error))
        elif not (self._possible_error or str(kind).startswith("response.")):
            self._possible_error = possible_error(chunk)
        self._has_events = self._has_events or bool(events)
        return events

    def close(self) -> list[Event]:
        """Return what was held back, usage, and how it ended."""
        events: list[Event] = []
        events += self._tags.feed(self._texts.close())
        if thought := self._thoughts.close():
            events.append(ReasoningDelta(thought))
        events += self._tags.close()
        for partial_image in self._partial_images.values():  # the picture itself did not come any more
            events += images_from_base64("image/png", partial_image)
        if self._usage is not None:
            events.append(self._usage)
        if self._end is None and self._possible_error:
            self._set_error(error_text_with_code(self._possible_error))
        events.append(self._end or Finished("unfinished"))
        return events

    # -- text and reasoning: a delta, or the whole where none came ---------------------------

    def _feed_text(self, chunk: Chunk, events: list[Event]) -> None:
        if text := "".join(texts_in(chunk.get("delta"))):
            events += self._tags.feed(self._texts.feed_delta(_text_position(chunk), text))

    def _feed_whole_text(self, chunk: Chunk, events: list[Event]) -> None:
        text = "".join(texts_in(chunk.get("text")) or texts_in(chunk.get("refusal")))
        if text:
            events += self._tags.feed(self._texts.feed_whole(_text_position(chunk), text))

    def _feed_whole_part(self, chunk: Chunk, events: list[Event]) -> None:
        part = dict_or_empty(chunk.get("part"))
        add = (
            self._feed_whole_reasoning
            if str(part.get("type")).startswith("reasoning")
            else self._feed_whole_text
        )
        add({**chunk, **part}, events)

    def _feed_reasoning(self, chunk: Chunk, events: list[Event]) -> None:
        text = "".join(texts_in(chunk.get("delta")))
        if text := text and self._thoughts.feed_delta(_text_position(chunk), text):
            events.append(ReasoningDelta(text))

    def _feed_whole_reasoning(self, chunk: Chunk, events: list[Event]) -> None:
        text = "".join(texts_in(chunk.get("text")))
        if text := text and self._thoughts.feed_whole(_text_position(chunk), text):
            events.append(ReasoningDelta(text))

    # -- items: calls, pictures, and messages that came whole --------------------------------

    def _feed_item(self, chunk: Chunk, events: list[Event]) -> None:
        item, position = dict_or_empty(chunk.get("item")), _hashable_or_none(chunk.get("output_index"))
        if item.get("type") in _CALL_TYPES:
            events += self._calls.begin_call(item, position)
        elif is_step_type(item.get("type")):
            events += self._steps.feed_piece(position, step_from_item(item)[0])

    def _feed_whole_item(self, chunk: Chunk, events: list[Event]) -> None:
        item, position = dict_or_empty(chunk.get("item")), _hashable_or_none(chunk.get("output_index"))
        kind = item.get("type") or ("message" if item.get("role") else None)
        if kind in _CALL_TYPES:
            events += self._calls.finish_call(item, position)
        elif kind == "image_generation_call":
            picture = images_from_base64(f"image/{item.get('output_format') or 'png'}", item.get("result"))
            events += picture
            if picture:
                self._partial_images.pop(position, None)
        elif is_step_type(kind):
            events += self._steps.feed_whole(position, step_from_item(item))
        elif kind == "message":
            for index, part in enumerate(_content_parts(item.get("content"))):
                self._feed_whole_text({**part, "output_index": position, "content_index": index}, events)
                events += self._sources.feed(
                    *map(_fill_missing_title, list_or_empty(part.get("annotations")))
                )
        elif kind == "reasoning":
            self._calls.keep_reasoning(item)
            for index, part in enumerate(
                _content_parts(item.get("summary")) + _content_parts(item.get("content"))
            ):
                self._feed_whole_reasoning({**part, "output_index": position, "content_index": index}, events)

    def _feed_arguments(self, chunk: Chunk, events: list[Event]) -> None:
        events += self._calls.feed_arguments(chunk, _hashable_or_none(chunk.get("output_index")))

    def _feed_whole_arguments(self, chunk: Chunk, events: list[Event]) -> None:
        events += self._calls.feed_whole_arguments(chunk, _hashable_or_none(chunk.get("output_index")))

    def _feed_step(self, chunk: Chunk, events: list[Event]) -> None:
        events += self._steps.feed_piece(
            _hashable_or_none(chunk.get("output_index")), None, arguments_to_text(chunk.get("delta"))
        )

    def _keep_partial_image(self, chunk: Chunk, _events: list[Event]) -> None:
        self._partial_images[_hashable_or_none(chunk.get("output_index"))] = chunk.get("partial_image_b64")

    def _add_annotation(self, chunk: Chunk, events: list[Event]) -> None:
        events += self._sources.feed(_fill_missing_title(chunk.get("annotation")))

    # -- the end -----------------------------------------------------------------------------

    def _feed_final_response(self, chunk: Chunk, events: list[Event]) -> None:
        response = dict_or_empty(chunk.get("response"))
        self._usage = latest_usage(
            self._usage, usage_from_openai(response.get("usage") or chunk.get("usage"))
        )
        # A kind of which nothing has come was not streamed by this server.
        silent = {"message": not self._texts, "reasoning": not self._thoughts}
        silent |= dict.fromkeys(_CALL_TYPES, not self._calls)
        for index, item in enumerate(_content_parts(response.get("output"))):
            if silent.get(str(item.get("type") or "message"), not self._has_events):
                self._feed_whole_item({"item": item, "output_index": index}, events)
        if not (self._texts or self._calls):  # as the SDK's own object has it
            self._feed_whole_text({"text": response.get("output_text")}, events)
        status = text_or_none(response.get("status")) or str(chunk.get("type")).rpartition(".")[2]
        status = status[:MAX_REASON_CHARACTERS]
        if error := response.get("error") or chunk.get("error") or status.lower() == "failed":
            self._set_error(error_text_with_code(error), status)
            return
        self.finished = True
        cause = response.get("incomplete_details")
        why = (text_or_none(cause) or text_or_none(dict_or_empty(cause).get("reason")) or "")[
            :MAX_REASON_CHARACTERS
        ]
        if self._has_failed():
            return
        if status.lower() == "completed":
            if self._end is not None and self._end.state in ("length", "filtered"):
                return  # a gateway's own end behind the provider's
            self._end = Finished("complete", status)
        elif state := INCOMPLETE_REASON_STATES.get(why.lower()):
            self._end = Finished(state, why)
        else:
            self._end = Finished("unfinished", why or status, unknown_reason_message(why or status))

    def _feed_error(self, chunk: Chunk, _events: list[Event]) -> None:
        self._set_error(error_text_with_code(chunk.get("error") or chunk))

    def _set_error(self, sentence: str, reason: str | None = None) -> None:
        self.finished = True
        if not self._has_failed():  # an error event, then "failed": the first has said it
            self._end = Finished("error", reason, sentence)

    def _has_failed(self) -> bool:
        return self._end is not None and self._end.state == "error"


_Handler = Callable[[ResponsesAdapter, Chunk, list[Event]], None]

_HANDLERS: dict[str, _Handler] = {
    "response.output_text.delta": ResponsesAdapter._feed_text,
    "response.output_text.done": ResponsesAdapter._feed_whole_text,
    # A refusal is the answer that was given, so it is text.
    "response.refusal.delta": ResponsesAdapter._feed_text,
    "response.refusal.done": ResponsesAdapter._feed_whole_text,
    "response.reasoning_text.delta": ResponsesAdapter._feed_reasoning,
    "response.reasoning_text.done": ResponsesAdapter._feed_whole_reasoning,
    "response.reasoning_summary_text.delta": ResponsesAdapter._feed_reasoning,
    "response.reasoning.delta": ResponsesAdapter._feed_reasoning,
    "response.reasoning_summary.delta": ResponsesAdapter._feed_reasoning,
    "response.audio.transcript.delta": ResponsesAdapter._feed_text,
    "response.reasoning_summary_text.done": ResponsesAdapter._feed_whole_reasoning,
    "response.content_part.done": ResponsesAdapter._feed_whole_part,
    "response.output_item.added": ResponsesAdapter._feed_item,
    "response.output_item.done": ResponsesAdapter._feed_whole_item,
    "response.function_call_arguments.delta": ResponsesAdapter._feed_arguments,
    "response.function_call_arguments.done": ResponsesAdapter._feed_whole_arguments,
    "response.custom_tool_call_input.delta": ResponsesAdapter._feed_arguments,
    "response.custom_tool_call_input.done": ResponsesAdapter._feed_whole_arguments,
    "response.code_interpreter_call_code.delta": ResponsesAdapter._feed_step,
    "response.mcp_call_arguments.delta": ResponsesAdapter._feed_step,
    "response.output_text.annotation.added": ResponsesAdapter._add_annotation,
    "response.image_generation_call.partial_image": ResponsesAdapter._keep_partial_image,
    "response.completed": ResponsesAdapter._feed_final_response,
    "response.incomplete": ResponsesAdapter._feed_final_response,
    "response.failed": ResponsesAdapter._feed_final_response,
    "response.cancelled": ResponsesAdapter._feed_final_response,
    "response.done": ResponsesAdapter._feed_final_response,
    "error": ResponsesAdapter._feed_error,
}


def _text_position(chunk: Chunk) -> tuple[Any, ...]:
    """Return where in the output a text stands. Not by the item's id: GitHub Copilot changes it midway."""
    part = chunk.get("content_index", chunk.get("summary_index"))
    return _hashable_or_none(chunk.get("output_index")), _hashable_or_none(part)


def _fill_missing_title(note: Any) -> Any:
    """Return an annotation with a file's name as its title."""
    note = dict_or_empty(note)
    return {**note, "title": note.get("title") or note.get("filename")}


def _hashable_or_none(value: Any) -> Any:
    return value if isinstance(value, int | str) else None


def _content_parts(value: Any) -> list[dict[str, Any]]:
    """Return the parts of an item's content, also where it is one part, a text, or a list of texts."""
    entries = value if type(value) is list else [value]
    return [{"text": entry} if type(entry) is str else dict_or_empty(entry) for entry in entries]


class OpenAIResponses:
    """The provider of ``openai-responses:``. See ``base.Provider``."""

    optional_params: frozenset[str] = frozenset()

    build_client = staticmethod(openai_client.build_client)
    request_kwargs = staticmethod(openai_responses_request.request_kwargs)
    list_models = staticmethod(openai_client.list_models)
    make_adapter = ResponsesAdapter

    def send(self, client: Any, body: dict[str, Any]) -> None:
        """Send it; the stream that the SDK returns is empty, its bytes are with our transport."""
        client.responses.create(**body, stream=True).close()

    async def asend(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        await (await client.responses.create(**body, stream=True)).close()
