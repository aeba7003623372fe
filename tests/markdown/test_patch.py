"""Patches are small and say exactly what changed."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from streamnb.markdown import LiveMarkdown, Patch, render
from streamnb.markdown.patch import AppendBuffer, ShownState, common_prefix_length
from tests.markdown.receiver import Receiver

LETTERS = st.text("ab<", max_size=12)


@given(LETTERS, LETTERS)
def test_the_common_start_is_as_long_as_it_can_be(one: str, other: str) -> None:
    length = common_prefix_length(one, other)
    assert one[:length] == other[:length]
    assert one[length : length + 1] != other[length : length + 1] or length == len(one) == len(other)


@given(st.lists(LETTERS, max_size=5), st.integers(0, 40))
def test_the_end_of_a_rope_is_found_from_any_place(pieces: list[str], start: int) -> None:
    rope = AppendBuffer()
    for piece in pieces:
        rope.append(piece)
    whole = "".join(pieces)
    assert rope.length == len(whole)
    assert rope.text_after(min(start, len(whole))) == whole[start:]


@given(st.lists(st.tuples(st.lists(LETTERS, max_size=2), LETTERS, st.booleans(), LETTERS), max_size=6))
def test_whatever_is_shown_next_a_patch_leads_there(
    frames: list[tuple[list[str], str, bool, str]],
) -> None:
    state, receiver, segments, rope = ShownState(), Receiver(), list[str](), AppendBuffer()
    for seal, more, same_rope, end in frames:
        if same_rope and not seal:
            rope.append(more)
        else:
            rope = AppendBuffer(more)
        fix = {0: "fixed"} if segments else {}
        receiver.apply(state.show(seal, fix, rope, end))
        segments = [fix.get(index, html) for index, html in enumerate(segments)] + seal
        assert receiver.html == state.html == "".join(segments) + str(rope) + end


def test_a_patch_without_news_is_short() -> None:
    assert Patch(keep=7).to_json() == {"seal": [], "keep": 7, "tail": ""}


def test_a_patch_is_json_and_its_indexes_are_strings() -> None:
    wire = json.loads(json.dumps(Patch(["<p>😀</p>"], 3, {4: "<p>"}, 0, "x").to_json()))
    assert wire == {"seal": ["<p>😀</p>"], "take": 3, "fix": {"4": "<p>"}, "keep": 0, "tail": "x"}


def test_characters_are_counted_as_code_points() -> None:
    state = ShownState()
    state.show([], {}, AppendBuffer(), "😀😀a")
    assert state.show([], {}, AppendBuffer(), "😀😀b").keep == 2


def test_a_definition_that_is_finished_sends_only_what_is_new_below_the_text() -> None:
    live, receiver = LiveMarkdown(), Receiver()
    text = "one[^1] two[^2] three[^3]\n\n" + "".join(f"[^{n}]: a note of some words\n\n" for n in (1, 2, 3))
    sent = 0
    for start in range(0, len(text), 7):
        patch = live.feed(text[start : start + 7])
        receiver.apply(patch)
        sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
    receiver.apply(live.close())
    assert receiver.html == live.html == render(text)
    assert sent < 3 * len(live.html)
