"""What a person sees between the question and the answer: an upload, a tool's result, fields that grow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import OpenNotebook
from tests.streaming.files_api import FilesApi
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FUNCTIONS = """%load_ext streamnb
from pydantic import BaseModel
from streamnb.request import files
files.MAX_INLINE_BYTES = 100_000
film = b"\\0\\0\\0\\x18ftypmp42" + bytes(1_000_000)

def tables(people: int) -> list[str]:
    "Tables that are free."
    return ["table 7", "table 9"]

class City(BaseModel):
    name: str
    sights: list[str]
"""
CITY = {"name": "Lisbon", "sights": ["Torre de Belém", "Alfama"]}


def answer(request: Request) -> Answer:
    """Ask for the tool once and think before going on; give a schema what it wants, slowly."""
    body = json.dumps(request.json)
    if "response_format" in request.json:
        return answer_request(
            request, ModelAnswer(text=json.dumps(CITY, ensure_ascii=False), chunk=3, delay=0.1)
        )
    if '"role": "tool"' in body:
        return answer_request(request, ModelAnswer(text="Take **table 7**.", first_delay=3.0))
    if "tools" in request.json:
        return answer_request(
            request, ModelAnswer(text="Let me see. ", tool_calls=[("tables", '{"people": 4}')])
        )
    return answer_request(request, ModelAnswer())


@pytest.fixture
def files_api() -> FilesApi:
    return FilesApi()


@pytest.fixture
def upstream(files_api: FilesApi) -> Iterator[Upstream]:
    with Upstream(answer, aside=files_api) as server:
        yield server


def test_an_upload_is_named_while_it_goes_on(
    upstream: Upstream, files_api: FilesApi, open_notebook: Callable[..., OpenNotebook]
) -> None:
    files_api.pause = 3.0
    notebook = open_notebook(
        FUNCTIONS, f"%%stream gemini:test --base-url {upstream.gemini_url} -a film\nWhat happens?"
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.get_by_text("uploading video/mp4 (1.0 MB)").wait_for()
    notebook.screenshot("exploring-upload")
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    assert "uploading" not in output.inner_text()


def test_what_a_tool_gave_is_seen_before_the_model_goes_on(
    upstream: Upstream, open_notebook: Callable[..., OpenNotebook]
) -> None:
    line = f"openai:test --base-url {upstream.openai_url}"
    notebook = open_notebook(FUNCTIONS, f"%%stream {line} -T tables --yes\nA table for four")
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.get_by_text('→ ["table 7", "table 9"]').wait_for()
    assert "Take" not in output.inner_text()
    notebook.screenshot("exploring-tool-result")
    notebook.ended(1)


def test_fields_grow_side_by_side(upstream: Upstream, open_notebook: Callable[..., OpenNotebook]) -> None:
    models = f"-m openai:a -m openai:b --base-url {upstream.openai_url}"
    notebook = open_notebook(FUNCTIONS, f"%%stream {models} --schema City\nA city")
    notebook.run(0)
    notebook.run(1, wait=False)
    fields = notebook.output(1).locator(".snb-fields")
    fields.get_by_text("Lisbon").nth(1).wait_for()
    assert "Alfama" not in notebook.output(1).inner_text()
    notebook.screenshot("exploring-fields-side-by-side")
    notebook.ended(1)
