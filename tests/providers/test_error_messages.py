"""A refusal becomes one line with its cause and what to do, whatever the server wrote."""

from __future__ import annotations

import pytest

from streamnb.core.content import Text, Turn
from streamnb.providers.base import Request
from streamnb.providers.error_messages import fault_from_response, retry_after_s

REQUEST = Request("gpt-x", (Turn("user", (Text("hello"),)),))


@pytest.mark.parametrize(
    "page",
    [
        b"[" * 60_000,
        b'{"error":' * 5_000 + b"5" + b"}" * 5_000,
        b'{"error":' * 900 + b'"x"' + b"}" * 900,
        b'{"error": {"message": "a \x1b[31m line\nand <b>more</b>"}}',
        b"\xff\xfe",
        b"<html>no</html>",
        b"null",
        b"",
    ],
)
@pytest.mark.parametrize("status", [200, 304, 400, 404, 500])
def test_a_refusal_of_any_content_is_one_harmless_line(status: int, page: bytes) -> None:
    fault = fault_from_response(status, page, REQUEST)
    assert fault.state == "error"
    assert 10 < len(fault.message) <= 200
    assert fault.message.isprintable()
    assert "<" not in fault.message
    assert str(status) in fault.message or status == 200


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (b'{"error": {"message": "no such model", "code": "x"}}', "no such model"),
        (b'[{"error": {"message": "no such model"}}]', "no such model"),
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', "field required"),
        (b'{"error": "invalid_client", "error_description": "expired"}', "invalid_client"),
        (b"no healthy upstream", "no healthy upstream"),
        (b'{"error": {"message": "a\nraw line feed"}}', "a raw line feed"),
        (b'event: error\ndata: {"error": {"message": "no such model"}}\n\n', "no such model"),
    ],
)
def test_the_servers_own_words_are_in_it(page: bytes, message: str) -> None:
    assert f"({message})" in fault_from_response(400, page, REQUEST).message


def test_a_refusal_without_a_word_says_what_to_look_at() -> None:
    assert "check the model's name" in fault_from_response(422, b"", REQUEST).message
    assert "check the base URL" in fault_from_response(307, b"", REQUEST).message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0.4", 0.4), ("-5", 0.0), ("nan", None), ("inf", None), ("soon", None), ("", None)],
)
def test_a_retry_after_that_cannot_be_read_counts_as_none(header: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": header}) == seconds


def test_no_credit_left_is_not_tried_again() -> None:
    page = b'{"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}'
    fault = fault_from_response(429, page, Request(model="m", turns=()))
    assert fault.retry is False
    assert "no credit left: add some there, or use another key" in fault.message
