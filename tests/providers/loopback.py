"""A small server on 127.0.0.1 that answers every request with one body and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class ReceivedRequest:
    """One request as it came off the wire; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def says(self, word: str) -> bool:
        """Whether ``word`` is anywhere in it."""
        return word in self.path or word.encode() in self.body or word in repr(self.headers)


class Loopback:
    """Serves ``body`` until told otherwise."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.requests: list[ReceivedRequest] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            loopback.requests.append(ReceivedRequest(self.path, headers, body))
            kind = "text/event-stream" if loopback.status == 200 else "application/json"
            self.send_response(loopback.status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(loopback.body)))
            self.end_headers()
            self.wfile.write(loopback.body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
