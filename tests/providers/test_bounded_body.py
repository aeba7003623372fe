"""What is asked beside the streams: bounded, uncompressed in bites, and one line whatever came."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any

import pytest

from streamnb.core.errors import UsageError
from streamnb.magic.commands import models
from streamnb.providers.bounded_body import MAX_BODY_BYTES

JSON = {"content-type": "application/json"}
KEYS = {"OPENAI_API_KEY": "sk-canary-0123456789", "GEMINI_API_KEY": "AIza-canary-0123456789abcdef"}
TOO_MUCH = "the server sent more than 8 MB that are no stream; look at the base URL"
NO_LIST = "what it sent is no list of models; look at the base URL"


class Listing(ThreadingHTTPServer):
    """A server that has one answer to every GET."""

    daemon_threads = True
    status = 200
    headers: dict[str, str] = JSON  # set by each test
    body: Iterable[bytes] = ()
    accepted: str | None = None


class _Handler(BaseHTTPRequestHandler):
    server: Listing

    def do_GET(self) -> None:
        self.server.accepted = self.headers["accept-encoding"]
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            for block in self.server.body:
                self.wfile.write(block)
        except OSError:  # who asked has heard enough
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listing]:
    with Listing(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        addresses = {"OPENAI_BASE_URL": f"{url}/v1", "GOOGLE_GEMINI_BASE_URL": url}
        for name, value in (KEYS | addresses).items():
            monkeypatch.setenv(name, value)
        yield server
        server.shutdown()


@pytest.mark.parametrize("provider", ["openai", "gemini"])
@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ([gzip.compress(bytes(MAX_BODY_BYTES * 4))], {"content-encoding": "gzip"}, TOO_MUCH),
        (repeat(b'{"data": [{"id": "x"}]}' * 1000), {}, TOO_MUCH),
        ([b"\x1b\x2f\x80"], {"content-encoding": "br"}, "compressed in a way that nobody asked for (br)"),
        ([b"[" * 100_000], {}, NO_LIST),
        ([b'{"data": "abc", "models": "abc"}'], {}, NO_LIST),
        ([b"[1, 2]"], {}, NO_LIST),
        ([b"<html>log in</html>"], {"content-type": "text/html"}, NO_LIST),
    ],
    ids=["bomb", "endless", "br", "deep", "text", "list", "page"],
)
def test_what_is_no_list_of_models_is_one_line(
    listing: Listing, provider: str, body: Iterable[bytes], headers: dict[str, str], message: str
) -> None:
    listing.body, listing.headers = body, JSON | headers
    with pytest.raises(UsageError) as refused:
        models.ask_for_model_names(provider)
    assert message in str(refused.value)
    assert listing.accepted == "identity"


def test_names_are_lines_that_can_be_printed(listing: Listing) -> None:
    ids = ["a\x1b]52;c;AA\x07\u202eb\nc", "x" * 100_000, "\ud83d", None, 5, "plain"]
    listing.body = [json.dumps({"object": "list", "data": [{"id": name} for name in ids]}).encode()]
    names = models.ask_for_model_names("openai")
    assert names[0] == "a ]52;c;AA b c"
    assert len(names[1]) == 200
    assert names[2:] == ["plain"]
