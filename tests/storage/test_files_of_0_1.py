"""What version 0.1 wrote is read by every later one: recordings, a cassette, a conversation, an output."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from streamnb import Reply, stream
from streamnb.core import conversation
from streamnb.core.content import Text
from streamnb.render import snapshot
from streamnb.request.options import Options
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import run_plan
from streamnb.views.base import NoView

FILES = Path(__file__).with_name("files_of_0_1")
TEXT = "A file of **today** is read tomorrow.\n\n```python\nprint(1)\n```\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def weather(city: str) -> str:
    """The weather of a city."""
    return f"sun in {city}"


class Colour(BaseModel):
    name: str
    warm: bool = False


QUESTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full": {
        "system": "Be brief.",
        "temperature": 0.5,
        "max_tokens": 50,
        "options": {"seed": 7},
        "attach": (PICTURE,),
    },
    "tools": {"tools": (weather,), "approve": True},
    "schema": {"schema": Colour},
}


@pytest.mark.parametrize("provider", ["openai", "openai-responses", "gemini"])
def test_a_recording_plays_the_same_answer(provider: str) -> None:
    reply = stream("", replay=FILES / f"recording-{provider}.jsonl", speed=0, display=False)
    assert (reply.text, reply.state, reply.model) == (TEXT, "complete", f"{provider}:m")
    assert reply.usage.output_tokens is not None


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_cassette_answers_the_same_question_without_a_request(question: str, tmp_path: Path) -> None:
    shutil.copytree(FILES / "cassette", tmp_path / "cassette")
    options = Options(models=("openai:m",), cassette=tmp_path / "cassette", speed=0, **QUESTIONS[question])
    plan_ = make_plan(f"prompt {question}", options)
    assert plan_.origin is not None
    assert run_plan(plan_, NoView()).text.strip()
    assert len(list((tmp_path / "cassette").iterdir())) == 4


def test_another_question_is_not_on_the_cassette() -> None:
    with pytest.raises(ValueError, match="OPENAI_API_KEY"):
        make_plan("prompt new", Options(models=("openai:m",), cassette=FILES / "cassette"), environ={})


def test_a_conversation_goes_on() -> None:
    chat = conversation.load(FILES / "conversation.json")
    assert (chat.name, len(chat.entries), chat.superseded) == ("talk", 2, [])
    last = chat.entries[-1]
    assert [turn.parts for turn in last.turns] == [(Text("turn 1"),), (Text(TEXT),)]
    assert (last.model, last.state) == ("openai:m", "complete")


def test_an_output_of_a_notebook_has_the_metadata_and_classes_that_are_made_today() -> None:
    old = json.loads((FILES / "bundle.json").read_text("utf-8"))
    new = snapshot.bundle(Reply(TEXT, model="openai:m"))
    assert old["metadata"]["streamnb"].keys() <= new.metadata["streamnb"].keys()
    assert old["data"].keys() <= new.data.keys()
    classes = r"\bsnb-(?:answer|pre|code|footer)\b"
    assert set(re.findall(classes, old["data"]["text/html"])) == set(
        re.findall(classes, new.data["text/html"])
    )
