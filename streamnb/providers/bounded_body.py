"""Reading of a response that is no stream (a list of models, an upload): whole, up to a limit."""

from __future__ import annotations

import httpx2

from ..core.decompress import Decompressor
from ..core.errors import UsageError
from ..core.wire_events import Data, EndOfBody, ResponseHead
from .http_capture import TIMEOUTS_S

__all__ = ["BoundedBody"]

MAX_BODY_BYTES = 8_000_000  # uncompressed
_TIMEOUTS_S = TIMEOUTS_S | {"read": 60.0}  # nobody watches over the silence of what is no stream
_TRANSFER_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class BoundedBody:
    """Collects the answer to one request for its SDK: what is uncompressed is counted as it comes."""

    def __init__(self, request: httpx2.Request) -> None:
        request.extensions["timeout"] = dict(_TIMEOUTS_S)
        request.headers["accept-encoding"] = "identity"
        self._request = request
        self._decompressor = Decompressor()
        self._content = bytearray()
        self._status = 0
        self._headers: list[tuple[str, str]] = []

    def take_head(self, response: httpx2.Response) -> None:
        """Take the head."""
        self._status = response.status_code
        self._headers = [
            (name, value) for name, value in response.headers.multi_items() if name not in _TRANSFER_HEADERS
        ]
        list(self._decompressor.feed(ResponseHead(0.0, self._status, dict(response.headers))))

    def feed(self, data: bytes) -> None:
        """Take a block of the body.

        Raises
        ------
        UsageError
            It is too much, or cannot be uncompressed.
        """
        for event in self._decompressor.feed(Data(0.0, data)):
            if isinstance(event, EndOfBody) and event.fault is not None:
                raise UsageError(event.fault.message)
            if isinstance(event, Data):
                self._content += event.data
            if len(self._content) > MAX_BODY_BYTES:
                size = MAX_BODY_BYTES // 1_000_000
                raise UsageError(
                    f"the server sent more than {size} MB that are no stream; look at the base URL"
                )

    def build_response(self) -> httpx2.Response:
        """Return what the SDK gets."""
        return httpx2.Response(
            self._status, headers=self._headers, content=bytes(self._content), request=self._request
        )
