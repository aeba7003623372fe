"""``%stream chats show NAME``: a conversation as a bundle."""

from __future__ import annotations

import pytest

from streamnb.core.content import Blob, Link, Part, Text, ToolCallPart, ToolResultPart, Turn
from streamnb.core.conversation import CellRunId, Chat, ChatExchange
from streamnb.render import conversation
from tests.render.test_snapshot import harmless
from tests.test_every_sink import CONTROLS, HTML

PNG = Blob("image/png", b"x" * 1_234, "plot.png")


def entry(prompt: str, answer: str, *attached: Part, state: str = "complete") -> ChatExchange:
    turns = (Turn("user", (Text(prompt), *attached)), Turn("assistant", (Text(answer),)))
    return ChatExchange(CellRunId("a"), turns, "openai:test", state)  # type: ignore[arg-type]


def with_tools() -> ChatExchange:
    turns = (
        Turn("user", (Text("How warm?"),)),
        Turn("assistant", (ToolCallPart("1", "temperature", '{"city": "Oslo"}'),)),
        Turn("tool", (ToolResultPart("1", "temperature", "19"),)),
        Turn("assistant", (Text("It has *19* degrees."),)),
    )
    return ChatExchange(CellRunId("b"), turns, "gemini:other", "complete")


def data(*entries: ChatExchange, superseded: tuple[ChatExchange, ...] = ()) -> dict[str, str]:
    return conversation.bundle(Chat("talk", list(entries), list(superseded))).data


def test_answers_are_rendered_and_prompts_stay_as_they_were_typed() -> None:
    formats = data(entry("is *this* <b>bold</b>?", "yes, **this** is $x^2$\n\n```python\nx = 1\n```"))
    assert "is *this* &lt;b&gt;bold&lt;/b&gt;?" in formats["text/html"]
    assert "<strong>this</strong>" in formats["text/html"]
    assert "<math" in formats["text/html"] or "x^2" in formats["text/html"]
    assert formats["text/html"].index("you") < formats["text/html"].index("openai:test")
    assert "<b>bold" not in formats["text/html"]
    assert "**this**" in formats["text/markdown"]
    assert "[you]\nis *this* <b>bold</b>?" in formats["text/plain"]


def test_a_tool_stands_with_what_it_gave_and_an_attachment_is_named() -> None:
    formats = data(entry("see", "yes", PNG, Link("https://example.org/a.pdf")), with_tools())
    assert "plot.png, 1,234 bytes" in formats["text/html"]
    assert "https://example.org/a.pdf" in formats["text/html"]
    assert "1 tool call" in formats["text/html"]
    assert "temperature(city=&quot;Oslo&quot;)\n→ 19" in formats["text/html"]
    assert "[plot.png, 1,234 bytes]" in formats["text/plain"]
    assert 'asks for temperature(city="Oslo")\n→ 19' in formats["text/plain"]
    assert "tools" not in formats["text/plain"]


def test_what_was_set_aside_or_broke_off_says_so() -> None:
    text = data(entry("a", "b", state="lost"), superseded=(entry("c", "d"),))["text/plain"]
    assert "[openai:test · lost]\nb" in text
    assert "[you · set aside]\nc" in text


def test_a_long_conversation_shows_its_end_and_says_that_its_beginning_is_not_shown() -> None:
    many = data(*(entry(f"prompt {number}", "x") for number in range(80)))["text/plain"]
    assert "its beginning is not shown: %stream chats save talk FILE keeps it all" in many
    assert "prompt 79" in many
    assert "prompt 29\n" not in many
    large = data(*(entry(f"p{number}", "word " * 30_000) for number in range(60)))
    assert len(large["text/html"]) < 1_300_000
    assert "p59" in large["text/html"]
    assert "(150,000 characters)" in large["text/html"]


def test_a_hostile_answer_is_harmless_everywhere() -> None:
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) ![y](https://tracker.example/p.png) \x1b[2J"
    formats = data(
        ChatExchange(CellRunId(), entry(evil, evil).turns, "<img src=x onerror=alert(1)>", "complete")
    )
    for text in ("<script", 'javascript:alert(1)"', "<img src", ' src="https://tracker'):
        assert text not in formats["text/html"]
    assert "\x1b" not in formats["text/plain"]


def test_an_empty_conversation_says_so() -> None:
    assert data()["text/plain"] == "[the conversation talk has no turns yet]"


@pytest.mark.parametrize("evil", [HTML, CONTROLS, "half a pair \ud83d", "`" * 40, "x" * 100_000])
def test_a_conversation_out_of_a_stranger_s_file_is_harmless(evil: str) -> None:
    turns = (
        Turn("user", (Text(evil), Blob(evil, b"x", evil), Link(evil))),
        Turn("assistant", (Text(evil), ToolCallPart(evil, evil, evil), ToolCallPart("b", evil, '{"a": 1}'))),
        Turn("tool", (ToolResultPart("b", evil, evil),)),
    )
    chat = Chat(evil, [ChatExchange(CellRunId(), turns, evil, "complete")])
    formats = conversation.bundle(chat).data
    harmless(formats["text/html"])
    for text in formats.values():
        text.encode()
    assert not [letter for letter in formats["text/plain"] if letter < " " and letter not in "\n\t"]
