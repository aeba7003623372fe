"""An answer fits its schema whatever words and fences a model puts around the JSON."""

from __future__ import annotations

import json

import pytest
from pydantic import BaseModel

from streamnb.core.reply import Reply
from streamnb.streaming.schema import Schema


class City(BaseModel):
    name: str
    people: int


OSLO = City(name="Oslo", people=700_000)
JSON = '{"name": "Oslo", "people": 700000}'


@pytest.mark.parametrize(
    "text",
    [
        JSON,
        f"```json\n{JSON}\n```",
        f"```\n{JSON}\n```\n",
        f"Here it is:\n\n```json\n{JSON}\n```\n\nAsk me for more!",
        f"Sure! {JSON} Is that all?",
        f"As an example `{{}}`:\n```python\nprint(1)\n```\nand so\n```json\n{JSON}\n```\nfine.",
        f"  1. Result\n   ```json\n   {JSON}\n   ```",
        f"```json\n{JSON}",
        f'Not {{"name": "Bergen"}} but {JSON}, I think.',
        json.dumps(JSON),
        f'So: {JSON[:-1]}, "note": "two\nlines"}}',
        '{"name": "Oslo", "people":\n 700000}\n```',
    ],
)
def test_json_is_found_in_words_and_fences(text: str) -> None:
    assert Schema(City).check_reply(Reply(text)).get("parsed") == OSLO


def test_a_fence_inside_a_value_is_part_of_it() -> None:
    text = '{"name": "a\\n```py\\nx\\n```", "people": 1}'
    assert Schema(City).check_reply(Reply(text))["parsed"].name == "a\n```py\nx\n```"


def test_what_does_not_fit_names_the_field_also_in_words() -> None:
    result = Schema(City).check_reply(Reply('So: ```json\n{"name": "Oslo"}\n``` there.'))
    assert "people" in result["error"]


def test_an_answer_that_is_no_object_is_read_as_before() -> None:
    assert Schema(int).check_reply(Reply("42"))["parsed"] == 42
    assert Schema(list[int]).check_reply(Reply("[1, 2]"))["parsed"] == [1, 2]
