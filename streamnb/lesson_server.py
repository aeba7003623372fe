"""A small HTTP server for lessons: it plays the demo answers, on this computer only.

So a lesson can show a real SDK's call, request and parser; only the model behind it is a recording.  The
server understands chat completions and Gemini's API, streamed or whole, and stores the requests it got, so
that a lesson can print them.  It needs no key and ignores any.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .core.events import ReasoningDelta, TextDelta
from .core.recording import Recording
from .core.trace import TraceEntry
from .core.wire_events import Data, ResponseHead
from .providers.demo import answer_for, answer_names
from .storage.xray import build_xray

__all__ = ["LessonServer"]

MAX_BODY_BYTES = 50_000_000

_EVENT_STREAM_HEADERS = {"content-type": "text/event-stream; charset=utf-8"}
_JSON_HEADERS = {"content-type": "application/json"}
_GEMINI_PATH = re.compile(
    r"/(?:v1\w*/)?models/(?P<model>[^/:]+):(?P<how>streamGenerateContent|generateContent)"
)


class LessonServer:
    """A server on 127.0.0.1 that answers as OpenAI and Gemini do; ``stop`` or the end of the process ends it.

    Parameters
    ----------
    speed
        How fast the answers are played: 1 is a model's pace, 0 does not wait.

    Attributes
    ----------
    requests
        The body of every request, the last one last.

    Examples
    --------
    >>> with LessonServer(speed=0) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.requests: list[dict[str, Any]] = []
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.lesson = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="streamnb lesson", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address, for google-genai."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def openai_url(self) -> str:
        """The address, for openai."""
        return f"{self.url}/v1"

    def stop(self) -> None:
        """Stop the server and free its port."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(1)

    def __enter__(self) -> LessonServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    lesson: LessonServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet where whoever asked has left; the cell that runs shows what we print."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server

    timeout = 10.0  # seconds for a body that was announced

    def do_POST(self) -> None:
        if not self._is_from_this_machine():
            self._refuse_request(
                403, "this small server answers this computer's own programs, and no web page"
            )
            return
        body = self._read_body()
        if body is None:
            self._refuse_request(400, "the body is one JSON object, as long as content-length says")
            return
        self.server.lesson.requests.append(body)
        gemini = _GEMINI_PATH.match(self.path)
        if gemini:
            answer = _find_recording(
                gemini["model"], _content_text(_last_turn(body.get("contents")).get("parts"))
            )
            whole = gemini["how"] == "generateContent"
            if not self._send_recorded_refusal(answer):
                self._send_response(
                    _gemini_response_bytes(answer), _JSON_HEADERS
                ) if whole else self._send_response(_gemini_stream_bytes(answer), _EVENT_STREAM_HEADERS)
        elif self.path.startswith("/v1/chat/completions"):
            prompt = _content_text(_last_turn(body.get("messages")).get("content"))
            answer = _find_recording(str(body.get("model", "")), prompt)
            whole = not body.get("stream")
            if not self._send_recorded_refusal(answer):
                self._send_response(
                    _openai_response_bytes(answer), _JSON_HEADERS
                ) if whole else self._send_response(_openai_stream_bytes(answer), _EVENT_STREAM_HEADERS)
        else:
            self.send_error(404, "this small server knows chat completions and generateContent")

    def _refuse_request(self, status: int, message: str) -> None:
        """Send an error, then read the remaining body: closed before, the connection would lose it."""
        self.send_error(status, message)
        self.wfile.flush()
        self.connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            for _ in range(100):
                if not self.rfile.read1(65_536):
                    break

    def _is_from_this_machine(self) -> bool:
        """Whether host and origin name this server: a page elsewhere may send requests through a browser."""
        port = self.server.server_address[1]
        names = {f"{host}:{port}" for host in ("127.0.0.1", "localhost")}
        origins, hosts = self.headers.get_all("origin", []), self.headers.get_all("host", [])
        claimed = [*(origin.removeprefix("http://") for origin in origins), *map(str.lower, hosts)]
        return all(name in names for name in claimed)

    def _read_body(self) -> dict[str, Any] | None:
        """Return the JSON object that was sent, ``None`` where there is none."""
        try:
            digits = self.headers.get("content-length", "0")
            if "transfer-encoding" in self.headers or not re.fullmatch("[0-9]{1,9}", digits):
                return None
            if (length := int(digits)) > MAX_BODY_BYTES:
                return None
            data = self.rfile.read(length)
            body = json.loads(data or b"{}")
        except (ValueError, RecursionError, TimeoutError):
            return None
        return body if len(data) == length and isinstance(body, dict) else None

    def _send_recorded_refusal(self, recording: Recording) -> bool:
        """Send the recorded refusal, as it was, if this is one."""
        heads = [message for message in recording.tries[-1] if isinstance(message, ResponseHead)]
        if heads and heads[-1].status != 200:
            self._send_response(_openai_stream_bytes(recording), heads[-1].headers, heads[-1].status)
            return True
        return False

    def _send_response(
        self, pieces: Iterator[tuple[float, bytes]], headers: Mapping[str, str], status: int = 200
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()  # HTTP/1.0: the end of the connection is the end of the answer
        began, speed = time.perf_counter(), self.server.lesson.speed
        for at, data in pieces:
            if speed > 0:
                time.sleep(max(0.0, began + at / speed - time.perf_counter()))
            try:
                self.wfile.write(data)
                self.wfile.flush()
            except OSError:  # whoever asked has left
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: the cell that asks has something to say, this one has not."""


