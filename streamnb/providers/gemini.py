"""Gemini's generateContent, at Google, on Vertex AI and at servers that speak its language.

``GeminiAdapter`` reads the chunks; ``Gemini`` builds the request (its parts in ``gemini_request``, the
client in ``gemini_client``) and sends large files ahead (``gemini_files``).  Not in here: the
interactions API.
"""

from __future__ import annotations

from typing import Any

from ..core.events import Event, Finished, ReasoningDelta, Usage
from ..core.text import sanitize_line
from . import gemini_client, gemini_files, gemini_request
from .base import Chunk, Endpoint, Request
from .choices import ChoicePicker
from .error_objects import error_text_with_code, find_error_object, possible_error
from .extract import (
    CitationCollector,
    dict_or_empty,
    images_from_base64,
    latest_usage,
    list_or_empty,
    texts_in,
    usage_from_gemini,
)
from .finish_reasons import (
    CUT_STATES,
    MAX_REASON_CHARACTERS,
    normalize_gemini_reason,
    state_of_gemini_reason,
    unknown_reason_message,
)
from .gemini_tool_calls import GeminiToolCalls
from .repetition_filter import RepetitionFilter
from .server_tool_steps import GEMINI_STEP_KEYS, GeminiSteps
from .think_tags import ThinkTags

__all__ = ["Gemini", "GeminiAdapter"]

MAX_TITLE_CHARACTERS = 80  # of a document that stand for its title
_FALSE_TEXTS = ("false", "False")
_BOOLEAN_TEXTS = ("", "true", "True", "false", "False")
_TOKEN_COUNT_KEYS = ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")
_CITATION_KEYS = ("groundingMetadata", "citationMetadata", "urlContextMetadata", "citation_metadata")


class GeminiAdapter:
    """Reads the chunks of one answer. See ``base.Adapter``."""

    def __init__(self) -> None:
        self.finished = False
        self._reason: str | None = None
        self._reason_message: str | None = None  # the provider's sentence about the end
        self._is_blocked = False
        self._error: str | None = None
        self._possible_error: Any = None  # one if no finish mark comes
        self._usage: Usage | None = None
        self._counts: Any = None  # the last that were reported, not in the usage yet
        self._candidates = ChoicePicker()
        self._tags = ThinkTags()
        self._text, self._thoughts = RepetitionFilter(), RepetitionFilter()
        self._is_last = False  # the finish mark stands beside what is read
        self._calls = GeminiToolCalls()
        self._sources = CitationCollector()
        self._steps = GeminiSteps()

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of one chunk."""
        events: list[Event] = []
        inner = chunk.get("response")
        if type(inner) is dict and "candidates" not in chunk:  # Code Assist wraps each
            chunk = inner
        entries = chunk.get("candidates")
        candidates = self._candidates.feed([entries] if type(entries) is dict else entries)
        for candidate in candidates:
            self._feed_candidate(candidate, events)
        if counts := chunk.get("usageMetadata") or chunk.get("usage_metadata"):
            if not _has_all_counts(counts):
                self._merge_pending_usage()
            self._counts = counts
        if feedback := chunk.get("promptFeedback") or chunk.get("prompt_feedback"):
            self._feed_prompt_feedback(dict_or_empty(feedback))
        is_bare = not (candidates or "usageMetadata" in chunk)
        if error := find_error_object(chunk, bare=is_bare):
            self._set_error(error_text_with_code(error))
        elif is_bare and not self._possible_error:
            self._possible_error = possible_error(chunk)
        return events

    def _merge_pending_usage(self) -> None:
        """Make usage of the last counts: they come with every chunk, and mostly the last say it all."""
        counts, self._counts = self._counts, None
        self._usage = latest_usage(self._usage, usage_from_gemini(counts))

    def _feed_candidate(self, candidate: dict[str, Any], events: list[Event]) -> None:
        contents = candidate.get("content")
        reason = candidate.get("finishReason") or candidate.get("finish_reason")
        self._is_last = bool(reason)
        for content in contents if type(contents) is list else [contents]:
            parts = content.get("parts", content) if type(content) is dict else content
            for part in parts if type(parts) is list else [parts]:
                self._feed_part(part, events)
        if reason:
            self._set_finish_reason(str(reason), candidate.get("finishMessage"))
        for key in _CITATION_KEYS:
            if key in candidate:
                self._add_citations(candidate[key], events)

    def close(self) -> list[Event]:
        """Return what was held back, usage, and how it ended."""
        events: list[Event] = []
        for candidate in self._candidates.close():
            self._feed_candidate(candidate, events)
        events += self._tags.feed(self._text.close())
        if thought := self._thoughts.close():
            events.append(ReasoningDelta(thought))
        events += [*self._tags.close(), *self._calls.close()]
        self._merge_pending_usage()
        if self._usage is not None:
            events.append(self._usage)
        events.append(self._finished_event())
        return events

    def _feed_part(self, part: Any, events: list[Event]) -> None:
        if type(part) is not dict:
            for piece in texts_in(part):
                self._feed_text(piece, events, thought=False)
            return
        text, thought = part.get("text"), part.get("thought")
        if text:  # an empty one carries a signature, or stands beside what is there
            for piece in [text] if type(text) is str else texts_in(text):
                self._feed_text(piece, events, thought=bool(thought) and thought not in _FALSE_TEXTS)
            if len(part) == 1:
                return
        elif type(thought) is str and thought not in _BOOLEAN_TEXTS:
            events.append(ReasoningDelta(thought))
        if part.get("functionCall"):
            events += self._calls.feed(part)
        elif part.get("function_call"):  # by the names of the protocol's own fields
            events += self._calls.feed({**part, "functionCall": part["function_call"]})
        elif not GEMINI_STEP_KEYS.isdisjoint(part):
            events += self._steps.feed(part)
        elif not thought and (inline := part.get("inlineData") or part.get("inline_data")):
            inline = dict_or_empty(inline)  # (drafts of a picture are thoughts)
            mime_type = inline.get("mimeType") or inline.get("mime_type")
            events += images_from_base64(mime_type, inline.get("data"))

    def _feed_text(self, text: str, events: list[Event], *, thought: bool) -> None:
        if not thought:
            events += self._tags.feed(self._text.feed(text, is_last=self._is_last))
        elif text := self._thoughts.feed(text):
            events.append(ReasoningDelta(text))

    def _set_finish_reason(self, word: str, why: Any) -> None:
        reason, word = word[:MAX_REASON_CHARACTERS], normalize_gemini_reason(word[:MAX_REASON_CHARACTERS])
        if word == "UNSPECIFIED":  # there is no end yet
            self._reason = self._reason or reason
            return
        self.finished = True
        if (
            state_of_gemini_reason(word) != "complete"
            or state_of_gemini_reason(self._reason) not in CUT_STATES
        ):
            self._reason = reason
        if type(why) is str and why:
            self._reason_message = sanitize_line(why)
        if state_of_gemini_reason(word) == "error":  # and stays one: some answers end in ERROR, then STOP
            self._set_error(self._reason_message or f"The provider ended the answer with {word}.")

    def _feed_prompt_feedback(self, feedback: dict[str, Any]) -> None:
        word = feedback.get("blockReason") or feedback.get("block_reason")
        if word and word != "BLOCK_REASON_UNSPECIFIED":
            self.finished = self._is_blocked = True
            self._reason = self._reason or str(word)[:MAX_REASON_CHARACTERS]
            why = feedback.get("blockReasonMessage")
            message = sanitize_line(why) if type(why) is str else ""
            self._reason_message = (
                message or f"The prompt was blocked ({sanitize_line(str(word), 40)}): reword it."
            )

    def _set_error(self, sentence: str) -> None:
        self.finished = True
        self._error = self._error or sentence

    def _add_citations(self, metadata: Any, events: list[Event]) -> None:
        metadata = dict_or_empty(metadata)
        for chunk in list_or_empty(metadata.get("groundingChunks")):
            for source in dict_or_empty(chunk).values():  # {"web": {…}}, {"maps": …}, {"retrievedContext": …}
                events += self._sources.feed(_fill_missing_title(source))
        for key in ("citationSources", "citations"):
            events += self._sources.feed(*list_or_empty(metadata.get(key)))
        for page in list_or_empty(metadata.get("urlMetadata")):
            events += self._sources.feed(dict_or_empty(page).get("retrievedUrl"))

    def _finished_event(self) -> Finished:
        if self._error is not None:
            return Finished("error", self._reason, self._error)
        if self._is_blocked:
            return Finished("filtered", self._reason, self._reason_message)
        if self._reason is None and self._possible_error:
            return Finished("error", None, error_text_with_code(self._possible_error))
        if self._reason is None:
            return Finished("unfinished")
        state = state_of_gemini_reason(self._reason)
        if state is None:
            return Finished(
                "unfinished", self._reason, self._reason_message or unknown_reason_message(self._reason)
            )
        return Finished(state, self._reason, None if state == "complete" else self._reason_message)


def _fill_missing_title(source: Any) -> Any:
    """Return a grounding source; one of a person's own documents may have nothing but its text."""
    text = dict_or_empty(source).get("text")
    if type(text) is str and not (source.get("title") or source.get("uri")):
        return {"title": sanitize_line(text, MAX_TITLE_CHARACTERS)}
    return source


