"""Upload of files to Gemini's Files API, through the SDK, ahead of the requests that name them.

Only the Developer API has it, Vertex AI reads from buckets.  A file is there for two days.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from ..core.content import Link, Upload
from ..core.errors import UsageError
from ..core.text import sanitize_line
from .base import Request
from .file_uploader import UploadedFile

__all__ = ["apoll", "aupload", "poll", "refuse_uploads", "upload"]


def upload(client: Any, part: Upload) -> UploadedFile:
    """Send a file; see ``base.FileUploader``."""
    with _errors_to_usage_errors(part), _open_file(part) as file:
        return _to_uploaded_file(client.files.upload(file=file, config=_upload_config(part)), part)


async def aupload(client: Any, part: Upload) -> UploadedFile:
    """Do the same on the asynchronous surface."""
    with _errors_to_usage_errors(part), _open_file(part) as file:
        return _to_uploaded_file(await client.aio.files.upload(file=file, config=_upload_config(part)), part)


def poll(client: Any, part: Upload, stored: UploadedFile) -> UploadedFile:
    """Ask how far Gemini is with reading it.

    Parameters
    ----------
    client
        The ``genai.Client`` that uploaded it.
    part
        What was attached; messages name it.
    stored
        The file, as Gemini named it.

    Returns
    -------
    UploadedFile
        The file, which also says whether it has been read.

    Raises
    ------
    UsageError
        Gemini cannot read it, or knows it no more.
    """
    with _errors_to_usage_errors(part):
        return _to_uploaded_file(client.files.get(name=stored.name), part)


async def apoll(client: Any, part: Upload, stored: UploadedFile) -> UploadedFile:
    """Do the same on the asynchronous surface.

    Parameters
    ----------
    client, part, stored
        As for ``poll``.

    Returns
    -------
    UploadedFile
        The file, which also says whether it has been read.
    """
    with _errors_to_usage_errors(part):
        return _to_uploaded_file(await client.aio.files.get(name=stored.name), part)


def refuse_uploads(request: Request) -> None:
    """Refuse what would have to be uploaded, for Vertex AI.

    Raises
    ------
    UsageError
        An attachment is too large to go in the request.
    """
    for part in (part for turn in request.turns for part in turn.parts):
        if isinstance(part, Upload):
            instead = "put it in a bucket and attach its gs: address"
            raise UsageError(
                sanitize_line(f"{part}: a request takes 20 MB, and vertex takes no uploads: {instead}")
            )


def _open_file(part: Upload) -> BinaryIO:
    # Given a path, the SDK puts the file's name in a header, which holds ASCII only.
    return io.BytesIO(part.source) if isinstance(part.source, bytes) else part.source.open("rb")


def _upload_config(part: Upload) -> dict[str, Any]:
    return {"mime_type": part.mime_type, "display_name": part.name[:500]}


def _to_uploaded_file(file: Any, part: Upload) -> UploadedFile:
    """Return the SDK's answer as what we need to know; what failed is a ``UsageError``."""
    state = getattr(file.state, "value", None)
    if state == "FAILED":
        why = getattr(file.error, "message", None) or "Gemini gives no reason"
        raise UsageError(sanitize_line(f"{part.name} was uploaded, but cannot be read by Gemini: {why}"))
    if not (file.name and file.uri):
        raise UsageError(sanitize_line(f"{part.name} was uploaded, but got no address from Gemini"))
    # A server that says nothing of a state has nothing left to do.
    return UploadedFile(file.name, Link(file.uri, file.mime_type or part.mime_type), state != "PROCESSING")


@contextmanager
def _errors_to_usage_errors(part: Upload) -> Iterator[None]:
    """Turn what the SDK and the disk raise into a ``UsageError``; the network is ``error_messages``' part."""
    from google.genai import errors

    try:
        yield
    except UsageError:
        raise
    except OSError as error:
        raise UsageError(
            sanitize_line(f"{part.name} cannot be read: {(error.strerror or type(error).__name__).lower()}")
        ) from error
    except errors.APIError as error:
        raise _not_uploaded_error(part, f"{error.code}, {error.message or error.status}") from error
    except (ValueError, KeyError) as error:  # an upload that the server did not begin, or not finish
        raise _not_uploaded_error(part, next(iter(error.args), error)) from error


def _not_uploaded_error(part: Upload, why: object) -> UsageError:
    message = sanitize_line(f"{part} was not uploaded: {why}", 140)
    return UsageError(f"{message}; make it smaller, or attach an address")
