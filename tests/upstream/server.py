"""The test provider's server: sockets and threads, standard library only.

It reads requests, keeps them, and sends whatever ``Answer`` it is told to, at a pace exact
to about a millisecond, in order or broken anywhere.  It also notices when a client leaves.
What a provider would say is in ``answers``; which faults there are is in ``faults``.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from . import http_io
from .answers import ModelAnswer, answer_request
from .messages import Answer, Request

__all__ = ["PortMode", "Upstream"]

PortMode = Literal["plain", "tls", "silent", "closed"]
Script = Callable[[Request], Answer]

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() then sends RST, not FIN


class _ClientLeftError(Exception):
    """The client hung up."""


class Upstream:
    """A provider on 127.0.0.1, as a context manager.

    Parameters
    ----------
    script
        ``request -> Answer``, or answers to give one after the other (the last one again and
        again). ``None``: every request is answered with the ``ModelAnswer`` made of ``says``.
    port_mode
        ``plain`` · ``tls`` (needs ``certificate``) · ``silent`` (connections are taken and
        not a byte is ever said) · ``closed`` (nobody listens at the port).
    certificate
        A PEM file with certificate and key, see ``http_io.make_self_signed_certificate``.
    aside
        Answers what asks for no answer of a model; ``None``: with a list of models.
    says
        The fields of ``ModelAnswer``.

    Attributes
    ----------
    requests : what came in, in order.
    sent : the monotonic time of each piece of a body that went out.
    connections : how many were opened.
    closed_at : when a client was last seen to hang up, in mid-answer or between answers.
    left : how many clients hung up in mid-answer.
    busy : how many answers are being given now; whoever was left is not busy any more.
    """

    def __init__(
        self,
        script: Script | Iterable[Answer] | None = None,
        *,
        port_mode: PortMode = "plain",
        certificate: Path | None = None,
        aside: Script | None = None,
        **says: Any,
    ) -> None:
        self._script = _as_script(script, ModelAnswer(**says))
        self._aside = aside or _model_list
        self._port_mode = port_mode
        self._tls = http_io.server_tls_context(certificate) if certificate else None
        self.requests: list[Request] = []
        self.sent: list[float] = []
        self.connections = 0
        self.closed_at: float | None = None
        self.left = 0
        self.busy = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._open: dict[int, socket.socket] = {}
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        if port_mode == "closed":
            self._listener.close()
        else:
            self._run(self._accept)

    # -- addresses ------------------------------------------------------------------------
    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        """The base URL for chat completions and Responses."""
        return self.url + "/v1"

    @property
    def gemini_url(self) -> str:
        """The base URL for google-genai, which adds the version itself."""
        return self.url

    # -- what was seen --------------------------------------------------------------------
    @property
    def open(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def wait_until(self, true: Callable[[Upstream], Any], seconds: float) -> bool:
        """Wait until ``true(self)`` holds, looked at whenever something happens here."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(true(self)), seconds)

    def wait_until_client_left(self, seconds: float) -> bool:
        """Wait until a client hung up in mid-answer; ``False`` if none did in time."""
        return self.wait_until(lambda server: server.left, seconds)

    def _note(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()

    # -- life -----------------------------------------------------------------------------
    def __enter__(self) -> Upstream:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: object, _tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, hang up on everybody, wait for the threads."""
        self._closing.set()
        _hang_up(self._listener)
        for connection in list(self._open.values()):
            _shut_down(connection)
        for thread in self._threads:
            thread.join(2)

    def _run(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True, name=f"upstream-{self.port}")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return  # closed
            self.connections += 1
            self._open[self.connections] = connection
            self._run(self._serve_connection, connection, self.connections)

    # -- one connection -------------------------------------------------------------------
    def _serve_connection(self, connection: socket.socket, number: int) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._port_mode == "silent":
                self._serve_silently(connection)
            if self._tls:
                self._open[number] = connection = self._tls.wrap_socket(connection, server_side=True)
            reader = connection.makefile("rb")
            with reader:
                while (request := http_io.read_request(reader, number)) and self._answer(connection, request):
                    pass
        except (OSError, _ClientLeftError, ValueError):
            pass  # the client is gone, or speaks no HTTP; either way the talk is over
        finally:
            del self._open[number]
            connection.close()
            self._note(self._note_client_closed)

    def _serve_silently(self, connection: socket.socket) -> None:
        self._note(lambda: self._add_busy(1))
        try:
            while connection.recv(65536):
                pass
        finally:
            self._note(lambda: self._add_busy(-1))

    def _add_busy(self, more: int) -> None:
        self.busy += more

    def _note_client_closed(self) -> None:
        if not self._closing.is_set():
            self.closed_at = time.monotonic()

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Send one answer; whether the connection can take another request."""

        def begin() -> None:
            self.requests.append(request)
            self._add_busy(1)

        self._note(begin)
        answer = (self._aside if request.dialect is None else self._script)(request)
        try:
            self._pause(connection, time.monotonic() + answer.before)
            self._send(connection, answer)
            if answer.end == "hang":
                self._wait_for_hang_up(connection, None)
        except (OSError, _ClientLeftError):
            if not self._closing.is_set():
                self._note(self._note_client_left)
            raise
        finally:
            self._note(lambda: self._add_busy(-1))
        if answer.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        return answer.end == "ok" and answer.framing in {"chunked", "length"}

    def _note_client_left(self) -> None:
        self.left += 1
        self._note_client_closed()

    def _send(self, connection: socket.socket, answer: Answer) -> None:
        body = answer.body
        if answer.framing == "length" and answer.declared is None:
            body = tuple(body)
            length = sum(len(piece) for piece in body if isinstance(piece, bytes))
        else:
            length = answer.declared or 0
        if answer.framing != "raw":
            connection.sendall(http_io.response_head(answer, length))
        due = time.monotonic()
        for piece in body:
            if isinstance(piece, bytes):
                chunked = answer.framing == "chunked"
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                self._note(lambda: self.sent.append(time.monotonic()))
            elif piece:
                due = max(due + piece, time.monotonic() - 1)  # a reader that slept gets no flood
                self._pause(connection, due)
        if answer.framing == "chunked" and answer.end == "ok":
            connection.sendall(b"0\r\n\r\n")

    def _pause(self, connection: socket.socket, until: float) -> None:
        left = until - time.monotonic()
        if left > 0:
            self._wait_for_hang_up(connection, left)

    def _wait_for_hang_up(self, connection: socket.socket, seconds: float | None) -> None:
        """Wait, for ever with ``None``; raise ``_ClientLeftError`` as soon as the client hangs up."""
        readable, _w, _x = select.select([connection], [], [], seconds)
        if not readable:
            return
        if isinstance(connection, ssl.SSLSocket) or connection.recv(1, socket.MSG_PEEK):
            # The next request is already waiting, or cannot be looked at: only time is left.
            self._closing.wait(seconds)
            return
        raise _ClientLeftError


def _as_script(script: Script | Iterable[Answer] | None, model_answer: ModelAnswer) -> Script:
    if script is None:
        return lambda request: answer_request(request, model_answer)
    if callable(script):
        return script
    answers = list(script)

    def in_turn(_request: Request) -> Answer:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return in_turn


def _model_list(_request: Request) -> Answer:
    """The list of models, in OpenAI's and Gemini's words at once, since both ask at /v1/models."""
    names = ("test-model", "gpt-test", "gemini-test")
    listed = [{"id": name, "object": "model", "created": 1700000000, "owned_by": "test"} for name in names]
    gemini = [{"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]} for name in names]
    body = json.dumps({"object": "list", "data": listed, "models": gemini}).encode()
    return Answer((body,), content_type="application/json", framing="length")


def _hang_up(connection: socket.socket) -> None:
    _shut_down(connection)
    connection.close()


def _shut_down(connection: socket.socket) -> None:
    with suppress(OSError):  # not connected, or gone already
        connection.shutdown(socket.SHUT_RDWR)
