"""Tools, schemas and conversations in a real JupyterLab: what is asked, what is clicked, what goes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FUNCTIONS = """%load_ext streamnb
from pydantic import BaseModel
called = []

def book_table(people: int, at: str) -> str:
    "Book a table in the restaurant."
    called.append((people, at))
    return f"table 7 for {people}"

class City(BaseModel):
    name: str
    people: int
    sights: list[str]
"""
CALL = ("book_table", '{"people": 4, "at": "19:30"}')
CITY = {"name": "Lisbon", "people": 545_000, "sights": ["Torre de Belém", "Alfama", "<b>Oceanário</b>"]}


def answer(request: Request) -> Answer:
    """Ask for the tool once, say what came of it; give a schema what it wants."""
    body = request.json
    if "response_format" in body:
        return answer_request(
            request, ModelAnswer(text=json.dumps(CITY, ensure_ascii=False), chunk=3, delay=0.05)
        )
    if "tools" in body and body["messages"][-1]["role"] != "tool":
        return answer_request(request, ModelAnswer(text="Let me see. ", tool_calls=[CALL], delay=0.02))
    if body["messages"][-1]["role"] == "tool":
        result = body["messages"][-1]["content"]
        return answer_request(request, ModelAnswer(text=f"What came of it: **{result}**."))
    return answer_request(request, ModelAnswer(text=f"Turn {len(body['messages'])}."))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(answer) as server:
        yield server


def line(upstream: Upstream) -> str:
    return f"openai:test --base-url {upstream.openai_url}"


@pytest.mark.parametrize(
    ("button", "message"), [("Allow", "table 7 for 4"), ("Refuse", "the person said no")]
)
def test_a_click_decides_whether_a_tool_runs(
    button: str, message: str, upstream: Upstream, open_notebook: Callable[..., OpenNotebook]
) -> None:
    notebook = open_notebook(
        FUNCTIONS, f"%%stream {line(upstream)} -T book_table\nA table for four at half past seven"
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.get_by_role("button", name=button).wait_for()
    assert 'book_table(people=4, at="19:30")' in output.inner_text()
    notebook.screenshot(f"exploring-tool-{button.lower()}-asked")
    output.get_by_role("button", name=button).click()
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    output.get_by_text("1 tool call").click()
    notebook.screenshot(f"exploring-tool-{button.lower()}-done")
    assert message in output.inner_text()
    assert upstream.requests[1].json["messages"][-1]["content"] == message


def test_a_question_that_nobody_answers_is_ended_by_stop(
    upstream: Upstream, open_notebook: Callable[..., OpenNotebook]
) -> None:
    notebook = open_notebook(
        FUNCTIONS, f"%%stream {line(upstream)} -T book_table\nA table", "print(called, answer.state)"
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.get_by_role("button", name="Allow").wait_for()
    output.get_by_role("button", name="Stop").click()
    notebook.ended(1)
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "[] interrupted"
    assert len(upstream.requests) == 1


def test_a_cell_that_blocks_asks_through_the_notebooks_own_input(
    upstream: Upstream, open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    notebook = open_notebook(
        FUNCTIONS,
        f"""from streamnb import stream
reply = stream("A table", model="openai:test", base_url={upstream.openai_url!r}, tools=[book_table])""",
        "print(called)",
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    box = page.locator(".jp-Stdin-input")
    box.wait_for()
    assert "[y/N]" in notebook.cell(1).inner_text()
    notebook.screenshot("exploring-tool-blocking")
    box.fill("y")
    box.press("Enter")
    notebook.ended(1)
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "[(4, '19:30')]"


def test_the_fields_of_a_schema_fill_a_table_as_they_come(
    upstream: Upstream, open_notebook: Callable[..., OpenNotebook]
) -> None:
    notebook = open_notebook(
        FUNCTIONS, f"%%stream {line(upstream)} --schema City\nA city", "answer.parsed.sights[-1]"
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator(".snb-fields").get_by_text("Lisbon").wait_for()
    assert "Alfama" not in output.inner_text()
    notebook.screenshot("exploring-schema-mid")
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    notebook.screenshot("exploring-schema-end")
    assert "<b>Oceanário</b>" in output.inner_text()  # as text: it came from outside
    notebook.run(2)
    assert "Oceanário" in notebook.output(2).inner_text()


def test_a_conversation_goes_on_from_cell_to_cell_and_survives_a_second_run(
    upstream: Upstream, open_notebook: Callable[..., OpenNotebook]
) -> None:
    cells = [f"%%stream {line(upstream)} -c talk\n{text}" for text in ("one", "two", "three")]
    notebook = open_notebook(FUNCTIONS, *cells, "%stream chats show talk")
    for index in (0, 1, 2, 3, 1):
        notebook.run(index)
    assert len(upstream.requests[2].json["messages"]) == 5
    assert len(upstream.requests[3].json["messages"]) == 1
    output = notebook.output(1)
    output.locator(".snb-live").wait_for(state="detached")
    output.locator(".snb-footer summary").click()
    assert "2 later turns were set aside" in output.inner_text()
    notebook.run(4)
    notebook.screenshot("exploring-chat")
    assert notebook.output(4).inner_text().count("set aside") == 6


HOSTILE = ("book_table", json.dumps({"people": 4, "at": "x" * 2_500, "note": "a\u202eb\u200b; rm -rf /"}))


def test_a_question_shows_all_that_is_called_and_two_clicks_do_not_answer_two(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    def two_calls(request: Request) -> Answer:
        if request.json["messages"][-1]["role"] == "tool":
            return answer_request(request, ModelAnswer(text="Done."))
        return answer_request(
            request, ModelAnswer(text="Let me see. ", tool_calls=[HOSTILE, CALL], delay=0.0)
        )

    with Upstream(two_calls) as server:
        functions = FUNCTIONS.replace("at: str)", "at: str, note: str = '')")
        cell = f"%%stream openai:test --base-url {server.openai_url} -T book_table\nA table"
        notebook = open_notebook(functions, cell, "print([people for people, at in called])")
        notebook.run(0)
        notebook.run(1, wait=False)
        question = notebook.output(1).locator(".snb-asking")
        question.locator(".snb-yes:not([aria-disabled])").wait_for()
        assert 'note="a⟨U+202E⟩b⟨U+200B⟩; rm -rf /"' in question.inner_text()
        question.get_by_text("more characters").click()
        notebook.screenshot("tool-hostile-question")
        question.get_by_text("more characters").click()
        question.locator(".snb-no").dblclick()
        question.get_by_text("19:30").wait_for()
        question.locator(".snb-no").click()
        notebook.ended(1)
        notebook.run(2)
        assert notebook.output(2).inner_text().strip() == "[]"
