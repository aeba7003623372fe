"""The outputs of one cell that a model can read: text and pictures, bounded, in their final state.

It is fed the kernel's messages in their order.  A carriage return overwrites its line, an output that is
replaced or cleared is dropped, and a widget has no text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from ..core.content import Blob

__all__ = ["CellOutputs"]

MAX_TEXT_CHARACTERS = 20_000  # of one output: its beginning and its end
MAX_OUTPUTS = 100
MAX_PICTURE_BYTES = 5_000_000

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_OBJECT_REPR = re.compile(r"<[\w.]*\.(\w+) object>")
_WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class _BoundedText:
    """A text that keeps its beginning and its end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._begin = ""
        self._end = ""
        self._omitted = 0

    def add(self, text: str) -> None:
        half = MAX_TEXT_CHARACTERS // 2
        room = half - len(self._begin)
        self._begin, self._end = self._begin + text[:room], self._end + text[room:]
        if (over := len(self._end) - 2 * half) > 0:  # not at every letter
            self._omitted += over + half
            self._end = self._end[over + half :]

    def __str__(self) -> str:
        gap = f"\n[{self._omitted:,} characters left out]\n" if self._omitted else ""
        lines = _ESCAPES.sub("", self._begin + gap + self._end).split("\n")
        return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


class CellOutputs:
    """The outputs of one cell."""

    def __init__(self) -> None:
        self._outputs: list[
            tuple[str | None, _BoundedText | str | Blob]
        ] = []  # with a display id, where there is one

    def feed(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take one message: its type and its content."""
        match kind:
            case "stream":
                self._add_text(content["name"], content["text"])
            case "clear_output":
                self._outputs.clear()
            case "display_data" | "execute_result":
                self._add_output(content)
            case "update_display_data":
                self._replace_output(content)

    @property
    def outputs(self) -> tuple[str | Blob, ...]:
        """Text outputs and pictures in their order."""
        texts = (
            str(output) if isinstance(output, _BoundedText) else output for _, output in tuple(self._outputs)
        )
        return tuple(output for output in texts if output)

    @property
    def picture_size_bytes(self) -> int:
        """How large its pictures are."""
        return sum(len(output.data) for _, output in tuple(self._outputs) if isinstance(output, Blob))

    def drop_pictures(self) -> None:
        """Let go of the pictures."""
        self._outputs = [
            (name, "[a picture that is not kept any more]" if isinstance(output, Blob) else output)
            for name, output in self._outputs
        ]

    def _add_text(self, name: str, text: str) -> None:
        last = self._outputs[-1][1] if self._outputs else None
        if not isinstance(last, _BoundedText) or last.name != name:
            last = _BoundedText(name)
            self._append_output(None, last)
        last.add(text)

    def _add_output(self, content: Mapping[str, Any]) -> None:
        output = _readable_output(content["data"], content.get("metadata", {}))
        if output is not None:
            self._append_output(content.get("transient", {}).get("display_id"), output)

    def _append_output(self, display_id: str | None, output: _BoundedText | str | Blob) -> None:
        self._outputs.append((display_id, output))
        del self._outputs[:-MAX_OUTPUTS]

    def _replace_output(self, content: Mapping[str, Any]) -> None:
        display_id = content.get("transient", {}).get("display_id")
        for index, (name, _) in enumerate(self._outputs):
            if name is not None and name == display_id:
                output = _readable_output(content["data"], content.get("metadata", {}))
                self._outputs[index] = (name, output or "")


def _readable_output(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | Blob | None:
    """Return what a model can read of an output: a picture, else text; ``None`` where that is nothing."""
    if _WIDGET_MIME in data or "streamnb" in metadata:  # an answer is kept as itself
        return None
    for mime_type in ("image/png", "image/jpeg"):
        if mime_type in data and (picture := _decode_picture(mime_type, data[mime_type])):
            return picture
    for mime_type in ("text/markdown", "text/latex"):
        if isinstance(text := data.get(mime_type), str):
            return text[:MAX_TEXT_CHARACTERS]
    text = data.get("text/plain")
    if not isinstance(text, str):
        return None
    nameless = _OBJECT_REPR.fullmatch(text)
    return f"[an output of kind {nameless[1]}]" if nameless else text[:MAX_TEXT_CHARACTERS]


def _decode_picture(mime_type: str, data: object) -> Blob | str | None:
    try:
        raw = base64.b64decode(data) if isinstance(data, str) else bytes(data)  # type: ignore[call-overload]
    except (binascii.Error, TypeError, ValueError):
        return None
    if len(raw) > MAX_PICTURE_BYTES:
        return f"[a picture of {len(raw):,} bytes, too large to be kept]"
    return Blob(mime_type, raw)