def _find_recording(model: str, prompt: str) -> Recording:
    """Return the demo answer of a model's name, or the one nearest to the prompt."""
    name = model.removeprefix("models/").removeprefix("demo").removeprefix(":").removeprefix("-")
    return answer_for(name if name in answer_names() else "", prompt)


def _last_turn(turns: Any) -> dict[str, Any]:
    """Return the last turn, an empty one where there is none."""
    last = turns[-1] if isinstance(turns, list) and turns else {}
    return last if isinstance(last, dict) else {}


def _content_text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


# --- chat completions: the recorded bytes as they are ------------------------------------


def _openai_stream_bytes(recording: Recording) -> Iterator[tuple[float, bytes]]:
    for message in recording.tries[-1]:
        if isinstance(message, Data):
            yield message.at, message.data


def _openai_response_bytes(recording: Recording) -> Iterator[tuple[float, bytes]]:
    text = "".join(entry.answer_text for entry in build_xray(recording).entries)
    message = {"role": "assistant", "content": text}
    response = {"id": "demo", "object": "chat.completion", "created": 0, "model": recording.header.model}
    response["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    yield 0.0, json.dumps(response).encode()


# --- Gemini's language: the same pieces in other words ------------------------------------


def _gemini_stream_bytes(recording: Recording) -> Iterator[tuple[float, bytes]]:
    """Yield an answer as Gemini streams it; the usage is on every chunk, and grows."""
    entries = [entry for entry in build_xray(recording).entries if entry.has_content]
    for count, entry in enumerate(entries, 1):
        candidate: dict[str, Any] = {
            "content": {"role": "model", "parts": _gemini_parts_of_entry(entry)},
            "index": 0,
        }
        if count == len(entries):
            candidate["finishReason"] = "STOP"
        usage = {"promptTokenCount": 8, "candidatesTokenCount": count, "totalTokenCount": 8 + count}
        chunk = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": recording.header.model}
        yield entry.at, f"data: {json.dumps(chunk)}\r\n\r\n".encode()


def _gemini_response_bytes(recording: Recording) -> Iterator[tuple[float, bytes]]:
    text = "".join(entry.answer_text for entry in build_xray(recording).entries)
    content = {"role": "model", "parts": [{"text": text}]}
    response = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}
    yield 0.0, json.dumps(response).encode()


def _gemini_parts_of_entry(entry: TraceEntry) -> list[dict[str, Any]]:
    return [
        {"text": event.text} | ({"thought": True} if isinstance(event, ReasoningDelta) else {})
        for event in entry.events
        if isinstance(event, TextDelta | ReasoningDelta)
    ]
