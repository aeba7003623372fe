"""What hostile servers say, in a real page: live, saved, x-rayed, nothing runs and nothing is fetched."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from streamnb.core.recording import Header, Recording
from streamnb.render import xray
from streamnb.render.snapshot import bundle
from streamnb.storage.xray import build_xray
from tests.browser.bare import Bare
from tests.browser.test_safety_in_chromium import Requests, requests, show
from tests.test_every_sink import (
    ADAPTERS,
    CONTROLS,
    HTML,
    Field,
    reply_of,
    texts,
    traffic,
    understood,
)
from tests.test_every_sink import (
    page as messages_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

__all__ = ["requests"]

EVERY = 6  # of so many fields one


def streamed(page: Page, field: Field, value: str) -> None:
    """Stream into a fresh page with a field changed, then look at what is saved and at the x-ray."""
    messages = traffic(field, value)
    batches = list(understood(field[0], messages))
    reply = reply_of(batches)
    live = Bare(page)
    for message in messages_of(batches, reply):
        live.say(message)
    assert page.locator(".snb-footer").count() == 1
    seen = build_xray(Recording(Header(ADAPTERS[field[0]], "openai:m"), tuple(messages)))
    saved = [bundle(reply).data["text/html"], xray.bundle(seen).data["text/html"]]
    assert show(page, saved) == []


def test_no_hostile_field_runs_or_fetches_anything_in_a_page(page: Page, requests: Requests) -> None:
    for number, field in enumerate(texts()[::EVERY]):
        streamed(page, field, (HTML, CONTROLS, HTML + CONTROLS)[number % 3])
        assert requests == [], field[3]
