"""Wire formats of chat completions, Responses and Gemini, event by event.

``Chat``, ``Responses`` and ``Gemini`` write one whole server-sent event a call, so that a fault
can be put between any two of them.  Field names and order follow the providers' own streams.
What is said with them is in ``answers``; no socket in here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from .messages import Dialect

__all__ = [
    "WIRE_FORMATS",
    "Chat",
    "Finish",
    "Gemini",
    "Responses",
    "WireFormat",
    "encode_json",
    "split_text",
    "sse_event",
]

Finish = Literal["stop", "length", "filter", "tool"]
DONE = b"data: [DONE]\n\n"
_NO_TOKENS = {"input": 0, "output": 0, "reasoning": 0, "cached": 0}


def split_text(text: str, size: int) -> list[str]:
    """Cut into pieces of ``size`` characters, the last one shorter."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def encode_json(value: Any) -> bytes:
    """Write JSON as providers do: no spaces, UTF-8; a lone surrogate goes out as its three bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def sse_event(chunk: Any, *, name: str | None = None, newline: str = "\n") -> bytes:
    """Write one server-sent event; ``chunk`` is bytes to send as they are, or a JSON value."""
    data = chunk if isinstance(chunk, bytes) else encode_json(chunk)
    head = f"event: {name}{newline}".encode() if name else b""
    return head + b"data: " + data + (newline * 2).encode()


class WireFormat(Protocol):
    """One dialect; each method returns whole events."""

    def opening(self) -> list[bytes]: ...
    def delta(self, text: str) -> bytes: ...
    def reasoning(self, text: str) -> bytes: ...
    def tool_call(self, index: int, name: str, arguments: str) -> list[bytes]: ...
    def finish(self, mark: Finish | str, tokens: Mapping[str, int] | None) -> list[bytes]: ...
    def done(self) -> list[bytes]: ...
    def whole(self, text: str, tokens: Mapping[str, int] | None) -> dict[str, Any]: ...


class Chat:
    """Chat completions, as api.openai.com streams them."""

    finishes: Mapping[str, str] = {"filter": "content_filter", "tool": "tool_calls"}

    def __init__(self, model: str = "test-model", include_usage: bool = True) -> None:
        self.model = model
        self.include_usage = include_usage

    def chunk(self, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """One chunk around ``choices``."""
        head = {"id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1700000000}
        return {**head, "model": self.model, "choices": choices, **more}

    def choice(self, delta: dict[str, Any], mark: str | None = None, index: int = 0) -> dict[str, Any]:
        """One choice of a chunk."""
        return {"index": index, "delta": delta, "logprobs": None, "finish_reason": mark}

    def opening(self) -> list[bytes]:
        return [sse_event(self.chunk([self.choice({"role": "assistant", "content": "", "refusal": None})]))]

    def delta(self, text: str) -> bytes:
        return sse_event(self.chunk([self.choice({"content": text})]))

    def reasoning(self, text: str) -> bytes:
        return sse_event(self.chunk([self.choice({"reasoning_content": text})]))

    def tool_call(self, index: int, name: str, arguments: str) -> list[bytes]:
        first = {"index": index, "id": f"call_{index}", "type": "function"}
        head = {**first, "function": {"name": name, "arguments": ""}}
        pieces = [{"index": index, "function": {"arguments": piece}} for piece in split_text(arguments, 4)]
        return [sse_event(self.chunk([self.choice({"tool_calls": [piece]})])) for piece in [head, *pieces]]

    def finish(self, mark: Finish | str, tokens: Mapping[str, int] | None) -> list[bytes]:
        end = [sse_event(self.chunk([self.choice({}, self.finishes.get(mark, mark))]))]
        if tokens is not None and self.include_usage:
            end.append(sse_event(self.chunk([], usage=self.usage(tokens))))
        return end

    def usage(self, tokens: Mapping[str, int]) -> dict[str, Any]:
        """The provider's own usage object."""
        return {
            "prompt_tokens": tokens["input"],
            "completion_tokens": tokens["output"],
            "total_tokens": tokens["input"] + tokens["output"],
            "prompt_tokens_details": {"cached_tokens": tokens["cached"]},
            "completion_tokens_details": {"reasoning_tokens": tokens["reasoning"]},
        }

    def done(self) -> list[bytes]:
        return [DONE]

    def whole(self, text: str, tokens: Mapping[str, int] | None) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        body = self.chunk([{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}])
        return body | {"object": "chat.completion", "usage": self.usage(tokens or _NO_TOKENS)}


