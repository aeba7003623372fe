"""The file format of recorded streams: for --record, --replay, demo answers, cassette and journal.

The format, version 1: JSON lines in UTF-8, ``at`` in seconds since the first request was sent::

    {"streamnb": "recording", "version": 1, "provider": "openai", "model": "openai:gpt-4.1-mini",
     "recorded": "2026-11-20T12:34:56+00:00", "request": {...}, "about": {...}}      (one line)
    {"at": 0.0, "sent": true}
    {"at": 0.31, "status": 200, "headers": {"content-type": "text/event-stream"}}
    {"at": 0.31, "text": "data: {...}\\n\\n"}       bytes that are whole UTF-8
    {"at": 0.35, "base64": "w6Q="}                 any other bytes
    {"at": 2.07, "end": null}                      or {"state": "lost", "message": "...", "retry": true}

A retried request brings ``sent`` and what follows once more.  A reader passes over fields and
kinds of lines that it does not know; a change that it could not pass over takes a new version.
A full disk or a killed kernel leaves a broken last line, or no ``end``: what came before is a
recording all the same.  A request's headers are never written; what else is, the maker of the ``Header``
decides.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from itertools import pairwise
from typing import IO, Any, get_args

from .decompress import Decompressor
from .errors import UsageError
from .events import State
from .stream_redaction import WireEventRedactor
from .surrogates import without_surrogates
from .text import sanitize_line
from .wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent

__all__ = ["Header", "Recording", "RecordingWriter", "is_other_than_recording", "parse", "read"]

VERSION = 1
FIRST_BYTES = b'{"streamnb": "recording"'  # a foreign file is known before it is read
MAX_DECOMPRESSED_BYTES = 64_000_000  # of a recording whose bytes were compressed; what is beyond is left out

# What reading JSON of unknown making can raise.
_PARSE_ERRORS = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a recording: what was asked, of which model and when.

    Attributes
    ----------
    provider
        The name that says which adapter reads the bytes.
    model
        The model as it was typed.
    recorded
        When, in ISO 8601.
    request
        Whatever of the request is to be kept.
    about
        Anything else that a reader may want to know.
    """

    provider: str
    model: str
    recorded: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    request: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """A phrase for footer and reply: of what and when this is a replay, or what else it is."""
        when = re.sub(r"^(.{10})T(.{5}).*\+00:00$", r"\1 \2 UTC", self.recorded)
        return sanitize_line(str(self.about.get("origin") or f"replay of {self.model}, recorded {when}"))


@dataclass(frozen=True, slots=True)
class Recording:
    """A header and the traffic that follows it, with ``at`` as in the file."""

    header: Header
    wire_events: tuple[WireEvent, ...]

    @property
    def tries(self) -> list[tuple[WireEvent, ...]]:
        """The wire events of each request, at least one: more where the first was retried."""
        starts = [index for index, event in enumerate(self.wire_events) if isinstance(event, RequestSent)]
        parts = [self.wire_events[start:end] for start, end in pairwise([*starts, len(self.wire_events)])]
        return parts or [(RequestSent(0.0), *self.wire_events)]


class RecordingWriter:
    """Writes a stream to a file while it runs: ``feed`` it every wire event, ``close`` it at the end.

    What was in the file is replaced (``UsageError`` where it cannot be opened); it is readable for
    its owner only, and whole up to the last event at every moment.  What is named like a secret
    in the header is left out, and so are the texts in ``secrets`` (the key that was used) wherever a
    server repeats them.  ``on_fault`` is called once, with one sentence, if writing fails later: a
    full disk does not stop the stream.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        secrets: Iterable[str] = (),
        on_fault: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._path = path
        self._redactor = WireEventRedactor(secrets)
        self._on_fault = on_fault
        self._began: float | None = None
        self._file: IO[bytes] | None = _open_private_file(self._path)
        content = {part.name: getattr(header, part.name) for part in fields(header)}
        self._write_line({"streamnb": "recording", "version": VERSION} | self._redactor.redact_json(content))

    def feed(self, event: WireEvent) -> None:
        """Write one wire event; never raises."""
        if self._began is None:
            self._began = event.at
        self._write_wire_events(self._redactor.feed(event))

    def close(self) -> None:
        """Close the file; may be called more than once, never raises."""
        self._write_wire_events(self._redactor.flush())
        self._close_file()

    def _close_file(self) -> None:
        file, self._file = self._file, None
        with contextlib.suppress(OSError):  # every line was flushed, or its loss was said, before
            if file is not None:
                file.close()

    def _write_wire_events(self, events: Iterable[WireEvent]) -> None:
        for event in events:
            self._write_line({"at": round(event.at - (self._began or 0.0), 6)} | _wire_event_to_json(event))

    def _write_line(self, line: Mapping[str, Any]) -> None:
        # Half a surrogate cannot be encoded; as a JSON escape it comes back as it was.
        data = json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
        try:
            if self._file is not None:
                self._file.write(data + b"\n")
                self._file.flush()
        except OSError as error:
            self._close_file()
            why = error.strerror or type(error).__name__
            self._on_fault(sanitize_line(f"the recording {self._path} ends here: {why}; the stream goes on"))


def read(path: str | os.PathLike[str]) -> Recording:
    """Return the recording in a file.

    Raises
    ------
    UsageError
        There is no file, or it is no recording that can be read.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(
            sanitize_line(f"{os.fspath(path)} cannot be read: it is no file; --record FILE makes one")
        )
    try:
        with open(path, "rb") as file:
            data = file.read(len(FIRST_BYTES))
            if data == FIRST_BYTES:
                data += file.read()
    except (OSError, ValueError) as error:
        raise UsageError(
            sanitize_line(f"{path} cannot be read: {getattr(error, 'strerror', error)}")
        ) from None
    return parse(data, os.fspath(path))


