"""Which numbers of choices make one answer, and which are other answers beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.test_neighbours import answer

THOUGHT, TEXT = "reasoning_content", "content"


def chat(*pieces: tuple[Any, str, str | None], mark: str = "") -> Any:
    """Read pieces of chat completions, each with its number, its field and its text; the last may end."""
    chunks: list[Any] = []
    for number, field, piece in pieces:
        fields = {field: piece} if field in (THOUGHT, TEXT) else {}
        chunks.append({"choices": [{"index": number, "delta": fields, "finish_reason": None}]})
        if field == "stop":
            chunks[-1]["choices"][0]["finish_reason"] = "stop"
    return answer("chat", *chunks)


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, TEXT, "a"), (10, TEXT, "b"), (20, TEXT, "c"), (35, TEXT, "d"), (40, "stop", None)],
        [(5, TEXT, "a"), (4, TEXT, "b"), (3, TEXT, "c"), (2, TEXT, "d"), (1, "stop", None)],
        [(0, "role", None), (1, TEXT, "ab"), (2, TEXT, "cd"), (3, "stop", None)],
        [(0, TEXT, "ab"), (0, TEXT, "cd"), (1, "stop", None)],
        [(0, TEXT, "ab"), (0, TEXT, "cd"), (-1, "stop", None)],
        [(0.0, TEXT, "ab"), (0.0, TEXT, "cd"), (0.0, "stop", None)],
        [(2, TEXT, "abcd"), (2, "stop", None)],
        [(0, TEXT, "ab"), (0, TEXT, "c"), (1, TEXT, "d"), (1, "stop", None)],
        [("x", TEXT, "abcd"), (float("nan"), "stop", None)],
    ],
)
def test_a_lone_answer_is_whole_whatever_numbers_its_pieces_have(pieces: Any) -> None:
    reply = chat(*pieces)
    assert (reply.text, reply.state) == ("abcd", "complete")


def test_reasoning_text_and_calls_with_numbers_of_their_own_are_one_answer() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    reply = answer(
        "chat",
        *({"choices": [{"index": 0, "delta": {THOUGHT: piece}}]} for piece in ("H", "m.")),
        *({"choices": [{"index": 1, "delta": {TEXT: piece}}]} for piece in ("O", "k")),
        {"choices": [{"index": 2, "delta": {"tool_calls": [call]}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    )
    assert (reply.reasoning, reply.text, reply.state) == ("Hm.", "Ok", "complete")
    assert [made.name for made in reply.tool_calls] == ["f"]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("kind", [int, float, str])
def test_of_two_answers_number_0_is_the_answer_whichever_comes_first(first: int, kind: Any) -> None:
    pairs = [[(0, TEXT, "a"), (1, TEXT, "x")], [(0, TEXT, "b"), (1, TEXT, "y")]]
    pieces = [(kind(number), field, text) for pair in pairs for number, field, text in pair[:: 1 - 2 * first]]
    reply = chat(*pieces, (kind(0), "stop", None), (kind(1), "stop", None))
    assert (reply.text, reply.state) == ("ab", "complete")
