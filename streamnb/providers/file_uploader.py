"""The interface of a provider that takes files ahead of a request, and what it says of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ..core.content import Link, Upload

__all__ = ["FileUploader", "UploadedFile"]


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file at a provider.

    Attributes
    ----------
    name
        What the provider calls it, to ask whether it is ready.
    link
        What a request has in its place.
    is_ready
        Whether a request may name it yet.
    """

    name: str
    link: Link
    is_ready: bool


@runtime_checkable
class FileUploader(Protocol):
    """A provider that also takes files ahead of a request, where they are too large to go in it.

    All four raise ``UsageError`` for a file that cannot be sent or cannot be used.
    """

    def upload(self, client: Any, part: Upload) -> UploadedFile:
        """Send a file."""
        ...

    async def aupload(self, client: Any, part: Upload) -> UploadedFile:
        """Do the same on the asynchronous surface."""
        ...

    def poll(self, client: Any, part: Upload, stored: UploadedFile) -> UploadedFile:
        """Ask how far the provider is with reading it.

        Parameters
        ----------
        client
            The SDK's client.
        part
            The attachment that was uploaded.
        stored
            What ``upload`` returned.

        Returns
        -------
        UploadedFile
            The file, which also says whether it has been read.
        """
        ...

    async def apoll(self, client: Any, part: Upload, stored: UploadedFile) -> UploadedFile:
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
        ...
