"""Without widgets nothing is lost: fewer updates, the same end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.kernels import CellResult, Kernel, kernel
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def line() -> Iterator[str]:
    """A cell whose answer comes in 150 pieces, faster than an output should be updated."""
    with Upstream(lambda request: answer_request(request, ModelAnswer(TEXT * 6, delay=0.01))) as server:
        yield f"%%stream openai:test --base-url {server.openai_url}"


@pytest.fixture(scope="module")
def plain() -> Iterator[Kernel]:
    """A kernel without anywidget."""
    with kernel("import sys\nsys.modules['anywidget'] = None", "%load_ext streamnb") as running:
        yield running


@pytest.fixture(scope="module")
def full() -> Iterator[Kernel]:
    """A kernel with it."""
    with kernel("%load_ext streamnb") as running:
        yield running


def ending(ran: CellResult) -> tuple[str, ...]:
    """Return what stays of a cell, without its times."""
    assert ran.ok, ran
    (output,) = ran.outputs
    data, about = output["data"], output["metadata"]["streamnb"]
    return (
        re.sub(r"[\d,.]+ (m?s|tokens/s)\b", "…", data["text/html"]),
        re.sub(r"[\d,.]+ (m?s|tokens/s)\b", "…", data["text/plain"]),
        about["state"],
        about["model"],
    )


@pytest.mark.slow
def test_without_anywidget_a_page_gets_updates_with_the_same_end(
    plain: Kernel, full: Kernel, line: str
) -> None:
    assert ending(plain.run(f"{line}\nhi", cell="c1")) == ending(full.run(f"{line}\nhi", cell="c1"))


def test_a_client_that_is_no_page_gets_the_same_end(full: Kernel, line: str) -> None:
    assert ending(full.run(f"{line}\nhi")) == ending(full.run(f"{line}\nhi", cell="c1"))


def test_updates_are_few_and_hold_the_text_so_far(plain: Kernel, line: str) -> None:
    ran = plain.run(f"{line}\nhi", cell="c2")
    updates = [message for message in ran.published if message["msg_type"] == "update_display_data"]
    pages = [message["content"]["data"]["text/html"] for message in updates]
    texts = [re.sub("<[^>]*>", "", page.partition('class="snb-footer"')[0]).strip() for page in pages]
    assert 2 <= len(texts) <= 10
    assert [text for text in texts if not text.startswith(TEXT[:3])] == []
    assert texts == sorted(texts, key=len)
    assert texts[-1].startswith(TEXT * 6)
    assert not any(WIDGET in str(message["content"]) for message in ran.published)
    assert ran.ok


def test_loading_and_every_command_work_without_anywidget(plain: Kernel) -> None:
    for command in ("help", "status", "version", "models"):
        assert plain.run(f"%stream {command}").ok
    assert "anywidget" in plain.run("%stream version").stdout
