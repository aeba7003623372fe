"""Live Markdown is exact: after every piece it shows what one render of the text so far shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.normalize import normalize
from streamnb.markdown.parser import new_parser
from tests.markdown.receiver import Receiver, at_every_cut
from tests.support import shared

FIXTURES = sorted((Path(__file__).parent / "fixtures" / "live").glob("*.md"))
SPECIFICATIONS = ["commonmark-0.31.2", "gfm-0.29", "gfm-extensions"]


@pytest.fixture(scope="module")
def once() -> Callable[[str], str]:
    """``render``, with one parser for all."""
    parser = new_parser()
    return lambda text: str(parser.render(normalize(text)))


def examples(name: str) -> Iterator[str]:
    for example in json.loads(shared(f"spec/{name}.json").read_text("utf-8")):
        yield example["markdown"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_every_prefix_of_a_text_looks_as_if_rendered_at_once(path: Path, once: Callable[[str], str]) -> None:
    text = path.read_text("utf-8")
    at_every_cut(text, list(range(len(text))), once)


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_some_examples_of_the_specifications_are_exact_at_every_character(
    name: str, once: Callable[[str], str]
) -> None:
    for text in list(examples(name))[::12]:
        at_every_cut(text, list(range(len(text))), once)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_all_examples_of_the_specifications_are_exact_at_every_character(
    name: str, once: Callable[[str], str]
) -> None:
    for text in examples(name):
        at_every_cut(text, list(range(len(text))), once)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
@pytest.mark.parametrize("size", [1, 28])
def test_no_trace_of_the_repair_is_left_after_the_close(path: Path, size: int) -> None:
    text = path.read_text("utf-8")
    live, receiver = LiveMarkdown(), Receiver()
    for start in range(0, len(text), size):
        receiver.apply(live.feed(text[start : start + size]))
        assert receiver.html == live.html
    receiver.apply(live.close())
    assert receiver.html == live.html == render(text)


def test_a_definition_below_turns_the_brackets_above_into_a_link() -> None:
    live, receiver = LiveMarkdown(repair=False), Receiver()
    receiver.apply(live.feed("See [here].\n\nMore.\n\n"))
    assert "<a" not in receiver.html
    patch = live.feed("[here]: https://example.org\n")
    receiver.apply(patch)
    assert list(patch.fix) == [0]
    assert 'href="https://example.org"' in receiver.html


def test_the_first_of_two_definitions_counts_wherever_they_stand() -> None:
    live = LiveMarkdown(repair=False)
    for piece in ("[a]\n\n", "[a]: /one\n\n", "[a]: /two\n\n[a]\n\n"):
        live.feed(piece)
    assert live.html.count('href="/one"') == 2
    assert "/two" not in live.html


def test_footnotes_are_numbered_through_all_segments() -> None:
    live, receiver = LiveMarkdown(repair=False), Receiver()
    text = "One.[^b]\n\nTwo.[^a]\n\nThree.[^b]\n\n[^a]: A.\n\n[^b]: B.\n\nEnd.\n"
    for character in text:
        receiver.apply(live.feed(character))
    assert receiver.html == render(text)
    assert receiver.html.index("<p>B.") < receiver.html.index("<p>A.")


def test_a_footnote_defined_early_is_shown_below_what_grows() -> None:
    live = LiveMarkdown()
    live.feed("[^1]: the note\n\nWords[^1]")
    live.feed(" and more, with *")
    assert live.html.endswith("</ol>\n</section>\n")


def test_many_footnotes_defined_early_wait_for_the_end_of_the_text_above_them() -> None:
    notes = "".join(f"[^{number}]: the note with the number {number}\n" for number in range(20))
    text = (
        notes + "\n" + "".join(f"Words with a note[^{number}] and more of them.\n\n" for number in range(20))
    )
    live, sent = LiveMarkdown(), 0
    for start in range(0, len(text), 10):
        sent += len(json.dumps(live.feed(text[start : start + 10]).to_json()))
    assert "snb-notes" not in live.html
    live.close()
    assert live.html == render(text)
    assert sent < 4 * len(live.html)


def test_footnotes_defined_at_the_end_are_shown_while_they_are_written_and_each_is_sent_once() -> None:
    text = "".join(f"Words with a note[^{number}] and more.\n\n" for number in range(30))
    live = LiveMarkdown()
    live.feed(text)
    for number in range(30):
        patch = live.feed(f"[^{number}]: the note with ")
        assert "the note with" in live.html.rpartition("<li")[2]
        assert len(patch.tail) < 700
        live.feed(f"the number {number}\n")
    live.close()
    assert live.html == render(text + "".join(f"[^{n}]: the note with the number {n}\n" for n in range(30)))


@pytest.mark.parametrize(
    "text", ["a\r\nb\r\n\r\nc", "a\rb\r\rc", "- a\r\n\r\n  b\r\n", "a\0b\n\n\0", "\r\n\r\n"]
)
def test_line_ends_and_nul_may_be_cut_anywhere(text: str) -> None:
    for cut in range(len(text) + 1):
        at_every_cut(text, [cut], render)


def test_a_surrogate_half_waits_for_the_other() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("a\ud83d")
    assert live.html == "<p>a</p>\n"
    live.feed("\ude00b")
    assert live.html == "<p>a😀b</p>\n"


def test_a_surrogate_half_that_stays_alone_becomes_a_replacement_character() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("a\ud83d")
    live.close()
    assert live.html == render("a\ud83d") == "<p>a\ufffd</p>\n"


def test_nothing_fed_is_nothing_shown() -> None:
    live = LiveMarkdown()
    assert live.html == ""
    assert live.feed("").to_json() == {"seal": [], "keep": 0, "tail": ""}
    assert live.close().to_json() == {"seal": [], "keep": 0, "tail": ""}
    assert live.html == render("") == ""


def test_a_frame_sends_what_is_new_and_not_what_is_shown() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("A paragraph of some length that is shown already ")
    patch = live.feed("and goes on")
    assert patch.tail == "and goes on</p>\n" or patch.tail == " and goes on</p>\n"
    assert patch.keep > 40


def test_a_sealed_segment_takes_what_was_shown_of_it() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("A paragraph of some length that is shown already.")
    patch = live.feed("\n\nNext")
    assert patch.take > 40
    assert list(patch.seal) in ([""], ["</p>\n"])


def test_two_texts_that_grow_at_the_same_time_do_not_mix() -> None:
    one, other = LiveMarkdown(repair=False), LiveMarkdown(repair=False)
    for piece in ("[a] text[^1]\n\n", "[a]: /x\n\n", "[^1]: n\n"):
        one.feed(piece)
        other.feed("[a] plain[^1]\n\n")
    assert "<a" not in other.html
    assert 'href="/x"' in one.html


def test_the_options_of_render_hold_for_the_live_text() -> None:
    text = "$x^2$ and ![a](https://example.org/a.png)\n"
    live = LiveMarkdown(images="always", maths="tex")
    live.feed(text)
    live.close()
    assert live.html == render(text, images="always", maths="tex")
    assert live.html != render(text)
