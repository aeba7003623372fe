"""Payloads in a real browser: nothing runs and nothing is asked for, untouched, hovered and clicked."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route

from streamnb.markdown.parser import new_parser
from tests.markdown.test_sanitizer import WRAPPERS, payloads

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Every way a payload has of showing that it ran.
TRAPS = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...a) => ran.push([name, ...a]);
"""
SHOW = """
(pieces) => {
  for (const html of pieces) {
    const box = document.createElement("div");
    document.body.append(box);
    box.innerHTML = html;
    for (const element of box.querySelectorAll("*")) {
      for (const name of ["mouseover", "focus", "mouseenter", "load", "error", "toggle"])
        element.dispatchEvent(new Event(name, { bubbles: true }));
      if (element.localName !== "a") element.click?.();
    }
    box.remove();
  }
  return window.ran;
}
"""


class Requests(list[str]):
    """The addresses that a page asked for; none of them is answered."""

    def __call__(self, route: Route) -> None:
        """Note a request and refuse it."""
        self.append(route.request.url)
        route.abort()


@pytest.fixture
def requests(page: Page) -> Requests:
    """Open an empty page and note what it asks for from then on."""
    requests = Requests()
    page.add_init_script(TRAPS)
    page.goto("about:blank")
    page.route("**/*", requests)
    return requests


def show(page: Page, pieces: list[str]) -> list[object]:
    """Put pieces of HTML into the page; return what they ran."""
    ran: list[object] = page.evaluate(SHOW, pieces)
    page.wait_for_timeout(300)  # what a piece starts may come after it
    return ran + page.evaluate("window.ran")


def test_a_raw_payload_is_noticed_by_this_test(page: Page, requests: Requests) -> None:
    raw = ["<img src='https://evil.example/a.png' onerror='alert(1)'>"]
    assert show(page, raw)
    assert "https://evil.example/a.png" in requests


def test_no_payload_runs_or_asks_for_anything(page: Page, requests: Requests) -> None:
    parser = new_parser()
    texts = payloads()
    wrapped = [wrap(text) for wrap in WRAPPERS.values() for text in texts[::40]]
    pieces = [parser.render(text) for text in [*texts, *wrapped]]
    assert show(page, pieces) == []
    assert requests == []
    assert page.url == "about:blank"


def test_what_the_browser_builds_is_what_was_written(page: Page, requests: Requests) -> None:
    parser = new_parser()
    pieces = [parser.render(text) for text in payloads()[::5]]
    built = page.evaluate(
        "(pieces) => pieces.map(html => { const t = document.createElement('template');"
        " t.innerHTML = html; return t.innerHTML; })",
        pieces,
    )
    differing = [json.dumps(pair) for pair in zip(pieces, built, strict=True) if pair[0] != pair[1]]
    assert differing == []