class Responses:
    """The Responses API; numbers its events and repeats the whole text at the end."""

    def __init__(self, model: str = "test-model") -> None:
        self.model = model
        self._number = 0
        self._text: list[str] = []
        self._calls: list[dict[str, Any]] = []

    def numbered_event(self, kind: str, **more: Any) -> bytes:
        """One event of this kind, numbered."""
        number, self._number = self._number, self._number + 1
        return sse_event({"type": kind, "sequence_number": number, **more}, name=kind)

    def response(self, status: str, **more: Any) -> dict[str, Any]:
        """The response object as it stands."""
        head = {"id": "resp_test", "object": "response", "created_at": 1700000000, "status": status}
        fields: dict[str, Any] = {
            "error": None,
            "incomplete_details": None,
            "model": self.model,
            "output": [],
            "usage": None,
        }
        return {**head, **fields, **more}

    def opening(self) -> list[bytes]:
        item = {
            "id": "msg_test",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}
        return [
            self.numbered_event("response.created", response=self.response("in_progress")),
            self.numbered_event("response.in_progress", response=self.response("in_progress")),
            self.numbered_event("response.output_item.added", output_index=0, item=item),
            self.numbered_event("response.content_part.added", **self._position_fields(), part=part),
        ]

    def _position_fields(self) -> dict[str, Any]:
        return {"item_id": "msg_test", "output_index": 0, "content_index": 0}

    def delta(self, text: str) -> bytes:
        self._text.append(text)
        return self.numbered_event(
            "response.output_text.delta", **self._position_fields(), delta=text, logprobs=[]
        )

    def reasoning(self, text: str) -> bytes:
        position = {"item_id": "rs_test", "output_index": 0, "summary_index": 0}
        return self.numbered_event("response.reasoning_summary_text.delta", **position, delta=text)

    def tool_call(self, index: int, name: str, arguments: str) -> list[bytes]:
        position = {"item_id": f"fc_{index}", "output_index": index + 1}
        item = {"id": f"fc_{index}", "type": "function_call", "call_id": f"call_{index}", "name": name}
        begun, ended = (item | {"status": "in_progress", "arguments": ""}), item | {"arguments": arguments}
        self._calls.append(ended | {"status": "completed"})
        kind = "response.function_call_arguments"
        pieces = [
            self.numbered_event(f"{kind}.delta", **position, delta=piece)
            for piece in split_text(arguments, 4)
        ]
        return [
            self.numbered_event("response.output_item.added", output_index=index + 1, item=begun),
            *pieces,
            self.numbered_event(f"{kind}.done", **position, name=name, arguments=arguments),
            self.numbered_event("response.output_item.done", output_index=index + 1, item=self._calls[-1]),
        ]

    def finish(self, mark: Finish | str, tokens: Mapping[str, int] | None) -> list[bytes]:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "".join(self._text)}
        item = {"id": "msg_test", "type": "message", "role": "assistant", "content": [part]}
        about: dict[str, Any] = {"output": [item | {"status": "completed"}, *self._calls]}
        if tokens is not None:
            about["usage"] = self.usage(tokens)
        why = {"length": "max_output_tokens", "filter": "content_filter"}.get(mark)
        status = "incomplete" if why else "completed"
        about["incomplete_details"] = {"reason": why} if why else None
        return [
            self.numbered_event(
                "response.output_text.done", **self._position_fields(), text=part["text"], logprobs=[]
            ),
            self.numbered_event(f"response.{status}", response=self.response(status, **about)),
        ]

    def usage(self, tokens: Mapping[str, int]) -> dict[str, Any]:
        """The provider's own usage object."""
        return {
            "input_tokens": tokens["input"],
            "input_tokens_details": {"cached_tokens": tokens["cached"]},
            "output_tokens": tokens["output"],
            "output_tokens_details": {"reasoning_tokens": tokens["reasoning"]},
            "total_tokens": tokens["input"] + tokens["output"],
        }

    def done(self) -> list[bytes]:
        return []

    def whole(self, text: str, tokens: Mapping[str, int] | None) -> dict[str, Any]:
        part = {"type": "output_text", "annotations": [], "text": text}
        item = {"id": "msg_test", "type": "message", "role": "assistant", "content": [part]}
        usage = self.usage(tokens or _NO_TOKENS)
        return self.response("completed", output=[item | {"status": "completed"}], usage=usage)


class Gemini:
    """generateContent: usage on every chunk, CRLF, the finish mark on a last chunk without text."""

    finishes: Mapping[str, str] = {
        "stop": "STOP",
        "length": "MAX_TOKENS",
        "filter": "SAFETY",
        "tool": "STOP",
    }

    def __init__(self, model: str = "test-model") -> None:
        self.model = model

    def chunk(self, parts: list[dict[str, Any]], mark: str | None = None, **more: Any) -> dict[str, Any]:
        """One chunk with one candidate."""
        candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if mark:
            candidate["finishReason"] = mark
        return {"candidates": [candidate], **more, "modelVersion": self.model, "responseId": "test"}

    def opening(self) -> list[bytes]:
        return []

    def _event(self, chunk: dict[str, Any]) -> bytes:
        return sse_event(chunk, newline="\r\n")

    def delta(self, text: str) -> bytes:
        return self._event(self.chunk([{"text": text}]))

    def reasoning(self, text: str) -> bytes:
        return self._event(self.chunk([{"text": text, "thought": True}]))

    def tool_call(self, index: int, name: str, arguments: str) -> list[bytes]:
        call = {"id": f"call_{index}", "name": name, "args": json.loads(arguments)}
        return [self._event(self.chunk([{"functionCall": call}]))]

    def finish(self, mark: Finish | str, tokens: Mapping[str, int] | None) -> list[bytes]:
        more = {} if tokens is None else {"usageMetadata": self.usage(tokens)}
        return [self._event(self.chunk([{"text": ""}], self.finishes.get(mark, mark), **more))]

    def usage(self, tokens: Mapping[str, int]) -> dict[str, Any]:
        """The provider's own usage object; thoughts stand outside the candidates."""
        return {
            "promptTokenCount": tokens["input"],
            "candidatesTokenCount": tokens["output"] - tokens["reasoning"],
            "thoughtsTokenCount": tokens["reasoning"],
            "cachedContentTokenCount": tokens["cached"],
            "totalTokenCount": tokens["input"] + tokens["output"],
        }

    def done(self) -> list[bytes]:
        return []

    def whole(self, text: str, tokens: Mapping[str, int] | None) -> dict[str, Any]:
        usage = self.usage(tokens or _NO_TOKENS)
        return self.chunk([{"text": text}], "STOP", usageMetadata=usage)


WIRE_FORMATS: Mapping[Dialect, type[Chat] | type[Responses] | type[Gemini]] = {
    "chat": Chat,
    "responses": Responses,
    "gemini": Gemini,
}
