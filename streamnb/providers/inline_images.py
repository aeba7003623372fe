"""Pictures inside an answer: base64 as servers write it -> ``Image``."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ..core.events import Image

__all__ = ["from_base64", "from_url"]


def from_base64(mime_type: Any, text: Any) -> list[Image]:
    """Return the picture, or nothing where ``text`` is no base64 or the type is no picture's."""
    if not (isinstance(mime_type, str) and mime_type.startswith("image/") and isinstance(text, str) and text):
        return []
    try:
        data = base64.b64decode(text)  # lenient: what is no letter of base64 is passed over
    except (binascii.Error, ValueError):
        return []
    return [Image(mime_type, data)] if data else []


def from_url(url: Any) -> list[Image]:
    """Return the picture that a ``data:`` address holds.

    >>> from_url("data:image/gif;base64,R0lG")
    [Image(mime_type='image/gif', data=b'GIF')]
    """
    if not (isinstance(url, str) and url.startswith("data:")):
        return []
    head, _, text = url[len("data:") :].partition(",")
    mime_type, *how = head.split(";")
    return from_base64(mime_type, text) if "base64" in how else []
