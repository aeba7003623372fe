"""List of what was sent to a model besides the prompt's own text, for the details of the footer.

Bounded, since it is saved with every answer: a text is cut, and of pictures only a small one is kept.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .content import Blob, Part, Text

__all__ = ["SentItem", "make_sent_item", "picture_size"]

MAX_TEXT_CHARACTERS = 20_000
MAX_PICTURE_BYTES = 64_000

_IMAGE_TYPE = re.compile(r"image/(?:png|gif|jpeg|webp)")
_JPEG_SIZE = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]..\x08(....)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SentItem:
    """One thing that was sent.

    Attributes
    ----------
    about
        A line on what it is, as the footer's details have it.
    text
        Its text, cut after 20,000 characters; empty where it is a picture alone.
    length
        Characters of the whole text.
    mime_type, data
        Its picture, where that is small; empty without one.
    """

    about: str
    text: str = ""
    length: int = 0
    mime_type: str = ""
    data: bytes = b""


def make_sent_item(about: str, parts: Sequence[Part]) -> SentItem:
    """Return the record of a value: ``about`` says what it is, ``parts`` are what was sent of it."""
    text = "".join(part.text for part in parts if isinstance(part, Text))
    pictures = (part for part in parts if isinstance(part, Blob) and _IMAGE_TYPE.fullmatch(part.mime_type))
    small = next((part for part in pictures if len(part.data) <= MAX_PICTURE_BYTES), None)
    return SentItem(
        about,
        text[:MAX_TEXT_CHARACTERS],
        len(text),
        small.mime_type if small else "",
        small.data if small else b"",
    )


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF, JPEG or WebP; ``None`` where its head does not say.

    >>> picture_size(b"GIF89a\\x10\\x00\\x08\\x00")
    (16, 8)
    """
    width, height = 0, 0
    if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data[:4] == b"GIF8" and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    elif data[:3] == b"\xff\xd8\xff" and (frame := _JPEG_SIZE.search(data)):
        height, width = struct.unpack(">HH", frame[1])
    elif data[:4] == b"RIFF" and data[12:16] == b"VP8X" and len(data) >= 30:
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif data[:4] == b"RIFF" and data[12:16] == b"VP8 " and len(data) >= 30:
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[26:30]))
    elif data[:4] == b"RIFF" and data[12:16] == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return (width, height) if width and height else None
