"""The server of the lessons: the SDKs' own calls work with it, and it keeps what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google import genai
from openai import NotFoundError, OpenAI

from streamnb import stream
from streamnb.lesson_server import LessonServer
from streamnb.providers.demo import answer_for
from streamnb.storage.xray import inspect

HAIKU = "".join(frame.text for frame in inspect(answer_for("haiku", "")).entries)


@pytest.fixture
def server() -> Iterator[LessonServer]:
    with LessonServer(speed=0) as running:
        yield running


@pytest.mark.parametrize("model", ["openai:demo:haiku", "gemini:demo-haiku"])
@pytest.mark.parametrize("sync", [False, True])
def test_a_stream_comes_through_with_its_end_and_its_usage(
    server: LessonServer, model: str, sync: bool
) -> None:
    url = server.url if model.startswith("gemini") else server.openai_url
    reply = stream("Hello", model=model, base_url=url, sync=sync, display=False)
    assert (reply.text, reply.state) == (HAIKU, "complete")
    assert reply.usage.output_tokens == 44
    assert len(server.requests) == 1


def test_the_sdks_read_a_whole_answer_too(server: LessonServer) -> None:
    with OpenAI(base_url=server.openai_url, api_key="none") as client:
        said = client.chat.completions.create(model="demo", messages=[{"role": "user", "content": "a haiku"}])
    assert said.choices[0].message.content == HAIKU
    gemini = genai.Client(api_key="none", http_options={"base_url": server.url})
    assert gemini.models.generate_content(model="demo", contents="a haiku").text == HAIKU
    gemini.close()


def test_a_path_that_it_does_not_know_is_not_found(server: LessonServer) -> None:
    client = OpenAI(base_url=server.openai_url, api_key="none", max_retries=0)
    with client, pytest.raises(NotFoundError):
        client.responses.create(model="demo", input="Hello")
