"""The cassette: a folder that records every stream of a notebook and replays it when it is asked again.

A stream is found again by what was asked, and of whom: model, turns with their attachments,
system prompt, parameters, tools and schema.  A change in any of them is another stream.  Only a
stream that came to its end is kept; a broken one is asked again the next time.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..core.errors import UsageError
from ..core.recording import Header, Recording, RecordingWriter, read
from ..core.wire_events import WireEvent
from ..providers.base import Request

__all__ = ["Cassette", "CassetteWriter"]


@dataclass(frozen=True, slots=True)
class Cassette:
    """A folder of recordings.

    What was recorded before ``since``, in seconds since the epoch, is asked again and replaced.
    """

    folder: Path
    since: float = 0.0

    def find(self, spec: str, request: Request) -> Recording | None:
        """Return the stream that answered this before, ``None`` where it is to be asked."""
        path = self._path_for_request(spec, request)
        if not path.exists() or path.stat().st_mtime < self.since:
            return None
        return read(path)

    def make_writer(self, spec: str, request: Request, header: Header) -> CassetteWriter:
        """Return a writer for the stream that is going to answer this.

        Parameters
        ----------
        spec
            The model as it was typed.
        request
            What is asked; with the model it makes the name of the file.
        header
            The first line of the recording.

        Returns
        -------
        CassetteWriter
            The writer, which makes its file when it is opened.

        Raises
        ------
        UsageError
            The folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"the cassette {self.folder} cannot be made: {error.strerror}") from None
        return CassetteWriter(self._path_for_request(spec, request), header)

    def recording_files(self) -> list[Path]:
        """Return the recordings there are."""
        return sorted(self.folder.glob("*.jsonl"))

    def _path_for_request(self, spec: str, request: Request) -> Path:
        question = asdict(request, dict_factory=_fields_by_stable_name) | {"model": spec, "unwanted": None}
        text = json.dumps(question, sort_keys=True, default=_json_default_for_key)
        name = re.sub(r"[^A-Za-z0-9.-]+", "-", spec).strip("-")[:40]
        return (
            self.folder / f"{name}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}.jsonl"
        )


_part_file_counter = itertools.count(1)


class CassetteWriter:
    """Write a recording that gets its name only when the stream has come to its end."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        # With a number of its own: the same may be asked several times at once.
        self._part = path.with_suffix(f".{os.getpid()}-{next(_part_file_counter)}.part")
        self._header = header
        self._writer: RecordingWriter | None = None

    def open(self, *, secrets: tuple[str, ...], on_fault: Callable[[str], None]) -> CassetteWriter:
        """Begin to write; ``UsageError`` where that is not possible."""
        self._writer = RecordingWriter(self._part, self._header, secrets=secrets, on_fault=on_fault)
        return self

    def feed(self, wire_event: WireEvent) -> None:
        """Keep one wire event."""
        if self._writer is not None:
            self._writer.feed(wire_event)

    def finish(self, *, complete: bool) -> None:
        """Keep the recording if the stream came to its end, else drop it."""
        if self._writer is None:
            return
        self._writer.close()
        with contextlib.suppress(OSError):  # a full disk: the next run asks again
            if complete:
                self._part.replace(self._path)
            else:
                self._part.unlink()


_FIELDS_OF_0_1 = frozenset(
    {"model", "turns", "system", "temperature", "max_tokens", "options", "tools", "schema", "schema_name"}
    | {"unwanted", "role", "parts", "text", "mime_type", "data", "name", "source", "size", "mark", "url"}
    | {"value", "id", "arguments", "signature", "content", "description", "parameters"}
)


def _fields_by_stable_name(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Name the fields as version 0.1 did, so that its files are found; a later one counts where it is set."""
    names = {"dropped_params": "unwanted", "fingerprint": "mark"}
    by_old_name = {names.get(name, name): value for name, value in fields}
    return {name: value for name, value in by_old_name.items() if value or name in _FIELDS_OF_0_1}


def _json_default_for_key(value: object) -> str:
    """Stand in for what JSON does not know: bytes by their hash, anything else by its text."""
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return sorted(value).__repr__() if isinstance(value, frozenset) else repr(value)
