"""A small server for lessons: it plays the demo answers over HTTP, on this computer only.

What a lesson shows of an SDK is then the SDK's own call, its own request and its own parser; only the model
behind it is a recording.  It speaks two languages, chat completions and Gemini's, as a stream or as a whole,
and keeps what it was asked, so that a lesson can look at that, too.  It needs no key and ignores any.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from .core.events import ReasoningDelta, TextDelta
from .core.recording import Recording
from .core.trace import TraceEntry
from .core.wire_events import Data
from .providers.demo import answer_for, names
from .storage.xray import inspect

__all__ = ["LessonServer"]

_STREAM = "text/event-stream; charset=utf-8"
_JSON = "application/json"
_GEMINI = re.compile(r"/(?:v1\w*/)?models/(?P<model>[^/:]+):(?P<how>streamGenerateContent|generateContent)")


class LessonServer:
    """A model of two languages on 127.0.0.1; ``stop`` ends it, and so does the end of the process.

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
        """Let the port go."""
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


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        self.server.lesson.requests.append(asked)
        gemini = _GEMINI.match(self.path)
        if gemini:
            kept = _answer(gemini["model"], _last_part(asked))
            whole = gemini["how"] == "generateContent"
            self._say(_whole_gemini(kept), _JSON) if whole else self._say(_gemini(kept), _STREAM)
        elif self.path.startswith("/v1/chat/completions"):
            kept = _answer(str(asked.get("model", "")), _last_message(asked))
            self._say(_chat(kept), _STREAM) if asked.get("stream") else self._say(_whole_chat(kept), _JSON)
        else:
            self.send_error(404, "this small server knows chat completions and generateContent")

    def _say(self, pieces: Iterator[tuple[float, bytes]], kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
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


def _answer(model: str, prompt: str) -> Recording:
    """Return the demo answer of a model's name, or the one nearest to the prompt."""
    name = model.removeprefix("models/").removeprefix("demo").removeprefix(":").removeprefix("-")
    return answer_for(name if name in names() else "", prompt)


def _last_message(asked: dict[str, Any]) -> str:
    content = (asked.get("messages") or [{}])[-1].get("content") or ""
    return content if isinstance(content, str) else " ".join(str(part.get("text", "")) for part in content)


def _last_part(asked: dict[str, Any]) -> str:
    parts = (asked.get("contents") or [{}])[-1].get("parts") or []
    return " ".join(str(part.get("text", "")) for part in parts)


# --- chat completions: the recorded bytes as they are ------------------------------------


def _chat(kept: Recording) -> Iterator[tuple[float, bytes]]:
    for message in kept.tries[-1]:
        if isinstance(message, Data):
            yield message.at, message.data


def _whole_chat(kept: Recording) -> Iterator[tuple[float, bytes]]:
    text = "".join(frame.text for frame in inspect(kept).entries)
    message = {"role": "assistant", "content": text}
    said = {"id": "demo", "object": "chat.completion", "created": 0, "model": kept.header.model}
    said["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    yield 0.0, json.dumps(said).encode()


# --- Gemini's language: the same pieces in other words ------------------------------------


def _gemini(kept: Recording) -> Iterator[tuple[float, bytes]]:
    """Yield an answer as Gemini streams it; the usage is on every chunk, and grows."""
    frames = [frame for frame in inspect(kept).entries if frame.content]
    for count, frame in enumerate(frames, 1):
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": _parts(frame)}, "index": 0}
        if count == len(frames):
            candidate["finishReason"] = "STOP"
        usage = {"promptTokenCount": 8, "candidatesTokenCount": count, "totalTokenCount": 8 + count}
        chunk = {"candidates": [candidate], "usageMetadata": usage, "modelVersion": kept.header.model}
        yield frame.at, f"data: {json.dumps(chunk)}\r\n\r\n".encode()


def _whole_gemini(kept: Recording) -> Iterator[tuple[float, bytes]]:
    text = "".join(frame.text for frame in inspect(kept).entries)
    content = {"role": "model", "parts": [{"text": text}]}
    said = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}
    yield 0.0, json.dumps(said).encode()


def _parts(frame: TraceEntry) -> list[dict[str, Any]]:
    return [
        {"text": event.text} | ({"thought": True} if isinstance(event, ReasoningDelta) else {})
        for event in frame.events
        if isinstance(event, TextDelta | ReasoningDelta)
    ]