def is_other_than_recording(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file holds something that is no recording, and so may not be overwritten by one."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(FIRST_BYTES)) not in (b"", FIRST_BYTES)
    except OSError:
        return True


def parse(data: bytes, name: str) -> Recording:
    """Return the recording in ``data``; ``name`` is for the message where it is none.

    Raises
    ------
    UsageError
        It is no recording, a later version's, or damaged.
    """
    if not data.startswith(FIRST_BYTES):
        raise UsageError(sanitize_line(f"{name} is no recording of streamnb; --record FILE makes one"))
    first, *lines = data.split(b"\n")
    header = _header_from_json(first, name)
    events: list[WireEvent] = []
    plain, size = Decompressor(), 0  # older recordings hold bytes as they were compressed
    for number, line in enumerate(lines, 2):
        try:
            recorded_event = _wire_event_from_json(line) if line.strip() else None
        except _PARSE_ERRORS:
            if number == len(lines) + 1:  # no newline follows: the writer was cut off here
                break
            raise UsageError(sanitize_line(f"{name} is damaged in line {number}; record it again")) from None
        for event in plain.feed(recorded_event) if recorded_event is not None else ():
            size += len(event.data) if isinstance(event, Data) else 0
            if size <= max(MAX_DECOMPRESSED_BYTES, len(data)):
                events.append(event)
    return Recording(header, tuple(events))


def _open_private_file(path: str | os.PathLike[str]) -> IO[bytes]:
    try:
        # Not through a link: who put it there chooses the file that is written.
        own = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | own, 0o600)
        with contextlib.suppress(OSError):  # a file system without modes, a file of somebody else
            os.chmod(
                number if os.chmod in os.supports_fd else path, 0o600
            )  # the mode above is for a new file only
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            sanitize_line(f"{path} cannot be written ({why}); name a file in your own folder")
        ) from None
    return os.fdopen(number, "wb")


def _wire_event_to_json(event: WireEvent) -> dict[str, Any]:
    """Return the fields of a line besides its time."""
    match event:
        case RequestSent():
            return {"sent": True}
        case ResponseHead():
            return {"status": event.status, "headers": dict(event.headers)}
        case Data():
            try:
                return {"text": event.data.decode()}
            except UnicodeDecodeError:
                return {"base64": base64.b64encode(event.data).decode()}
        case EndOfBody():
            return {"end": asdict(event.fault) if event.fault else None}


def _wire_event_from_json(line: bytes) -> WireEvent | None:
    """Return the wire event of a line, ``None`` for a kind that this version does not know."""
    content = json.loads(line)
    at = float(content["at"])
    if not math.isfinite(at):
        raise ValueError("no time")
    match content:
        case {"sent": True}:
            return RequestSent(at)
        case {"status": int(status), "headers": dict(headers)}:
            return ResponseHead(at, status, {name: str(value) for name, value in headers.items()})
        case {"text": str(text)}:
            return Data(at, text.encode())
        case {"base64": str(text)}:
            return Data(at, base64.b64decode(text, validate=True))
        case {"end": None}:
            return EndOfBody(at)
        case {"end": {"state": state, "message": str(text), **more}} if state in get_args(State):
            return EndOfBody(at, Fault(state, sanitize_line(text), more.get("retry") is True))
        case _:
            return None


def _header_from_json(line: bytes, name: str) -> Header:
    try:
        content = json.loads(line)
        texts = {key: without_surrogates(str(content[key])) for key in ("provider", "model", "recorded")}
        newer = int(content["version"]) > VERSION
        header = Header(
            **texts, request=dict(content.get("request", {})), about=dict(content.get("about", {}))
        )
    except _PARSE_ERRORS:
        raise UsageError(sanitize_line(f"{name} is damaged in its first line; record it again")) from None
    if newer:
        raise UsageError(sanitize_line(f"{name} is of a newer streamnb: pip install --upgrade streamnb"))
    return header
