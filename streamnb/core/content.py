"""Message parts and conversation turns, in a form that belongs to no provider.

``request.template`` and ``core.conversation`` make these, providers translate them.  Nothing in
here reads a file, opens an address or imports the library whose values it may carry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

__all__ = [
    "Blob",
    "Link",
    "Part",
    "ProviderPart",
    "Role",
    "Text",
    "ToolCallPart",
    "ToolResultPart",
    "Turn",
    "Upload",
    "merge_adjacent_texts",
]

Role: TypeAlias = Literal["user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Text:
    """Text, exactly as it is to be sent."""

    text: str


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes of a known kind: an image, a PDF, a piece of audio.

    Attributes
    ----------
    mime_type
        What the bytes are, for example ``image/png``.
    data
        The bytes, as a file of this kind has them.
    name
        A file's name, ``None`` where the bytes came from a variable.
    """

    mime_type: str
    data: bytes
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes, or a file of them, too large to go in a request: sent ahead, where a provider takes that.

    Attributes
    ----------
    mime_type
        What the bytes are, for example ``video/mp4``.
    source
        The bytes, or the file that has them.
    size
        In bytes.
    name
        The file's name, or one that stands for a variable.
    fingerprint
        Tells one content from another without reading it again.
    """

    mime_type: str
    source: bytes | Path = field(repr=False)
    size: int
    name: str
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.name} ({self.size / 1e6:,.1f} MB)"


@dataclass(frozen=True, slots=True)
class Link:
    """An ``https:`` or ``gs:`` address that the provider fetches; we never do.

    ``mime_type`` is ``None`` where the address does not tell it.
    """

    url: str
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """A provider's own value (an uploaded file, a part of its SDK), passed on as it is."""

    value: object


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """A tool call, in an assistant turn.

    Attributes
    ----------
    id
        What the result names, to belong to this call.
    name
        The function.
    arguments
        JSON text.
    signature
        What a provider wants back with the call, ``None`` where it gave none.
    """

    id: str
    name: str
    arguments: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """The result of a tool call, in a tool turn.

    Attributes
    ----------
    id
        That of the call.
    name
        The function.
    content
        The text that the model reads.
    """

    id: str
    name: str
    content: str


Part: TypeAlias = Text | Blob | Upload | Link | ProviderPart | ToolCallPart | ToolResultPart


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation, its parts in the order in which they were written."""

    role: Role
    parts: tuple[Part, ...]


def merge_adjacent_texts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return parts with adjacent texts joined into one, and empty ones left out.

    >>> merge_adjacent_texts([Text("a"), Text(""), Text("b")])
    (Text(text='ab'),)
    """
    merged_parts: list[Part] = []
    for part in parts:
        last = merged_parts[-1] if merged_parts else None
        if isinstance(part, Text) and isinstance(last, Text):
            merged_parts[-1] = Text(last.text + part.text)
        elif part != Text(""):
            merged_parts.append(part)
    return tuple(merged_parts)
