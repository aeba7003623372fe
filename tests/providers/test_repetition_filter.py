"""Text and calls that servers send again, or grow with each delta, are said once; nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb.core.tool_calls import parse_arguments
from streamnb.providers.repetition_filter import RepetitionFilter
from tests.providers.test_neighbours import DONE, answer, candidate, delta, end, text

WHOLE = "The sky is blue because of air."
PIECES = [WHOLE[at : at + 5] for at in range(0, len(WHOLE), 5)]
GROWING = [WHOLE[: at + 5] for at in range(0, len(WHOLE), 5)]


def put_together(pieces: list[str], *, is_last: bool = False) -> str:
    text_filter = RepetitionFilter()
    return (
        "".join(text_filter.feed(piece, is_last=is_last and piece is pieces[-1]) for piece in pieces)
        + text_filter.close()
    )


def message(content: Any, mark: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": {"content": content}, "finish_reason": mark}]}


@pytest.mark.parametrize(
    ("dialect", "chunks"),
    [
        ("chat", [*(delta(content=piece) for piece in GROWING), end()]),
        ("chat", [*(delta(content=piece) for piece in GROWING), delta(content=WHOLE), end()]),
        (
            "chat",
            [
                *(delta(content=piece) for piece in PIECES),
                {"choices": [{"delta": {"content": WHOLE}, "finish_reason": "stop"}]},
            ],
        ),
        ("chat", [*(delta(content=piece) for piece in PIECES[:-1]), message(WHOLE)]),
        ("chat", [*(delta(content=piece) for piece in PIECES), message([{"type": "text", "text": WHOLE}])]),
        (
            "chat",
            [
                *(message(whole, None) | {} for whole in GROWING[:1]),
                *(
                    {"choices": [{"delta": {"content": piece}, "message": {"content": whole}}]}
                    for piece, whole in zip(PIECES[1:], GROWING[1:], strict=True)
                ),
                end(),
            ],
        ),
        ("gemini", [*(candidate({"text": piece}) for piece in GROWING), candidate(finishReason="STOP")]),
        (
            "gemini",
            [
                *(candidate({"text": piece}) for piece in PIECES),
                candidate({"text": WHOLE}, finishReason="STOP"),
            ],
        ),
        ("responses", [*map(text, GROWING), DONE]),
        (
            "responses",
            [
                *map(text, GROWING[:2]),
                {"type": "response.output_text.done", "text": GROWING[1]}
                | {"output_index": 0, "content_index": 0},
                text(WHOLE[10:]),
                DONE,
            ],
        ),
    ],
)
def test_a_text_that_grows_with_each_delta_or_comes_once_more_is_said_once(
    dialect: str, chunks: list[Any]
) -> None:
    reply = answer(dialect, *chunks)
    assert (reply.text, reply.state) == (WHOLE, "complete")


@pytest.mark.parametrize(
    "field", ["reasoning_content", "reasoning", lambda text: [{"type": "reasoning.text", "text": text}]]
)
def test_reasoning_that_grows_is_said_once(field: Any) -> None:
    name, value = (field, str) if isinstance(field, str) else ("reasoning_details", field)
    reply = answer("chat", *(delta(**{name: value(piece)}) for piece in GROWING), delta(content="Hi"), end())
    assert (reply.reasoning, reply.text) == (WHOLE, "Hi")


@pytest.mark.parametrize(
    "pieces",
    [
        ["ha", "haha", "!"],
        ["ha", "haha"],
        ["1", "10", "100", " in binary"],
        [" ", "  ", "    ", "        x"],
        ["=", "==", "===", "===="],
        ["no ", "no ", "no "],
        ["I will not be late.\n"] * 5,
        ["x", "xy", "xyz", "q"],
        ["", "a", "", "b"],
        [],
    ],
)
@pytest.mark.parametrize("is_last", [False, True])
def test_pieces_that_are_alike_by_chance_stay(pieces: list[str], is_last: bool) -> None:
    assert put_together(pieces, is_last=is_last) == "".join(pieces)


def test_what_may_be_a_repetition_waits_for_one_piece_and_no_longer() -> None:
    text_filter = RepetitionFilter()
    assert [text_filter.feed(piece) for piece in ("ha", "haha", " so")] == ["ha", "", "haha so"]


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        (['{"ci', '{"city": "Os', '{"city": "Oslo"}'], {"city": "Oslo"}),
        (["{}", '{"city": ', '"Oslo"}'], {"city": "Oslo"}),
        (['{"a": ', '{"a": 1}', "}"], {"a": {"a": 1}}),
        (['{"a": 1}', '{"b": 2}'], '{"a": 1}{"b": 2}'),
        (["{" * 3_000], "{" * 3_000),
    ],
)
def test_arguments_that_grow_or_begin_empty_are_what_they_became(pieces: list[str], arguments: Any) -> None:
    assert parse_arguments("".join(pieces)) == arguments