def _has_all_counts(counts: Any) -> bool:
    """Whether counts take the place of all before them: none of the three is missing or 0."""
    if type(counts) is not dict:
        return False
    return all(type(count) is int and count > 0 for count in map(counts.get, _TOKEN_COUNT_KEYS))


class Gemini:
    """The provider of ``gemini:`` and ``vertex:``. See ``base.Provider``."""

    optional_params: frozenset[str] = frozenset()

    build_client = staticmethod(gemini_client.build_client)
    upload = staticmethod(gemini_files.upload)
    aupload = staticmethod(gemini_files.aupload)
    poll = staticmethod(gemini_files.poll)
    apoll = staticmethod(gemini_files.apoll)
    make_adapter = GeminiAdapter

    def request_kwargs(self, request: Request, endpoint: Endpoint) -> dict[str, Any]:
        """Return the keyword arguments of ``models.generate_content_stream``."""
        if endpoint.provider == "vertex":
            gemini_files.refuse_uploads(request)
        return gemini_request.request_kwargs(request)

    def send(self, client: Any, body: dict[str, Any]) -> None:
        """Send it. Nothing is sent before the first step, and there is none: our transport has the bytes."""
        for _ in client.models.generate_content_stream(**body):
            pass

    async def asend(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        async for _ in await client.aio.models.generate_content_stream(**body):
            pass

    def list_models(self, client: Any, endpoint: Endpoint) -> list[str]:
        """Return the models that the endpoint offers for generating."""
        names = [
            str(model.name).rpartition("/")[2]  # models/NAME, at Vertex AI publishers/google/models/NAME
            for model in client.models.list()
            if model.name and "generateContent" in (model.supported_actions or ["generateContent"])
        ]
        # Vertex AI does not say which of its models write.
        return [name for name in names if endpoint.provider != "vertex" or name.startswith("gemini")]
