"""Bytes and files as message parts, by their content type and size.

Text goes in as text, a picture, PDF, audio or video as bytes of its kind.  What is too large for a request
is not read into memory: it becomes an ``Upload``, and a provider that cannot be sent one refuses it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from ..core.content import Blob, Part, Text, Upload
from ..core.errors import UsageError

__all__ = ["part_from_bytes", "part_from_typed_bytes", "parts_from_file"]

MAX_INLINE_BYTES = 20_000_000  # what providers take inline, with their base64 a third more on the wire
MAX_UPLOAD_BYTES = 2_000_000_000  # and what they take ahead of a request, where they do
HEAD_BYTES = 4_096  # bytes that tell the kind of a file

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftyp", "video/mp4"),
)
"""Where the first bytes of a kind stand, and which they are."""


def part_from_bytes(data: bytes, name: str | None = None) -> Part:
    """Return bytes as a part, its kind told by their beginning or the file's name; else they are text.

    Raises
    ------
    UsageError
        They are of an unknown kind, or a picture's file is empty.
    """
    kind = _guess_mime_type(data[:HEAD_BYTES], name)
    if kind and name and not data:
        raise UsageError(f"{name} is empty: there is nothing to send")
    return (
        _bytes_to_text(data, name or "these bytes")
        if kind is None
        else part_from_typed_bytes(kind, data, name)
    )


def part_from_typed_bytes(kind: str, data: bytes, name: str | None = None) -> Part:
    """Return bytes whose kind is known.

    Parameters
    ----------
    kind
        The MIME type.
    data
        The bytes; what is above 20 MB becomes an ``Upload``.
    name
        The name of its file, ``None`` without one.

    Returns
    -------
    Part
        A ``Blob``, or an ``Upload`` where the bytes are too many for a request.
    """
    if len(data) <= MAX_INLINE_BYTES:
        return Blob(kind, data, name)
    return _make_upload(kind, data, len(data), hashlib.blake2b(data, digest_size=16).hexdigest(), name)


def parts_from_file(path: Path) -> tuple[Part, ...]:
    """Return a file as a part: text in full, anything else as bytes of its kind.

    Raises
    ------
    UsageError
        The file cannot be read, is too large, or of an unknown kind.
    """
    path = path.expanduser()
    try:
        about = path.stat()
        if about.st_size > MAX_INLINE_BYTES:
            with path.open("rb") as file:
                kind = _guess_mime_type(file.read(HEAD_BYTES), path.name)
            if kind is None:
                raise UsageError(_too_large_message(path.name, about.st_size))
            mark = f"{path.resolve()} {about.st_size} {about.st_mtime_ns}"
            return (_make_upload(kind, path, about.st_size, mark, path.name),)
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or type(error).__name__).lower()}") from None
    return (part_from_bytes(data, path.name),)


def _guess_mime_type(head: bytes, name: str | None) -> str | None:
    """Return the MIME type by first bytes or the file's name, ``None`` for text and what is unknown."""
    kind = next((kind for at, mark, kind in _SIGNATURES if head[at : at + len(mark)] == mark), None)
    if kind is None and name is not None:
        guess = mimetypes.guess_type(name)[0] or ""
        kind = guess if guess.startswith(("image/", "audio/", "video/")) else None
        kind = None if kind == "image/svg+xml" else kind  # which is text, and no provider draws it
    return kind


def _bytes_to_text(data: bytes, what: str) -> Text:
    if len(data) > MAX_INLINE_BYTES:
        raise UsageError(_too_large_message(what, len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{what}: neither text nor a known image, PDF, audio or video format")
    return Text(text)


def _too_large_message(what: str, size: int) -> str:
    return (
        f"{what}: {size / 1e6:,.1f} MB, and no image, PDF, audio or video; "
        "of text a request takes 20 MB at most, and models read less: attach a part of it"
    )


def _make_upload(kind: str, source: bytes | Path, size: int, fingerprint: str, name: str | None) -> Upload:
    if size > MAX_UPLOAD_BYTES:
        raise UsageError(f"{name or kind}: {size / 1e9:,.1f} GB; no provider takes more than 2 GB: cut it")
    return Upload(kind, source, size, name or kind, fingerprint)
