"""What was sent is in the footer's fold: each value, each attachment, small and without keys."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image as Picture

from streamnb import stream
from streamnb.core.content import Blob, Text
from streamnb.core.reply import Reply
from streamnb.core.sent_items import MAX_PICTURE_BYTES, MAX_TEXT_CHARACTERS, make_sent_item, picture_size
from streamnb.render import snapshot
from streamnb.render.panels import MAX_UNFOLDED_LINES
from streamnb.request.options import Options
from streamnb.request.template import render_prompt
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import run_plan
from streamnb.views.base import NoView


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Picture.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def answer(text: str, **names: object) -> Reply:
    prompt = render_prompt(text, names)
    options = Options(models=("demo:haiku",), speed=0, prompt_details=prompt.details, sent=prompt.sent)
    return run_plan(make_plan(list(prompt.parts), options), NoView())


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg", "webp"])
def test_the_size_of_a_picture_stands_in_its_head(kind: str) -> None:
    assert picture_size(picture(kind)) == (40, 30)
    assert picture_size(picture(kind)[:9]) is None


def test_a_lossless_webp_has_its_size_elsewhere() -> None:
    file = io.BytesIO()
    Picture.new("RGBA", (40, 30)).save(file, "webp", lossless=True)
    assert picture_size(file.getvalue()) == (40, 30)


def test_what_stood_in_the_place_of_a_name_can_be_read() -> None:
    text = "\n".join(f"line {number} <b>" for number in range(200))
    html = snapshot.bundle(answer("Sum up {{ words }}", words=text)).data["text/html"]
    assert "{{ words }} → " in html
    visible, _, folded = html.partition("line 0 &lt;b&gt;")[2].partition("<details>")
    assert "line 20 &lt;b&gt;" in visible
    assert visible.count("\n") <= MAX_UNFOLDED_LINES  # a long list of short lines hides no fold below it
    assert "more characters</summary>" in folded
    assert "line 199 &lt;b&gt;" in folded
    assert ">Details</span></summary>" in html


def test_a_small_picture_is_shown_and_a_large_one_is_measured(tmp_path: Path) -> None:
    reply = answer("See {{ small }}", small=picture("png"))
    (item,) = reply.sent
    assert item.about.endswith("bytes, 40 × 30 pixels")
    assert (item.mime_type, item.data) == ("image/png", picture("png"))
    assert '<img class="snb-sent-picture"' in snapshot.bundle(reply).data["text/html"]
    large = make_sent_item("x", (Blob("image/png", b"\0" * (MAX_PICTURE_BYTES + 1)),))
    assert not large.data


def test_what_is_attached_is_listed_once(tmp_path: Path) -> None:
    file = tmp_path / "cloud.png"
    file.write_bytes(picture("png"))
    reply = stream(["Look at ", file], model="demo:haiku", speed=0, display=False)
    assert reply.details[0].startswith("attached: cloud.png, image/png, ")
    assert reply.sent[0].about == reply.details[0]
    reply = answer("See {{ small }}", small=picture("png"))
    assert not any(detail.startswith("attached") for detail in reply.details)


def test_what_is_attached_beside_its_name_is_listed_as_often_as_it_is_sent() -> None:
    prompt = render_prompt("See {{ small }}", {"small": picture("png")})
    parts = (Blob("image/png", picture("png")), Blob("image/png", picture("png")[:-1] + b"!"))
    options = Options(
        models=("demo:haiku",), speed=0, prompt_details=prompt.details, sent=prompt.sent, attach=parts
    )
    reply = run_plan(make_plan(list(prompt.parts), options), NoView())
    assert [item.about.split()[0] for item in reply.sent] == ["{{", "attached:", "attached:"]


def test_no_key_is_saved_with_what_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SERVICE_API_KEY", "canary-0123456789-abcdef")
    reply = answer("Use {{ settings }}", settings="the key is canary-0123456789-abcdef, and a word")
    assert "canary" not in snapshot.bundle(reply).data["text/html"]
    assert "and a word" in reply.sent[0].text


def test_a_long_text_is_cut_and_says_so() -> None:
    item = make_sent_item("x", (Text("a" * (MAX_TEXT_CHARACTERS + 5)),))
    assert (len(item.text), item.length) == (MAX_TEXT_CHARACTERS, MAX_TEXT_CHARACTERS + 5)
    html = snapshot.bundle(Reply("a", details=["x"], sent=[item])).data["text/html"]
    assert "(5 more characters were sent)" in html


def test_an_attached_text_begins_a_paragraph_of_its_own(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Notes", encoding="utf-8")
    for prompt, expected in (
        ("Sum up", "Sum up\n\n# Notes"),
        ("Sum up\n", "Sum up\n\n# Notes"),
        ("", "# Notes"),
    ):
        options = Options(models=("demo:haiku",), attach=(notes,))
        assert make_plan(prompt, options).request.turns[-1].parts == (Text(expected),)
