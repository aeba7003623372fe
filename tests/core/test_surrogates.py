"""However an emoji is cut in two, the text has it whole; a half that stays alone hurts nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import Citation, Event, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta
from streamnb.core.surrogate_joiner import SurrogateJoiner


def units(text: str) -> list[str]:
    """Cut a text into UTF-16 code units, as JSON escapes name them."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return [raw[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(raw), 2)]


def joined(pieces: list[str]) -> str:
    halves = SurrogateJoiner()
    events = [event for piece in pieces for event in halves.feed([TextDelta(piece)])]
    return "".join(event.text for event in [*events, *halves.close()] if isinstance(event, TextDelta))


@given(st.text())
def test_a_text_cut_into_single_code_units_is_whole_again(text: str) -> None:
    assert joined(units(text)) == text


@given(st.lists(st.text(st.characters(categories=("Cs", "L")), max_size=3)))
def test_whatever_halves_come_the_result_can_be_written_to_a_file(pieces: list[str]) -> None:
    whole = "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert joined(pieces) == whole
    whole.encode()


def test_text_and_reasoning_keep_their_halves_apart() -> None:
    halves = SurrogateJoiner()
    first = halves.feed([TextDelta("a\ud83d"), ReasoningDelta("b\ud83d")])
    second = halves.feed([ReasoningDelta("\ude01"), TextDelta("\ude00")])
    assert first == [TextDelta("a"), ReasoningDelta("b")]
    assert second == [ReasoningDelta("\U0001f601"), TextDelta("\U0001f600")]


def test_events_without_halves_pass_as_they_are() -> None:
    events: list[Event] = [TextDelta("a"), ToolCallDelta(0, None, None, "{}")]
    assert SurrogateJoiner().feed(events) is events


def test_every_text_of_every_event_is_free_of_halves() -> None:
    joiner = SurrogateJoiner()
    events: list[Event] = [
        ToolCallDelta(0, "i\ud83d", "n\ude00", '{"a": "\ud83d'),
        Citation("t\ud83d", "u"),
        StepDelta(0, "s\ud83d", "x", "\ud83d"),
        ToolCallDelta(0, None, None, '\ude00"}'),
    ]
    mended = joiner.feed(events) + joiner.close()
    repr(mended).encode()
    arguments = [event.arguments for event in mended if isinstance(event, ToolCallDelta)]
    assert "".join(arguments) == '{"a": "\U0001f600"}'
    assert Citation("t\ufffd", "u") in mended
    assert StepDelta(0, None, "", "\ufffd") in mended
